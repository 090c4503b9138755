import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { distanceHistogram } from './distances.ts';

const on = (rows: number[][]) => matrix(rows.length, rows[0].length, Float32Array.from(rows.flat()));

test('three items worked by hand', () => {
  // Same: 0 and 3 apart by 3. Different: 0 to 4 and 3 to 4.
  const h = distanceHistogram({
    embeddings: on([[0], [3], [4]]),
    labels: Int32Array.of(0, 0, 1),
    metric: 'squared-euclidean',
    bins: 4,
    seed: 1,
  });
  expect(h).toEqual({
    axis: 'euclidean distance',
    edges: [0, 1, 2, 3, 4],
    same: [0, 0, 0, 1],
    different: [0, 0.5, 0, 0.5],
    meanSame: 3,
    meanDifferent: 2.5,
    samePairs: 1,
    differentPairs: 2,
  });
});

test('unit vectors have the fixed axis 0 to 2; opposite ones are 2 apart by either metric', () => {
  const embeddings = on([
    [1, 0],
    [0, 1],
    [-1, 0],
  ]);
  const labels = Int32Array.of(0, 1, 0);
  const euclid = distanceHistogram({ embeddings, labels, metric: 'squared-euclidean', bins: 2, seed: 1 });
  expect(euclid.edges).toEqual([0, 1, 2]);
  expect(euclid.same).toEqual([0, 1]);
  expect(euclid.meanDifferent).toBeCloseTo(Math.SQRT2, 12);
  const cosine = distanceHistogram({ embeddings, labels, metric: 'cosine', bins: 2, seed: 1 });
  expect(cosine).toMatchObject({ axis: '1 - cosine', edges: [0, 1, 2], meanSame: 2, meanDifferent: 1, same: [0, 1] });
});

test('equals a double loop, and densities have area 1', () => {
  const random = Random.seeded(4);
  const n = 60;
  const embeddings = matrix(
    n,
    3,
    new Float32Array(n * 3).map(() => random.normal()),
  );
  const labels = Int32Array.from({ length: n }, () => random.integer(4) * 3);
  for (const metric of ['cosine', 'squared-euclidean'] as const) {
    const h = distanceHistogram({ embeddings, labels, metric, bins: 10, seed: 1 });
    const end = h.edges[10];
    const counts = { same: new Array(10).fill(0), different: new Array(10).fill(0) };
    let pairs = 0;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const a = embeddings.data.subarray(i * 3, i * 3 + 3);
        const b = embeddings.data.subarray(j * 3, j * 3 + 3);
        const distance =
          metric === 'cosine'
            ? 1 - (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (Math.hypot(...a) * Math.hypot(...b))
            : Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        const kind = labels[i] === labels[j] ? 'same' : 'different';
        counts[kind][Math.min(9, Math.floor((distance / end) * 10))]++;
        if (kind === 'same') [pairs, sum] = [pairs + 1, sum + distance];
      }
    }
    for (const kind of ['same', 'different'] as const) {
      const total = counts[kind].reduce((a, b) => a + b, 0);
      h[kind].forEach((density, i) => {
        expect(density).toBeCloseTo(counts[kind][i] / total / (end / 10), 9);
      });
      expect(h[kind].reduce((area, density) => area + density * (end / 10), 0)).toBeCloseTo(1, 9);
    }
    expect(h.samePairs).toBe(pairs);
    expect(h.samePairs + h.differentPairs).toBe((n * (n - 1)) / 2);
    expect(h.meanSame).toBeCloseTo(sum / pairs, 9);
  }
});

