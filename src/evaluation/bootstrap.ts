import { must } from '../core/error.ts';
import { Random } from '../core/random.ts';

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 1000. */
  readonly resamples?: number;
  /** Share of resampled means that the interval covers, between 0 and 1. Default 0.95. */
  readonly level?: number;
}

/** A mean and its interval, in the units of the values. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile interval of a mean: the values are drawn again with replacement `resamples` times, and the interval runs
 * from the `(1 - level) / 2` to the `(1 + level) / 2` quantile of the resampled means (linear between order
 * statistics). Efron and Tibshirani, "An Introduction to the Bootstrap", 1993.
 *
 * For values per query it says how the mean would move with other queries, against the same candidates and with the
 * same encoder: not how it would move with another training seed. One value gives an interval of no width. The same
 * seed and length draw the same queries, whatever the values.
 *
 * @throws KindredError if there are no values
 */
export function bootstrapMean(values: Float64Array, options: BootstrapOptions): Interval {
  const { seed, resamples = 1000, level = 0.95 } = options;
  must(values.length > 0, () => ({
    rule: 'An interval needs at least one value',
    received: 'none',
    next: 'Evaluate at least one query',
  }));
  if (!(level > 0 && level < 1)) throw new RangeError(`level is between 0 and 1, received ${level}`);
  if (!Number.isSafeInteger(resamples) || resamples < 1) {
    throw new RangeError(`resamples is a whole number from 1, received ${resamples}`);
  }
  const random = Random.seeded(seed).split('bootstrap');
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let j = 0; j < values.length; j++) sum += values[random.integer(values.length)];
    means[i] = sum / values.length;
  }
  means.sort();
  let sum = 0;
  for (const value of values) sum += value;
  return {
    mean: sum / values.length,
    low: quantile(means, (1 - level) / 2),
    high: quantile(means, (1 + level) / 2),
  };
}

/**
 * Interval of mean(a - b), where `a[i]` and `b[i]` are two encoders' values for the same query: queries are drawn in
 * pairs, so that what makes a query hard for both cancels. Zero outside the interval: one of the two is better on these
 * items.
 *
 * @throws KindredError if the lengths differ or are zero
 */
export function bootstrapDifference(a: Float64Array, b: Float64Array, options: BootstrapOptions): Interval {
  must(a.length === b.length, () => ({
    rule: 'A paired difference needs the same queries on both sides',
    received: `${a.length} and ${b.length} values`,
    next: 'Evaluate both on the same items',
  }));
  return bootstrapMean(
    a.map((value, i) => value - b[i]),
    options,
  );
}

function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
