import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { mul } from './mul.ts';

/** `e^x`. */
export const op = unary({
  name: 'exp',
  onnx: 'Exp',
  fill: 'normal',
  value: Math.exp,
  gradient: (y, upstream) => mul(upstream, y),
});

export const exp = (x: Node): Node => applyPlain(op, x);
