import type { Node } from './node.ts';
import { avgPool } from './ops/avg-pool.ts';
import { mul } from './ops/mul.ts';
import { safeSqrt } from './ops/safe-sqrt.ts';
import type { PoolingOptions } from './pooling.ts';

/**
 * Root of the mean square of each window: `[n, c, h, w] -> [n, c, oh, ow]`. Padding does not count unless
 * `countPadding` is given. Windows of zeros give 0, with gradient 0.
 */
export const l2Pool = (x: Node, options: PoolingOptions & { readonly countPadding?: boolean }): Node =>
  safeSqrt(avgPool(mul(x, x), options));
