import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** Either, broadcasting. No gradient. */
export const op = binary({
  name: 'or',
  onnx: 'Or',
  gives: 'bool',
  takes: ['bool'],
  value: (a, b) => (a || b ? 1 : 0),
  gradient: () => [null, null],
});

export const or = (a: Node, b: Node): Node => applyPlain(op, a, b);
