import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { falseMatchCurve, falseMatchesAt, ratesAt, thresholdAt } from './calibrate.ts';
import { bootstrapPeople } from './identity-bootstrap.ts';
import type { PeoplePairs } from './identity-pairs.ts';

/** `people` with two items each: one same pair of each, and one different pair of every two. */
function drawn(people: number, seed: number): { pairs: PeoplePairs; distances: Float64Array } {
  const random = Random.seeded(seed);
  const rows: { same: number; first: number; second: number; distance: number }[] = [];
  for (let i = 0; i < people; i++) {
    rows.push({ same: 1, first: i, second: i, distance: random.uniform() });
    for (let j = 0; j < i; j++) rows.push({ same: 0, first: i, second: j, distance: 0.3 + random.uniform() });
  }
  const column = (of: (row: (typeof rows)[number]) => number) => Int32Array.from(rows, of);
  return {
    pairs: {
      ...{ a: column(() => 0), b: column(() => 0), same: Uint8Array.from(rows, ({ same }) => same) },
      ...{ first: column(({ first }) => first), second: column(({ second }) => second), people },
    },
    distances: Float64Array.from(rows, ({ distance }) => distance),
  };
}

const upTo = (pairs: PeoplePairs, distances: Float64Array, kind: number, threshold: number) => {
  const own = [...distances].filter((_, i) => pairs.same[i] === kind);
  return own.filter((distance) => distance <= threshold).length / own.length;
};

test('the threshold is the largest distance that keeps the rate: a naive loop over all distances', () => {
  const { pairs, distances } = drawn(30, 4);
  for (const target of [0.01, 0.05, 0.3]) {
    const allowed = [...distances].filter((threshold) => upTo(pairs, distances, 0, threshold) <= target);
    expect(thresholdAt(pairs, distances, target)).toBe(Math.max(...allowed));
  }
});

test('a rate that so few pairs cannot show is refused, with the smallest that they can', () => {
  const { pairs, distances } = drawn(8, 1);
  expect(() => thresholdAt(pairs, distances, 0.1)).toThrow(/0\.1, and 28 different pairs.*Ask for 0\.107143 or more/s);
  expect(() => thresholdAt(pairs, distances, 3 / 28)).not.toThrow();
});

test('rates at a threshold and their intervals over people: naive loops', () => {
  const { pairs, distances } = drawn(12, 2);
  const { falseMatchRate, trueMatchRate, ...counts } = ratesAt(pairs, distances, 0.6, 5);
  expect(counts).toEqual({ people: 12, same: 12, different: 66 });
  expect(falseMatchRate.value).toBeCloseTo(upTo(pairs, distances, 0, 0.6), 12);
  expect(trueMatchRate.value).toBeCloseTo(upTo(pairs, distances, 1, 0.6), 12);
  const naive = (kind: number) => (m: Float64Array) => {
    let [accepted, all] = [0, 0];
    for (const [i, distance] of distances.entries()) {
      if (pairs.same[i] !== kind) continue;
      const weight = kind === 1 ? m[pairs.first[i]] : m[pairs.first[i]] * m[pairs.second[i]];
      all += weight;
      if (distance <= 0.6) accepted += weight;
    }
    return [accepted / all];
  };
  for (const [kind, rate] of [falseMatchRate, trueMatchRate].entries()) {
    const draws = bootstrapPeople(12, naive(kind), { seed: 5 }).map(([value]) => value);
    draws.sort((x, y) => x - y);
    expect(rate.interval?.[0]).toBeCloseTo(draws[Math.round(0.025 * 999)], 9);
    expect(rate.interval?.[1]).toBeCloseTo(draws[Math.round(0.975 * 999)], 9);
  }
});

test('where nothing is accepted, the interval still reaches 3 / n', () => {
  const { pairs, distances } = drawn(10, 3);
  const { value, interval } = ratesAt(pairs, distances, 0.2, 1).falseMatchRate;
  expect([value, ...(interval ?? [])]).toEqual([0, 0, 3 / 45]);
});

test('of four people there is no interval, but a reason; of five there is one', () => {
  const of = (people: number) => {
    const { pairs, distances } = drawn(people, 1);
    return ratesAt(pairs, distances, 0.6, 1);
  };
  const reason = '4 people are too few to draw from; it takes 5';
  const { falseMatchRate, trueMatchRate } = of(4);
  for (const rate of [falseMatchRate, trueMatchRate]) expect(rate).toMatchObject({ interval: null, reason });
  const [low, high] = of(5).trueMatchRate.interval ?? [];
  expect(Number(high) - Number(low)).toBeGreaterThan(0);
});

test('the curve of false matches, by hand: equal distances count together', () => {
  const pairs = { same: Uint8Array.of(1, 0, 0, 0, 0) } as PeoplePairs;
  const curve = falseMatchCurve(pairs, Float64Array.of(0.1, 0.5, 0.2, 0.5, 0.9));
  expect(curve).toEqual([
    { distance: 0.2, rate: 0.25 },
    { distance: 0.5, rate: 0.75 },
    { distance: 0.9, rate: 1 },
  ]);
  expect([0.1, 0.2, 0.49, 0.5, 0.89, 2].map((d) => falseMatchesAt(curve, d))).toEqual([0, 0.25, 0.25, 0.75, 0.75, 1]);
});

test('of many pairs, the curve keeps to the share within a step', () => {
  const { pairs, distances } = drawn(60, 9);
  const curve = falseMatchCurve(pairs, distances);
  expect(curve.length).toBeLessThanOrEqual(200);
  for (const { distance, rate } of curve) expect(rate).toBeCloseTo(upTo(pairs, distances, 0, distance), 12);
});
