import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { neg } from './neg.ts';

/** `a - b`, broadcasting. */
export const op = binary({
  name: 'sub',
  onnx: 'Sub',
  value: (a, b) => a - b,
  gradient: (_a, _b, upstream) => [upstream, neg(upstream)],
});

export const sub = (a: Node, b: Node): Node => applyPlain(op, a, b);
