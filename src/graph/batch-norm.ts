import type { Node } from './node.ts';
import { add } from './ops/add.ts';
import { scalar } from './ops/constant.ts';
import { div } from './ops/div.ts';
import { mean } from './ops/mean.ts';
import { mul } from './ops/mul.ts';
import { reshape } from './ops/reshape.ts';
import { sqrt } from './ops/sqrt.ts';
import { standardize } from './ops/standardize.ts';
import { stopGradient } from './ops/stop-gradient.ts';
import { sub } from './ops/sub.ts';
import type { Shape } from './shape.ts';

/** `[c]` as `[1, c, 1, ...]`: one value for each channel, which is axis 1. */
const spread = (values: Node, rank: number): Node =>
  reshape(values, Array.from({ length: rank }, (_, axis) => (axis === 1 ? values.shape[0] : 1)) as Shape);

/**
 * Batch norm while training: `scale * (x - mean) / sqrt(variance + epsilon) + offset` for `x [n, c, ...]`, with the mean
 * and variance `[c]` of this batch over every axis but the channels.
 *
 * The variance is divided by the count. Both are also given, without a gradient, for running averages. A channel whose
 * values are all equal becomes its offset.
 *
 * Ioffe and Szegedy: Batch normalization (2015).
 */
export function batchNorm(
  x: Node,
  scale: Node,
  offset: Node,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): { y: Node; mean: Node; variance: Node } {
  const rank = x.shape.length;
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  // Written as standardize writes them, so that they are computed once.
  const centre = mean(x, axes, { keep: true });
  const centred = sub(x, centre);
  const variance = mean(mul(centred, centred), axes, { keep: true });
  return {
    y: add(standardize(x, spread(scale, rank), axes, epsilon), spread(offset, rank)),
    mean: stopGradient(reshape(centre, scale.shape)),
    variance: stopGradient(reshape(variance, scale.shape)),
  };
}

/** Batch norm with a mean and variance `[c]` that are known: `x` times one number for each channel, plus another. */
export function fixedBatchNorm(
  x: Node,
  scale: Node,
  offset: Node,
  statistics: { readonly mean: Node; readonly variance: Node },
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): Node {
  const factor = div(scale, sqrt(add(statistics.variance, scalar(epsilon))));
  const rank = x.shape.length;
  return add(mul(x, spread(factor, rank)), spread(sub(offset, mul(statistics.mean, factor)), rank));
}
