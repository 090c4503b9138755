import { decimal } from './numbers.ts';

/**
 * Round numbers that lie in `[low, high]`: multiples of 1, 2 or 5 times a power of ten, rising, the step being the
 * smallest that gives at most `most` of them.
 *
 * Ends that are equal, but for rounding, give the lower one. Ends that are not finite, or the wrong way round, give none.
 */
export function ticks(low: number, high: number, most = 5): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high || most < 1) return [];
  const span = high - low;
  if (span < 1e-290 || span <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) return [low];
  // A step below this gives more than `most` ticks, so the search for the first that does not can start here.
  let exponent = Math.floor(Math.log10(span / (most + 1))) - 1;
  for (;;) {
    for (const leading of [1, 2, 5]) {
      const values = multiples(low, high, leading, exponent);
      if (values.length <= most) return values;
    }
    exponent++;
  }
}

/** The multiples of `leading * 10^exponent` in `[low, high]`, each the double nearest to its decimal value. */
function multiples(low: number, high: number, leading: number, exponent: number): number[] {
  const value = (i: number) => Number(`${i * leading}e${exponent}`);
  const step = value(1);
  const slack = (high - low) * 1e-9;
  const first = Math.ceil((low - slack) / step);
  const last = Math.floor((high + slack) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => value(first + i) || 0);
}

/** The ticks in words: as many decimals as they need, below 0.001 as `2e−5`, from a million as `1.5M`. */
export function tickLabels(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs));
  if (largest > 0 && largest < 1e-3) {
    return values.map((value) =>
      value === 0 ? '0' : Number(value.toPrecision(6)).toExponential().replaceAll('-', '−'),
    );
  }
  if (largest >= 1e6) {
    return values.map((value) => value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 3 }));
  }
  const exact = (decimals: number) => values.every((value) => Math.abs(value - Number(value.toFixed(decimals))) < 1e-9);
  let decimals = 0;
  while (decimals < 6 && !exact(decimals)) decimals++;
  return values.map((value) => decimal(value, decimals));
}
