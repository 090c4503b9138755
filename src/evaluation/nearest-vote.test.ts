import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { type Matrix, matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { labelShare } from './label-share.ts';
import { nearestVote } from './nearest-vote.ts';

test('on a line, by hand', async () => {
  const candidates = matrix(5, 1, Float32Array.of(0, 1, 2, 3, 10));
  const found = await nearestVote({
    ...{ candidates, queries: matrix(2, 1, Float32Array.of(0.1, 9)), metric: 'squared-euclidean' },
    labels: Int32Array.of(7, 4, 4, 7, 2),
    ks: [1, 2, 3, 4, 100],
  });
  // Of 0.1: 7 is nearest; 7 and 4 are one each, and 7 is nearer; then 4 has two; two each, and 7 is nearer. Of 9: 2, then 3, 2 and 1.
  expect(Object.fromEntries([...found].map(([k, labels]) => [k, [...labels]]))).toEqual({
    1: [7, 2],
    2: [7, 2],
    3: [4, 2],
    4: [7, 4],
    100: [7, 7],
  });
});

function naive(queries: Matrix, candidates: Matrix, labels: Int32Array, k: number): number[] {
  const cosine = (a: Float32Array, b: Float32Array) => {
    const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
  };
  return Array.from({ length: queries.rows }, (_, i) => {
    const nearest = Array.from({ length: candidates.rows }, (_, j) => j)
      .sort((a, b) => cosine(row(queries, i), row(candidates, b)) - cosine(row(queries, i), row(candidates, a)))
      .slice(0, k)
      .map((j) => labels[j]);
    const count = (label: number) => nearest.filter((each) => each === label).length;
    return nearest.reduce((best, label) => (count(label) > count(best) ? label : best));
  });
}

test('many points, against sorting all of them', async () => {
  const candidates = matrix(150, 6, Float32Array.from(normals(150, 6, 1)));
  const queries = matrix(40, 6, Float32Array.from(normals(40, 6, 2)));
  const random = Random.seeded(3);
  const labels = Int32Array.from({ length: 150 }, () => random.integer(4));
  const found = await nearestVote({ queries, candidates, labels, ks: [20, 1, 7], metric: 'cosine' });
  for (const k of [1, 7, 20]) expect([...(found.get(k) as Int32Array)]).toEqual(naive(queries, candidates, labels, k));
});

test('shares of labels: of each class alike, nested, and the same by the same seed', () => {
  const labels = Int32Array.from({ length: 1000 }, (_, i) => (i < 600 ? 0 : i < 995 ? 5 : 2));
  const share = (of: number, seed = 1) => labelShare(labels, of, Random.seeded(seed));
  const counts = (rows: Int32Array) => [0, 5, 2].map((label) => rows.filter((row) => labels[row] === label).length);
  expect(counts(share(0.1))).toEqual([60, 40, 1]);
  expect(counts(share(0.01))).toEqual([6, 4, 1]);
  expect([...share(1)]).toEqual([...labels.keys()]);
  const tenth = new Set(share(0.1));
  expect(share(0.01).every((row) => tenth.has(row))).toBe(true);
  expect(share(0.1)).toEqual(share(0.1));
  expect(share(0.1, 2)).not.toEqual(share(0.1));
  expect([...share(0.1)]).toEqual([...share(0.1)].sort((a, b) => a - b));
});
