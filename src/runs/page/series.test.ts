import fc from 'fast-check';
import { expect, test } from 'vitest';
import { range, smooth, thin } from './series.ts';

const values = fc.array(fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constant(Number.NaN)), {
  maxLength: 60,
});

test('a running mean worked by hand, not crossing a break', () => {
  expect(smooth([1, 2, 6, 4], 1)).toEqual([1.5, 3, 4, 5]);
  expect(smooth([1, 2, 6, 4], 1, [2])).toEqual([1.5, 1.5, 5, 5]);
  expect(smooth([1, Number.NaN, 3], 1)).toEqual([1, 2, 3]);
  expect(smooth([Number.NaN, Number.NaN], 1)).toEqual([Number.NaN, Number.NaN]);
});

test('the running mean equals a naive loop', () => {
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: 0, max: 9 }),
      fc.array(fc.integer({ min: -1, max: 60 })),
      (data, radius, breaks) => {
        const stretch = (i: number) => breaks.filter((b) => b > 0 && b <= i).sort((a, b) => b - a)[0] ?? 0;
        const expected = data.map((_, i) => {
          const near = data.filter(
            (v, j) => Math.abs(i - j) <= radius && stretch(i) === stretch(j) && Number.isFinite(v),
          );
          return near.reduce((a, b) => a + b, 0) / near.length;
        });
        const means = smooth(data, radius, breaks);
        expect(means.length).toBe(data.length);
        means.forEach((mean, i) => {
          if (Number.isNaN(expected[i])) expect(mean).toBeNaN();
          else expect(mean).toBeCloseTo(expected[i], 9);
        });
      },
    ),
  );
});

test('thinning keeps the ends, the extremes and the gaps', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 9 }), (data, buckets) => {
      const kept = thin(data, buckets);
      expect(kept.length).toBeLessThanOrEqual(3 * buckets + 2);
      expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
      expect(range(kept.map((i) => data[i]))).toEqual(range(data));
      expect(kept.some((i) => Number.isNaN(data[i]))).toBe(data.some(Number.isNaN));
      if (data.length > 0) expect([kept[0], kept[kept.length - 1]]).toEqual([0, data.length - 1]);
    }),
  );
  expect(thin([0, 9, 1, 2, 3, -4, 5, 6], 2)).toEqual([0, 1, 5, 7]);
});

test('the range of no finite value is NaN', () => {
  expect(range([Number.NaN, 3, Number.NEGATIVE_INFINITY, -2])).toEqual([-2, 3]);
  expect(range([Number.NaN])).toEqual([Number.NaN, Number.NaN]);
});
