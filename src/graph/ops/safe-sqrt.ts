import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { scalar } from './constant.ts';
import { div } from './div.ts';
import { maximum } from './maximum.ts';
import { mul } from './mul.ts';
import { sign } from './sign.ts';

/** Below every square root that float32 can hold but 0. */
const TINY = 1e-30;

/** Square root whose gradient at 0 is 0: for distances and norms, where that is a subgradient. */
export const op = unary({
  name: 'safeSqrt',
  onnx: 'Sqrt',
  fill: 'positive',
  value: Math.sqrt,
  gradient: (y, upstream) => div(mul(upstream, sign(y)), mul(scalar(2), maximum(y, scalar(TINY)))),
});

export const safeSqrt = (x: Node): Node => applyPlain(op, x);
