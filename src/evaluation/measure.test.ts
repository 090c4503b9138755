import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import type { GroundTruth } from './ground-truth.ts';
import { lookOf, mainOf, meansOf, measure, valuesOf } from './measure.ts';
import { linked } from './relevance.ts';

const random = Random.seeded(1);
const embeddings = matrix(
  6,
  3,
  Float32Array.from({ length: 18 }, () => random.normal()),
);
const links = { items: 6, from: Int32Array.of(0, 1, 4), to: Int32Array.of(2, 3, 5), directed: false };
const pairs = { a: Int32Array.of(0, 1, 4), b: Int32Array.of(2, 3, 5), same: Uint8Array.of(1, 0, 1) };
const triplets = { anchor: Int32Array.of(0, 1), closer: Int32Array.of(2, 3), farther: Int32Array.of(5, 4) };
const truths: readonly [GroundTruth, string, readonly string[]][] = [
  [{ labels: Int32Array.of(0, 0, 1, 1, 2, 2) }, 'retrieval', ['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10']],
  [
    { relevance: linked(links) },
    'retrieval',
    ['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10', 'ndcgAt60', 'mapAt60', 'recallAt100'],
  ],
  [{ pairs }, 'verification', ['auc', 'averagePrecision']],
  [{ triplets }, 'triplets', ['agreement']],
  [{ views: 6 }, 'retrieval', ['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10']],
];

test.each(truths)('ground truth %# is measured by %s: values average to the qualities', async (truth, kind, names) => {
  const found = await measure({ ...truth, embeddings, otherLooks: embeddings, metric: 'cosine' });
  expect(found.measure).toBe(kind);
  expect(Object.keys(meansOf(found))).toEqual(names);
  for (const [name, values] of Object.entries(valuesOf(found))) {
    expect(names).toContain(name);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean).toBeCloseTo((meansOf(found) as Record<string, number>)[name], 12);
  }
  expect(Object.values(lookOf(found))[0]).toBe(mainOf(found));
});

test('views: an item finds its other look, not itself', async () => {
  const other = matrix(3, 1, Float32Array.of(1.1, 2.9, 0));
  const looks = matrix(3, 1, Float32Array.of(1, 3, 5));
  const found = await measure({ views: 3, embeddings: looks, otherLooks: other, metric: 'squared-euclidean' });
  // 1 is nearest to its 1.1 and 3 to its 2.9; for 5 its own look, at 0, is the farthest.
  expect(meansOf(found)).toMatchObject({ recallAt1: 2 / 3, recallAt10: 1, mapAtR: 2 / 3 });
  expect(found).toMatchObject({ queries: 3, candidates: 3 });
  await expect(measure({ views: 3, embeddings: looks, metric: 'cosine' })).rejects.toThrow(RangeError);
});

test('a threshold gives an accuracy; a look names the main quality first', async () => {
  const found = await measure({ pairs, embeddings, metric: 'cosine', threshold: 10 });
  expect(meansOf(found).accuracy).toBeCloseTo(2 / 3, 12);
  expect(valuesOf(found)).toHaveProperty('accuracy');
  expect(Object.keys(lookOf(found))).toEqual(['auc', 'averagePrecision']);
  const labelled = await measure({ labels: Int32Array.of(0, 0, 1, 1, 2, 2), embeddings, metric: 'cosine' });
  expect(Object.keys(lookOf(labelled))).toEqual(['mapAtR', 'recallAt1']);
});
