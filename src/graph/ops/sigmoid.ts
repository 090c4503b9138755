import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { scalar } from './constant.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

/** `1 / (1 + e^-x)`. For the logarithm of it take `neg(softplus(neg(x)))`, which does not underflow. */
export const op = unary({
  name: 'sigmoid',
  onnx: 'Sigmoid',
  fill: 'normal',
  value: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (y, upstream) => mul(upstream, mul(y, sub(scalar(1), y))),
});

export const sigmoid = (x: Node): Node => applyPlain(op, x);
