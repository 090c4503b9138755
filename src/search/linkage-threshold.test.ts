import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { clusteringQuality } from '../evaluation/clustering.ts';
import { averageLinkage, cutAtDistance } from './average-linkage.ts';
import { linkageThreshold } from './linkage-threshold.ts';

/** Items around a direction for each class. */
function drawn(classes: number, items: number, noise: number) {
  const random = Random.seeded(classes);
  const truth = Int32Array.from({ length: classes * items }, (_, i) => i % classes);
  const centres = Array.from({ length: classes }, () => Array.from({ length: 6 }, () => random.normal()));
  const data = Float32Array.from({ length: truth.length * 6 }, (_, i) => {
    return centres[truth[Math.floor(i / 6)]][i % 6] + noise * random.normal();
  });
  return { items: matrix(truth.length, 6, data), truth };
}

test('the best of all thresholds: a naive loop, where there are few', async () => {
  const { items, truth } = drawn(5, 6, 0.8);
  const found = await linkageThreshold(items, truth);
  const merges = await averageLinkage(items, { metric: 'cosine' });
  const scores = merges.slice(1).map(({ distance }, i) => {
    const threshold = (distance + merges[i].distance) / 2;
    return clusteringQuality(truth, cutAtDistance(30, merges, threshold)).bCubed.f1;
  });
  expect(found?.bCubed.f1).toBe(Math.max(...scores));
  expect(clusteringQuality(truth, cutAtDistance(30, merges, found?.threshold ?? 0)).bCubed).toEqual(found?.bCubed);
});

test('classes that lie apart are found whole', async () => {
  const { items, truth } = drawn(8, 40, 0.05);
  const found = await linkageThreshold(items, truth);
  expect(found?.bCubed).toEqual({ precision: 1, recall: 1, f1: 1 });
});

test('of one class, or of items that are all alone, none is chosen', async () => {
  const { items } = drawn(2, 4, 1);
  expect(await linkageThreshold(items, new Int32Array(8))).toBeUndefined();
  expect(
    await linkageThreshold(
      items,
      Int32Array.from({ length: 8 }, (_, i) => i),
    ),
  ).toBeUndefined();
});
