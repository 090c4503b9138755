import type { Node } from './node.ts';
import { add } from './ops/add.ts';
import { scalar } from './ops/constant.ts';
import { erf } from './ops/erf.ts';
import { mul } from './ops/mul.ts';

/**
 * `x * P(X <= x)` for a standard normal X, which is `x / 2 * (1 + erf(x / sqrt(2)))`: the exact form, not the one by tanh.
 *
 * Hendrycks and Gimpel: Gaussian error linear units (2016).
 */
export const gelu = (x: Node): Node => mul(mul(x, scalar(0.5)), add(scalar(1), erf(mul(x, scalar(Math.SQRT1_2)))));
