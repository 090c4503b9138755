import type { Node } from './node.ts';
import { mul } from './ops/mul.ts';
import { safeSqrt } from './ops/safe-sqrt.ts';
import { sum } from './ops/sum.ts';

/** Euclidean norm over `axes` (all of them unless given). Its gradient is `x / norm`, and 0 where the norm is 0. */
export const norm = (x: Node, axes?: readonly number[], options: { keep?: boolean } = {}): Node =>
  safeSqrt(sum(mul(x, x), axes, options));
