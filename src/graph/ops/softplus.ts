import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { mul } from './mul.ts';
import { sigmoid } from './sigmoid.ts';

/** `log(1 + e^x)`, without overflow: it is x for large x. The logistic loss of a margin m is `softplus(-m)`. */
export const op = unary({
  name: 'softplus',
  onnx: 'Softplus',
  fill: 'normal',
  value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gradient: (y, upstream) => mul(upstream, sigmoid(y.inputs[0])),
});

export const softplus = (x: Node): Node => applyPlain(op, x);
