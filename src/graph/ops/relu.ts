import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { mul } from './mul.ts';
import { positive } from './positive.ts';

/** `max(0, x)`. The gradient at 0 is 0. Its mask is a product, because that is several times cheaper than a selection. */
export const op = unary({
  name: 'relu',
  onnx: 'Relu',
  fill: 'distinct',
  value: (x) => Math.max(0, x),
  gradient: (y, upstream) => mul(upstream, positive(y)),
});

export const relu = (x: Node): Node => applyPlain(op, x);
