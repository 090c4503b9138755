import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { retrieval } from '../evaluation/retrieval.ts';
import { qualityOf } from './metrics.ts';

test('quality holds the means over the queries, by hand, and intervals around them', async () => {
  // On a circle: two of class 0, then one of class 1 that is nearer to the second, and one on the other side.
  const degrees = [0, 10, 19, 200];
  const data = Float32Array.from(
    degrees.flatMap((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)]),
  );
  const found = await retrieval({
    embeddings: matrix(4, 2, data),
    labels: Int32Array.of(0, 0, 1, 1),
    metric: 'cosine',
    at: [1, 10],
  });
  const quality = qualityOf(found, 7);
  // The right one is at rank 1 for the first, 2 for the second, 3 for both of the last.
  expect(quality.recallAt1).toBe(0.25);
  expect(quality.recallAt10).toBe(1);
  expect(quality.mapAtR).toBe(0.25);
  const third = 1 / Math.log2(4);
  expect(quality.ndcgAt10).toBeCloseTo((1 + 1 / Math.log2(3) + third + third) / 4, 12);
  expect(quality.queries).toBe(4);
  expect(quality.intervals.recallAt10).toEqual([1, 1]);
  const [low, high] = quality.intervals.mapAtR;
  expect([low >= 0, low < 0.25, high > 0.25, high <= 1]).toEqual([true, true, true, true]);
  expect(qualityOf(found, 7)).toEqual(quality);
});
