import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { accuracyOverFolds, foldsOfPeople } from './folds.ts';
import { pairsOfPeople } from './identity-pairs.ts';

const pairsOf = (people: number, items: number) =>
  pairsOfPeople(
    Array.from({ length: people * items }, (_, i) => Math.floor(i / items)),
    { random: Random.seeded(1) },
  );

test('no person is in two folds, and each fold has as many same as different pairs', () => {
  const pairs = pairsOf(24, 3);
  const { folds } = foldsOfPeople(pairs, Random.seeded(2));
  expect(folds).toHaveLength(10);
  const seen = folds.map((fold) => new Set([...fold].flatMap((i) => [pairs.first[i], pairs.second[i]])));
  expect(seen.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(seen.flatMap((each) => [...each])).size);
  for (const fold of folds) {
    expect(fold.filter((i) => pairs.same[i] === 1)).toHaveLength(fold.length / 2);
    expect(new Set(fold).size).toBe(fold.length);
  }
  expect(Math.max(...foldsOfPeople(pairs, Random.seeded(2), 2).folds.map(({ length }) => length))).toBe(4);
});

test('as many folds as there are two people for; of three people none', () => {
  expect(foldsOfPeople(pairsOf(9, 2), Random.seeded(1)).folds).toHaveLength(4);
  expect(foldsOfPeople(pairsOf(3, 2), Random.seeded(1)).folds).toEqual([]);
});

test('accuracy by hand', () => {
  // Fold 0 says 1.5, which is right for one of the two pairs of fold 1; fold 1 says 3, right for both of fold 0 but one.
  const byHand = accuracyOverFolds(Float64Array.of(1, 2, 2.5, 3.5), Uint8Array.of(1, 0, 1, 0), {
    folds: [Int32Array.of(0, 1), Int32Array.of(2, 3)],
  });
  expect(byHand).toEqual({ value: 0.5, standardError: 0, folds: 2 });
});

test('accuracy is that of the best threshold of the other folds: a naive loop over all thresholds', () => {
  const random = Random.seeded(6);
  const same = Uint8Array.from({ length: 120 }, (_, i) => i % 2);
  // Rounded, so that distances are equal here and there.
  const distances = Float64Array.from(same, (is) => Math.round(20 * (random.uniform() + (is ? 0 : 0.4))) / 20);
  const folds = Array.from({ length: 5 }, (_, f) => Int32Array.from({ length: 24 }, (_, i) => 24 * f + i));
  const values = [...new Set(distances)].sort((x, y) => x - y);
  const right = (pairs: readonly number[], threshold: number) =>
    pairs.filter((i) => Number(distances[i] <= threshold) === same[i]).length;
  const shares = folds.map((fold, at) => {
    const others = folds.flatMap((each, f) => (f === at ? [] : [...each]));
    const seen = values.filter((value) => others.some((i) => distances[i] === value));
    const between = seen.map((value, k) => (k + 1 < seen.length ? (value + seen[k + 1]) / 2 : value));
    const thresholds = [seen[0] - 1, ...between];
    const most = Math.max(...thresholds.map((threshold) => right(others, threshold)));
    const best = thresholds.find((threshold) => right(others, threshold) === most) as number;
    return right([...fold], best) / fold.length;
  });
  const mean = shares.reduce((sum, share) => sum + share, 0) / 5;
  const deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 4);
  const found = accuracyOverFolds(distances, same, { folds });
  expect(found.value).toBeCloseTo(mean, 12);
  expect(found.standardError).toBeCloseTo(deviation / Math.sqrt(5), 12);
  expect(found.value).toBeGreaterThan(0.6);
});
