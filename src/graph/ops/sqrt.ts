import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { scalar } from './constant.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';

/** Square root. Its gradient is infinite at 0: take `safeSqrt` for distances, which may be 0. */
export const op = unary({
  name: 'sqrt',
  onnx: 'Sqrt',
  fill: 'positive',
  value: Math.sqrt,
  gradient: (y, upstream) => div(upstream, mul(scalar(2), y)),
});

export const sqrt = (x: Node): Node => applyPlain(op, x);
