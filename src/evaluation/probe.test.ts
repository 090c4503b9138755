import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { matrix } from '../core/matrix.ts';
import { probe, probeDifference } from './probe.ts';
import type { ProbePart } from './probe-classes.ts';

const CLASSES = 4;

/** Points around the centre of their class, `[n, 8]`; `apart` says how far the centres are from each other. */
function part(n: number, seed: number, apart: number): ProbePart {
  const centres = normals(CLASSES, 8, 100);
  const noise = normals(n, 8, seed);
  const labels = Int32Array.from({ length: n }, (_, i) => 10 * (i % CLASSES));
  const data = Float32Array.from(
    noise,
    (value, i) => value + apart * centres[(Math.floor(i / 8) % CLASSES) * 8 + (i % 8)],
  );
  return { embeddings: matrix(n, 8, data), labels };
}
const parts = (apart: number) => ({
  train: part(800, 1, apart),
  validation: part(200, 2, apart),
  test: part(400, 3, apart),
  ...{ seed: 1, threads: 1 },
});

test('classes that lie apart are told, by few labels worse than by many', async () => {
  const found = await probe(parts(0.7));
  const { all, at10Percent, at1Percent } = found;
  expect([all.labels, at10Percent.labels, at1Percent.labels]).toEqual([800, 80, 8]);
  for (const each of Object.values(found)) {
    for (const score of ['linearAccuracy', 'knnAccuracy'] as const) {
      const [low, high] = each.intervals[score];
      expect(low).toBeLessThanOrEqual(each[score]);
      expect(high).toBeGreaterThanOrEqual(each[score]);
      // Half a width of 1.96 sqrt(p (1 - p) / n), as a share of right ones has it.
      const half = 1.96 * Math.sqrt((each[score] * (1 - each[score])) / 400);
      expect((high - low) / 2).toBeGreaterThan(0.7 * half);
      expect((high - low) / 2).toBeLessThan(1.3 * half);
      expect(each.correct[score].reduce((a, b) => a + b, 0) / 400).toBeCloseTo(each[score], 12);
    }
  }
  // The best there is for gaussians of one width: the nearest centre.
  const { embeddings, labels } = parts(0.7).test;
  const centres = normals(CLASSES, 8, 100).map((value) => 0.7 * value);
  let bayes = 0;
  for (let i = 0; i < 400; i++) {
    const distances = Array.from({ length: CLASSES }, (_, c) =>
      Array.from({ length: 8 }, (_, k) => (embeddings.data[i * 8 + k] - centres[c * 8 + k]) ** 2).reduce(
        (a, b) => a + b,
      ),
    );
    if (10 * distances.indexOf(Math.min(...distances)) === labels[i]) bayes += 1 / 400;
  }
  expect(Math.abs(all.linearAccuracy - bayes)).toBeLessThan(0.03);
  expect(at1Percent.linearAccuracy).toBeLessThan(all.linearAccuracy - 0.05);
  expect(at1Percent.settings.k).toBeLessThanOrEqual(8);
});

test('embeddings that say nothing are no better than chance, and worse than others with the interval below 0', async () => {
  const [apart, alike] = [await probe(parts(1)), await probe(parts(0))];
  expect(Math.abs(alike.all.linearAccuracy - 1 / CLASSES)).toBeLessThan(0.08);
  const { linearAccuracy } = probeDifference(alike.all, apart.all, 1);
  expect(linearAccuracy.value).toBeCloseTo(alike.all.linearAccuracy - apart.all.linearAccuracy, 12);
  expect(linearAccuracy.interval[1]).toBeLessThan(0);
  const same = probeDifference(apart.all, apart.all, 1);
  expect(same.knnAccuracy).toEqual({ value: 0, interval: [0, 0] });
});

test('what cannot be probed is refused', async () => {
  const given = parts(1);
  const empty = { embeddings: matrix(0, 8), labels: new Int32Array(0) };
  await expect(probe({ ...given, validation: empty })).rejects.toThrow(/the part validation is empty/);
  const one = { ...given.train, labels: given.train.labels.map(() => 3) };
  await expect(probe({ ...given, train: one })).rejects.toThrow(/two or more: 1/);
  const other = { ...given.test, labels: given.test.labels.map((label) => (label === 0 ? 7 : label)) };
  await expect(probe({ ...given, test: other })).rejects.toThrow(/100 of 400 items of the part test/);
});
