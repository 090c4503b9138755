import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Matrix, matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { averageLinkage, cutAtDistance, cutIntoGroups, type Merge } from './average-linkage.ts';
import type { LinkageMetric } from './linkage-groups.ts';

const rowsOf = (...rows: number[][]): Matrix => matrix(rows.length, rows[0].length, Float32Array.from(rows.flat()));

const distances: Record<LinkageMetric, (a: Float32Array, b: Float32Array) => number> = {
  'squared-euclidean': (a, b) => a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0),
  cosine(a, b) {
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, k) => sum + value * y[k], 0);
    const lengths = Math.sqrt(dot(a, a) * dot(b, b));
    return lengths === 0 ? 1 : 1 - dot(a, b) / lengths;
  },
};

/** From the definition: one merge at a time, every mean taken anew over all pairs of items. */
function greedy(items: Matrix, metric: LinkageMetric): Merge[] {
  const groups = Array.from({ length: items.rows }, (_, i) => [i]);
  const merges: Merge[] = [];
  while (groups.length > 1) {
    let best: [number, number, number] = [0, 0, Number.POSITIVE_INFINITY];
    for (const [a, first] of groups.entries()) {
      for (let b = a + 1; b < groups.length; b++) {
        let sum = 0;
        for (const x of first) for (const y of groups[b]) sum += distances[metric](row(items, x), row(items, y));
        const mean = sum / (first.length * groups[b].length);
        if (mean < best[2]) best = [a, b, mean];
      }
    }
    const [a, b, distance] = best;
    merges.push({ first: groups[a][0], second: groups[b][0], distance });
    groups[a].push(...groups[b]);
    groups.splice(b, 1);
  }
  return merges;
}

const drawn = (count: number, columns: number, seed: number): Matrix => {
  const random = Random.seeded(seed);
  return matrix(
    count,
    columns,
    Float32Array.from({ length: count * columns }, () => random.uniform() - 0.3),
  );
};

test('points on a line, by hand', async () => {
  // 0 and 1: 1. 5 and 7: 4. {0, 1} and {5, 7}: (25 + 49 + 16 + 36) / 4. 100 and the rest: (10000 + 9801 + 9025 + 8649) / 4.
  const merges = await averageLinkage(rowsOf([5], [0], [100], [1], [7]), { metric: 'squared-euclidean' });
  expect(merges).toEqual([
    { first: 1, second: 3, distance: 1 },
    { first: 0, second: 4, distance: 4 },
    { first: 0, second: 1, distance: 31.5 },
    { first: 0, second: 2, distance: 9368.75 },
  ]);
  expect([...cutAtDistance(5, merges, 4)]).toEqual([0, 1, 2, 1, 0]);
  expect([...cutAtDistance(5, merges, 3.9)]).toEqual([0, 1, 2, 1, 3]);
  expect([...cutIntoGroups(5, merges, 2)]).toEqual([0, 0, 1, 0, 0]);
  expect([...cutIntoGroups(5, merges, 9)]).toEqual([0, 1, 2, 3, 4]);
});

test.each(['squared-euclidean', 'cosine'] as const)('%s: the merges are those of one at a time', async (metric) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 5 }), fc.nat(), async (n, d, seed) => {
      const items = drawn(n, d, seed);
      const expected = greedy(items, metric);
      const merges = await averageLinkage(items, { metric });
      expect(merges.map(({ first, second }) => [first, second])).toEqual(
        expected.map(({ first, second }) => [first, second].sort((a, b) => a - b)),
      );
      for (const [i, { distance }] of merges.entries()) expect(distance).toBeCloseTo(expected[i].distance, 10);
    }),
    { numRuns: 60 },
  );
});

test('stopping early gives the groups of the whole tree, cut there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, until) => {
      const items = drawn(60, 3, seed);
      const whole = await averageLinkage(items, { metric: 'cosine' });
      const stopped = await averageLinkage(items, { metric: 'cosine', until });
      expect(stopped.every(({ distance }) => distance <= until)).toBe(true);
      expect(cutAtDistance(60, stopped, 2)).toEqual(cutAtDistance(60, whole, until));
    }),
    { numRuns: 40 },
  );
});

test('ties: every merge is of two groups, at their mean distance, and no two others are nearer', async () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 }));
  await fc.assert(
    fc.asyncProperty(fc.array(point, { minLength: 2, maxLength: 25 }), async (points) => {
      const items = rowsOf(...points);
      const merges = await averageLinkage(items, { metric: 'squared-euclidean' });
      expect(merges.length).toBe(points.length - 1);
      const groups = new Map(points.map((_, i) => [i, [i]]));
      const mean = (a: readonly number[], b: readonly number[]) => {
        let sum = 0;
        for (const x of a) for (const y of b) sum += distances['squared-euclidean'](row(items, x), row(items, y));
        return sum / (a.length * b.length);
      };
      for (const { first, second, distance } of merges) {
        const [a, b] = [groups.get(first), groups.get(second)] as [number[], number[]];
        expect(Math.min(...a)).toBe(first);
        expect(mean(a, b)).toBeCloseTo(distance, 10);
        const all = [...groups.values()];
        const least = Math.min(...all.flatMap((x, i) => all.slice(i + 1).map((y) => mean(x, y))));
        expect(distance).toBeCloseTo(least, 10);
        groups.set(first, [...a, ...b]);
        groups.delete(second);
      }
    }),
  );
});

test('equal items come first at 0; rows of zeros are at distance 1 from all by cosine', async () => {
  const items = rowsOf([1, 0], [0, 0], [2, 0], [1, 0], [0, 0]);
  const merges = await averageLinkage(items, { metric: 'cosine' });
  expect(merges.map(({ first, second }) => [first, second])).toEqual([
    [0, 3],
    [0, 2],
    [0, 1],
    [0, 4],
  ]);
  expect(merges.map(({ distance }) => distance)).toEqual([0, 0, 1, 1]);
});

test('nothing to join', async () => {
  expect(await averageLinkage(matrix(0, 4), { metric: 'cosine' })).toEqual([]);
  expect(await averageLinkage(rowsOf([1, 2]), { metric: 'cosine' })).toEqual([]);
  expect([...cutAtDistance(1, [], 1)]).toEqual([0]);
});

test('neighbours closer than float32 can tell apart are told apart', async () => {
  // Far from 0, where products in float32 are off by more than the distances.
  const items = rowsOf([1000, 1000], [1000.01, 1000], [1000, 1000.03], [1000.05, 1000.06], [1000.04, 1000]);
  const merges = await averageLinkage(items, { metric: 'squared-euclidean' });
  expect(merges.map(({ first, second }) => [first, second])).toEqual(
    greedy(items, 'squared-euclidean').map(({ first, second }) => [first, second]),
  );
});
