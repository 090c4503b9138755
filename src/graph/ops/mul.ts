import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** `a * b`, broadcasting. */
export const op = binary({
  name: 'mul',
  onnx: 'Mul',
  value: (a, b) => a * b,
  gradient: (a, b, upstream) => [mul(upstream, b), mul(upstream, a)],
});

export const mul = (a: Node, b: Node): Node => applyPlain(op, a, b);
