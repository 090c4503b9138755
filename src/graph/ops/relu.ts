import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { mul } from './mul.ts';
import { sign } from './sign.ts';

/** `max(0, x)`. The gradient at 0 is 0. Its mask is `sign(y)`, because a product is several times cheaper than a selection. */
export const op = unary({
  name: 'relu',
  onnx: 'Relu',
  fill: 'distinct',
  value: (x) => Math.max(0, x),
  gradient: (y, upstream) => mul(upstream, sign(y)),
});

export const relu = (x: Node): Node => applyPlain(op, x);
