import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { Random } from '../core/random.ts';
import { bootstrapDifference, bootstrapMean } from './bootstrap.ts';

test('two values: the resampled mean is 0, 1/2 or 1 with chances 1/4, 1/2, 1/4', () => {
  const values = Float64Array.of(0, 1);
  expect(bootstrapMean(values, { seed: 1, resamples: 4000 })).toEqual({ mean: 0.5, low: 0, high: 1 });
  expect(bootstrapMean(values, { seed: 1, resamples: 4000, level: 0.4 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
});

test('no spread, no width', () => {
  expect(bootstrapMean(Float64Array.of(0.25), { seed: 3 })).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  expect(bootstrapMean(new Float64Array(50).fill(0.5), { seed: 3 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
});

test('many values: as wide as the normal approximation says', () => {
  const random = Random.seeded(5);
  const values = Float64Array.from({ length: 400 }, () => random.normal() * 3 + 7);
  const mean = values.reduce((a, b) => a + b, 0) / 400;
  const error = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 400 / 400);
  const interval = bootstrapMean(values, { seed: 6, resamples: 4000 });
  expect(interval.mean).toBeCloseTo(mean, 12);
  expect((interval.low - mean) / error).toBeCloseTo(-1.96, 0);
  expect((interval.high - mean) / error).toBeCloseTo(1.96, 0);
  expect((interval.high - interval.low) / error).toBeGreaterThan(3.6);
  expect((interval.high - interval.low) / error).toBeLessThan(4.2);
  const narrow = bootstrapMean(values, { seed: 6, level: 0.5 });
  expect((narrow.high - narrow.low) / error).toBeGreaterThan(1.2);
  expect((narrow.high - narrow.low) / error).toBeLessThan(1.5);
});

test('the interval holds the true mean about as often as it says', () => {
  const random = Random.seeded(7);
  let held = 0;
  for (let trial = 0; trial < 300; trial++) {
    const values = Float64Array.from({ length: 60 }, () => (random.uniform() < 0.4 ? 1 : 0));
    const { low, high } = bootstrapMean(values, { seed: trial, resamples: 300, level: 0.9 });
    if (low <= 0.4 && high >= 0.4) held++;
  }
  expect(held / 300).toBeGreaterThan(0.84);
  expect(held / 300).toBeLessThan(0.96);
});

test('the seed decides', () => {
  const values = Float64Array.from({ length: 30 }, (_, i) => Math.sin(i));
  expect(bootstrapMean(values, { seed: 1 })).toEqual(bootstrapMean(values, { seed: 1 }));
  expect(bootstrapMean(values, { seed: 1 }).low).not.toBe(bootstrapMean(values, { seed: 2 }).low);
});

test('a paired difference takes away what both share', () => {
  const random = Random.seeded(9);
  const hard = Float64Array.from({ length: 200 }, () => random.normal() * 10);
  const better = hard.map((x) => x + 0.25 + random.normal() * 0.01);
  const paired = bootstrapDifference(better, hard, { seed: 1 });
  expect(paired.mean).toBeCloseTo(0.25, 2);
  expect(paired.low).toBeGreaterThan(0.24);
  expect(paired.high).toBeLessThan(0.26);
  const swapped = bootstrapDifference(hard, better, { seed: 1 });
  expect(swapped.mean).toBeCloseTo(-paired.mean, 12);
  expect(swapped.low).toBeCloseTo(-paired.high, 9);
});

test('errors', () => {
  const one = Float64Array.of(1);
  expect(() => bootstrapMean(new Float64Array(0), { seed: 1 })).toThrow(KindredError);
  expect(() => bootstrapDifference(one, Float64Array.of(1, 2), { seed: 1 })).toThrow(/1 and 2 values/);
  expect(() => bootstrapMean(one, { seed: 1, level: 1 })).toThrow(RangeError);
  expect(() => bootstrapMean(one, { seed: 1, resamples: 0 })).toThrow(RangeError);
});
