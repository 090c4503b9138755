import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { scalar } from './constant.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

/** Hyperbolic tangent. */
export const op = unary({
  name: 'tanh',
  onnx: 'Tanh',
  fill: 'normal',
  value: Math.tanh,
  gradient: (y, upstream) => mul(upstream, sub(scalar(1), mul(y, y))),
});

export const tanh = (x: Node): Node => applyPlain(op, x);