test('a sample of pairs is fair to groups of any size, and the seed decides', () => {
  const random = Random.seeded(6);
  // Groups of 1, 2, 40 and 157 items, whose distances differ: an unfair draw would move the means.
  const sizes = [1, 2, 40, 157];
  const labels = Int32Array.from(sizes.flatMap((size, g) => new Array(size).fill(g)));
  const embeddings = matrix(
    200,
    1,
    Float32Array.from(labels, (g) => g * g * 3 + (g + 1) * random.normal()),
  );
  const options = { embeddings, labels, metric: 'squared-euclidean' as const, bins: 30 };
  const all = distanceHistogram({ ...options, seed: 1 });
  const some = distanceHistogram({ ...options, pairs: 5000, seed: 1 });
  expect(all.samePairs).toBe(1 + 780 + 12246);
  expect([some.samePairs, some.differentPairs]).toEqual([5000, 5000]);
  expect(some.meanSame).toBeCloseTo(all.meanSame as number, 0);
  expect(Math.abs((some.meanSame as number) / (all.meanSame as number) - 1)).toBeLessThan(0.04);
  expect(Math.abs((some.meanDifferent as number) / (all.meanDifferent as number) - 1)).toBeLessThan(0.02);
  expect(distanceHistogram({ ...options, pairs: 5000, seed: 1 })).toEqual(some);
  expect(distanceHistogram({ ...options, pairs: 5000, seed: 2 }).meanSame).not.toBe(some.meanSame);
});

test('every pair of a kind has the same chance', () => {
  // Groups of 30, 20 and 10 items: 435, 190 and 45 same pairs; 600, 300 and 200 different ones.
  const labels = Int32Array.from([30, 20, 10].flatMap((size, g) => new Array(size).fill(g)));
  const options = { labels, metric: 'squared-euclidean' as const, bins: 5, pairs: 600 };
  const shares = (kind: 'same' | 'different', value: (group: number, i: number) => number) => {
    const embeddings = matrix(60, 1, Float32Array.from(labels, value));
    const sums = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 60; seed++) {
      distanceHistogram({ ...options, embeddings, seed })[kind].forEach((density, i) => {
        sums[i] += density;
      });
    }
    return sums.map((sum) => sum / sums.reduce((a, b) => a + b, 0));
  };
  // Groups at 0, 1 and 3 are 1, 3 and 2 apart.
  const different = shares('different', (g) => [0, 1, 3][g]);
  [0, 600, 0, 200, 300].forEach((count, i) => {
    expect(Math.abs(different[i] - count / 1100)).toBeLessThan(0.012);
  });
  // Odd items of group g lie 0, 1.5 or 3 from even ones, in 0, 100 and 25 pairs.
  const same = shares('same', (g, i) => 1.5 * g * (i % 2));
  [545, 0, 100, 0, 25].forEach((count, i) => {
    expect(Math.abs(same[i] - count / 670)).toBeLessThan(0.008);
  });
});

test('sampled pairs are of the kind they are counted as, never an item with itself', () => {
  // An item and its twin are 1 apart, groups about 100.
  const labels = Int32Array.of(2, 0, 2, 1, 0, 1);
  const embeddings = on([[200], [0], [201], [100], [1], [101]]);
  const h = distanceHistogram({ embeddings, labels, metric: 'squared-euclidean', pairs: 2, seed: 3 });
  expect(h.meanSame).toBe(1);
  expect(h.meanDifferent).toBeGreaterThanOrEqual(99);
});

test('one group, singletons, coinciding items, zero vectors', () => {
  const two = on([
    [0, 0],
    [0, 0],
  ]);
  const one = distanceHistogram({ embeddings: two, labels: Int32Array.of(0, 0), metric: 'squared-euclidean', seed: 1 });
  expect(one).toMatchObject({ meanSame: 0, meanDifferent: null, samePairs: 1, differentPairs: 0 });
  expect(one.different.every((x) => x === 0)).toBe(true);
  expect(one.edges.at(-1)).toBe(1);
  const apart = distanceHistogram({ embeddings: two, labels: Int32Array.of(0, 1), metric: 'cosine', seed: 1 });
  expect(apart).toMatchObject({ meanSame: null, meanDifferent: 1, samePairs: 0 });
});

test('errors', () => {
  const labels = Int32Array.of(0, 0);
  const broken = on([[1], [Number.NaN]]);
  const options = { labels, metric: 'squared-euclidean' as const, seed: 1 };
  expect(() => distanceHistogram({ ...options, embeddings: broken })).toThrow(/NaN between items 0 and 1/);
  expect(() => distanceHistogram({ ...options, embeddings: matrix(3, 1) })).toThrow(KindredError);
  expect(() => distanceHistogram({ ...options, embeddings: matrix(2, 1), bins: 0 })).toThrow(RangeError);
});
