import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { foldsOfPeople } from './folds.ts';
import { bootstrapPeople } from './identity-bootstrap.ts';
import { type PeoplePairs, pairsOfPeople } from './identity-pairs.ts';
import { verificationReport } from './verification-report.ts';

/** Distances of pairs of people with so many items each: same ones are nearer by `gap` on average. */
function drawn(people: number, items: number, gap: number) {
  const random = Random.seeded(people);
  const person = Array.from({ length: people * items }, (_, i) => Math.floor(i / items));
  const pairs = pairsOfPeople(person, { random });
  const distances = Float64Array.from(pairs.same, (same) => random.normal() + (same ? 0 : gap));
  return { pairs, distances, folded: foldsOfPeople(pairs, Random.seeded(2)) };
}

/** VAL at FAR from the paper: the share of same pairs up to the largest threshold that wrongly accepts no more than asked for. */
function valAt({ same, first, second }: PeoplePairs, distances: Float64Array, far: number, m?: Float64Array): number {
  const weights = [...same].map((_, i) =>
    m === undefined ? 1 : first[i] === second[i] ? m[first[i]] : m[first[i]] * m[second[i]],
  );
  const accepted = (kind: number, threshold: number) => {
    let [up, all] = [0, 0];
    for (const [i, is] of same.entries()) {
      if (is !== kind) continue;
      all += weights[i];
      if (distances[i] <= threshold) up += weights[i];
    }
    return up / all;
  };
  return Math.max(0, ...[...distances].filter((t) => accepted(0, t) <= far).map((t) => accepted(1, t)));
}

test('VAL, its standard error and ROC AUC: naive loops, one over the same draws of people', () => {
  const { pairs, distances, folded } = drawn(7, 2, 1.5);
  const report = verificationReport(pairs, distances, { folded, seed: 3 });
  expect(report.valAtFar['0.1'].value).toBeCloseTo(valAt(pairs, distances, 0.1), 12);
  const { threshold = 0, far = 1 } = report.valAtFar['0.1'];
  const different = [...distances].filter((_, i) => pairs.same[i] === 0);
  expect(far).toBeCloseTo(different.filter((d) => d <= threshold).length / different.length, 12);
  const same = [...distances].filter((_, i) => pairs.same[i] === 1);
  const wins = same.reduce((sum, s) => sum + different.filter((d) => s < d).length, 0);
  expect(report.rocAuc.value).toBeCloseTo(wins / same.length / different.length, 12);
  // The first draws of the bootstrap are those of the report, whatever it asks of them.
  const some = { seed: 3, resamples: 1000 };
  const draws = bootstrapPeople(7, (m) => [m.filter((count) => count > 0).length < 2 ? Number.NaN : 1, ...m], some);
  const values = draws.map(([, ...m]) => valAt(pairs, distances, 0.1, Float64Array.from(m)));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  expect(report.valAtFar['0.1'].standardError).toBeCloseTo(deviation, 9);
});

test('what pairs or people are too few for is null, with the reason', () => {
  const { pairs, distances, folded } = drawn(8, 3, 1);
  const { valAtFar, accuracy10Fold } = verificationReport(pairs, distances, { folded, seed: 1 });
  expect(valAtFar['0.001']).toMatchObject({ value: null, reason: expect.stringMatching(/252 .* 1000 are needed/) });
  expect(accuracy10Fold).toMatchObject({ folds: 4 });
  const two = { ...pairs, ...{ first: pairs.first.map((p) => p % 3), second: pairs.second.map((p) => p % 3) } };
  expect(verificationReport(two, distances, { folded: { folds: [] }, seed: 1 }).accuracy10Fold).toMatchObject({
    value: null,
    standardError: null,
    reason: expect.stringMatching(/two folds/),
  });
});

test('of three people there are values, but no standard errors', () => {
  const { pairs, distances, folded } = drawn(3, 6, 1);
  const { rocAuc, eer, valAtFar, valChange } = verificationReport(pairs, distances, {
    ...{ folded, seed: 1, others: distances },
  });
  const reason = '3 people are too few to draw from; it takes 5';
  for (const each of [rocAuc, eer, valAtFar['0.1']]) {
    expect(each).toMatchObject({ value: expect.any(Number), standardError: null, reason });
  }
  expect(valChange?.['0.1']).toEqual({ value: null, standardError: null, reason });
});

test('another way is compared in the same draws: nothing changes where it is the same, and a loss is seen', () => {
  const { pairs, distances, folded } = drawn(12, 4, 2);
  const unchanged = verificationReport(pairs, distances, { folded, seed: 1, others: distances });
  expect(unchanged.valChange?.['0.1']).toEqual({ change: 0, interval: [0, 0] });
  // Order alone counts, not scale.
  const scaled = verificationReport(pairs, distances, { folded, seed: 1, others: distances.map((d) => 3 * d + 1) });
  expect(scaled.valChange?.['0.01']).toEqual({ change: 0, interval: [0, 0] });
  const random = Random.seeded(5);
  const others = Float64Array.from(distances, (d) => d + 4 * random.normal());
  const worse = verificationReport(pairs, distances, { folded, seed: 1, others }).valChange?.['0.1'];
  const lost = valAt(pairs, others, 0.1) - valAt(pairs, distances, 0.1);
  expect(worse).toMatchObject({ change: expect.closeTo(lost, 12), interval: [expect.any(Number), expect.any(Number)] });
  expect((worse as { interval: readonly number[] }).interval[1]).toBeLessThan(0);
});
