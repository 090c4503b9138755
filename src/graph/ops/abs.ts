import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { mul } from './mul.ts';
import { sign } from './sign.ts';

/** `|x|`. The gradient at 0 is 0. */
export const op = unary({
  name: 'abs',
  onnx: 'Abs',
  fill: 'distinct',
  value: Math.abs,
  gradient: (y, upstream) => mul(upstream, sign(y.inputs[0])),
});

export const abs = (x: Node): Node => applyPlain(op, x);
