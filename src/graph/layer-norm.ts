import type { Node } from './node.ts';
import { add } from './ops/add.ts';
import { scalar } from './ops/constant.ts';
import { mul } from './ops/mul.ts';
import { standardize } from './ops/standardize.ts';

/**
 * `scale * (x - mean) / sqrt(variance + epsilon) + offset`, with the mean and variance of each row over the last axis;
 * `x [..., d]`, `scale` and `offset` `[d]`.
 *
 * Ba, Kiros and Hinton: Layer normalization (2016).
 */
export const layerNorm = (x: Node, scale: Node, offset: Node, { epsilon = 1e-5 }: { epsilon?: number } = {}): Node =>
  add(mul(standardize(x, scalar(1), [-1], epsilon), scale), offset);
