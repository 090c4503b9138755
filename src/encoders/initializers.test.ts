import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import type { Initializer } from './encoder.ts';
import { glorotUniform, heNormal, zeros } from './initializers.ts';

function drawn(initial: Initializer, shape: readonly number[], seed = 1): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7);
  initial(values, shape, Random.seeded(seed));
  return values;
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: ArrayLike<number>) => {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
};

test('zeros', () => {
  expect(drawn(zeros, [3]).every((value) => value === 0)).toBe(true);
});

// 60,000 and more draws each: the deviation of a sample is within 1 % of the stated one.
test.each([
  ['a matrix [in, out]', [300, 200], 300],
  ['filters [kh, kw, in, out]', [3, 3, 64, 128], 3 * 3 * 64],
])('heNormal, %s: normal with variance 2 / fan-in', (_, shape, fanIn) => {
  const values = drawn(heNormal, shape);
  const expected = Math.sqrt(2 / fanIn);
  expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(0.01);
  expect(Math.abs(mean(values) / expected)).toBeLessThan(0.02);
  const beyond = values.filter((value) => Math.abs(value) > 2 * expected).length / values.length;
  expect(beyond).toBeCloseTo(0.0455, 2);
});

test.each([
  ['a matrix [in, out]', [300, 200], 300 + 200],
  ['filters [kh, kw, in, out]', [3, 3, 64, 128], 3 * 3 * (64 + 128)],
])('glorotUniform, %s: uniform within sqrt(6 / (fan-in + fan-out))', (_, shape, fans) => {
  const values = drawn(glorotUniform, shape);
  const limit = Math.sqrt(6 / fans);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(Math.fround(limit));
  expect(largest).toBeGreaterThan(0.999 * limit);
  // The paper's aim: a variance of 2 / (fan-in + fan-out).
  expect(Math.abs(deviation(values) / Math.sqrt(2 / fans) - 1)).toBeLessThan(0.01);
  expect(Math.abs(mean(values) / limit)).toBeLessThan(0.02);
});

test.each([heNormal, glorotUniform])('the same seed gives the same values, another one others', (initial) => {
  expect(drawn(initial, [4, 5])).toEqual(drawn(initial, [4, 5]));
  expect(drawn(initial, [4, 5])).not.toEqual(drawn(initial, [4, 5], 2));
});
