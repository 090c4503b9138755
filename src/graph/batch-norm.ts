import { must } from '../core/error.ts';
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
import { axisOf, sameShape, show } from './shape.ts';

export interface BatchNormOptions {
  /** Added to the variance: 1e-5 unless given. */
  readonly epsilon?: number;
  /** The axis of the channels: 1 unless given, as in `[n, c, h, w]`. */
  readonly axis?: number;
}

/** `[c]` as `[1, c, 1, 1]`: one value for each channel of x. */
function spread(values: Node, x: Node, channels: number): Node {
  must(sameShape(values.shape, [x.shape[channels]]), () => ({
    rule: 'batch norm takes one value for each channel',
    received: `${show(values.shape)} for axis ${channels} of ${show(x.shape)}`,
    next: 'Give vectors of that size, or the axis of the channels',
  }));
  return reshape(
    values,
    x.shape.map((size, axis) => (axis === channels ? size : 1)),
  );
}

/**
 * Batch norm while training: `scale * (x - mean) / sqrt(variance + epsilon) + offset`, with the mean and variance `[c]`
 * of this batch over every axis but the channels; `scale` and `offset` are `[c]`.
 *
 * The variance is divided by the count. Mean and variance are also given, without a gradient, for running averages. A
 * channel whose values are all equal becomes its offset.
 *
 * Ioffe and Szegedy: Batch normalization (2015).
 */
export function batchNorm(
  x: Node,
  scale: Node,
  offset: Node,
  { epsilon = 1e-5, axis = 1 }: BatchNormOptions = {},
): { y: Node; mean: Node; variance: Node } {
  const channels = axisOf('batchNorm', x.shape, axis);
  const axes = x.shape.flatMap((_, each) => (each === channels ? [] : [each]));
  // Written as standardize writes them, so that they are computed once.
  const centre = mean(x, axes, { keep: true });
  const centred = sub(x, centre);
  const variance = mean(mul(centred, centred), axes, { keep: true });
  const shaped = standardize(x, spread(scale, x, channels), axes, epsilon);
  return {
    y: add(shaped, spread(offset, x, channels)),
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
  { epsilon = 1e-5, axis = 1 }: BatchNormOptions = {},
): Node {
  const channels = axisOf('fixedBatchNorm', x.shape, axis);
  const factor = div(scale, sqrt(add(statistics.variance, scalar(epsilon))));
  const shift = sub(offset, mul(statistics.mean, factor));
  return add(mul(x, spread(factor, x, channels)), spread(shift, x, channels));
}
