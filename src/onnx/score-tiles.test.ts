import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import { type Metric, metrics } from '../core/metric.ts';
import { scoreTiles } from './score-tiles.ts';

const random = (rows: number, columns: number, seed: number) =>
  matrix(rows, columns, Float32Array.from(normals(rows, columns, seed)));

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const plain: Record<Metric, (q: Float32Array, c: Float32Array) => number> = {
  dot,
  cosine: (q, c) => (dot(q, q) && dot(c, c) ? dot(q, c) / Math.sqrt(dot(q, q) * dot(c, c)) : 0),
  'squared-euclidean': (q, c) => -q.reduce((sum, value, k) => sum + (value - c[k]) ** 2, 0),
};

const rowsOf = ({ rows, columns, data }: Matrix) =>
  Array.from({ length: rows }, (_, i) => data.subarray(i * columns, (i + 1) * columns));

async function all(queries: Matrix, candidates: Matrix, metric: Metric, rows?: number) {
  const scores: number[] = [];
  const starts: number[] = [];
  for await (const tile of scoreTiles(queries, candidates, { metric, ...(rows === undefined ? {} : { rows }) })) {
    expect(tile.scores.length).toBe(tile.rows * candidates.rows);
    starts.push(tile.start);
    scores.push(...tile.scores);
  }
  return { scores, starts };
}

test.each(metrics)('%s: a plain loop, whatever the tiles', async (metric) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 8 }),
      async (q, c, columns, tile) => {
        const [queries, candidates] = [random(q, columns, q), random(c, columns, 100 + c)];
        const { scores, starts } = await all(queries, candidates, metric, tile);
        const expected = rowsOf(queries).flatMap((a) => rowsOf(candidates).map((b) => plain[metric](a, b)));
        expect(scores.length).toBe(expected.length);
        scores.forEach((score, i) => {
          expect(Math.abs(score - expected[i])).toBeLessThan(1e-5 * (1 + Math.abs(expected[i])));
        });
        expect(starts).toEqual(Array.from({ length: Math.ceil(q / tile) }, (_, i) => i * tile));
      },
    ),
    { numRuns: 30 },
  );
});

test('a zero vector has the cosine 0 to everything; no distance is below 0', async () => {
  const points = matrix(3, 2, Float32Array.of(0, 0, 3, 4, 3, 4));
  const cosines = (await all(points, points, 'cosine')).scores;
  [0, 0, 0, 0, 1, 1, 0, 1, 1].forEach((expected, i) => {
    expect(cosines[i]).toBeCloseTo(expected, 6);
  });
  const many = random(40, 8, 5);
  expect(Math.max(...(await all(many, many, 'squared-euclidean')).scores)).toBeLessThanOrEqual(0);
});

test('nothing against something gives no tile', async () => {
  expect(await all(matrix(0, 2), random(3, 2, 1), 'dot')).toEqual({ scores: [], starts: [] });
  expect(await all(random(3, 2, 1), matrix(0, 2), 'dot')).toEqual({ scores: [], starts: [] });
});
