import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { zeros } from './constant.ts';
import { greater } from './greater.ts';
import { where } from './where.ts';

/** The larger of two values, broadcasting. On a tie the gradient goes to `a`. */
export const op = binary({
  name: 'maximum',
  onnx: 'Max',
  fills: ['distinct', 'normal'],
  value: (a, b) => Math.max(a, b),
  gradient: (a, b, upstream) => [where(greater(b, a), zeros([]), upstream), where(greater(b, a), upstream, zeros([]))],
});

export const maximum = (a: Node, b: Node): Node => applyPlain(op, a, b);
