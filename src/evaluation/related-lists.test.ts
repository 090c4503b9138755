import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { meansOf, measure, valuesOf } from './measure.ts';
import { averagePrecisionAt, shareWithin } from './related-lists.ts';
import { linked } from './relevance.ts';

test('by hand: relevant at ranks 1, 4 and 70', () => {
  const ranks = Int32Array.of(1, 4, 70);
  expect(averagePrecisionAt(ranks, 60)).toBeCloseTo((1 + 2 / 4) / 3, 12);
  expect(averagePrecisionAt(ranks, 2)).toBeCloseTo(1 / 2, 12);
  expect(averagePrecisionAt(ranks, 1)).toBe(1);
  expect([shareWithin(ranks, 60), shareWithin(ranks, 100), shareWithin(ranks, 0)]).toEqual([2 / 3, 1, 0]);
});

test('a graph of 150 items: the definitions over a full sort', async () => {
  const random = Random.seeded(4);
  const n = 150;
  const embeddings = matrix(
    n,
    3,
    Float32Array.from({ length: 3 * n }, () => random.normal()),
  );
  const edges = Array.from({ length: 900 }, () => [random.integer(n), random.integer(n)]).filter(([a, b]) => a !== b);
  const [from, to] = [0, 1].map((end) => Int32Array.from(edges, (edge) => edge[end]));
  const found = await measure({
    relevance: linked({ items: n, from, to, directed: false }),
    embeddings,
    metric: 'squared-euclidean',
  });
  const values = valuesOf(found);
  const apart = (a: number, b: number) =>
    [0, 1, 2].reduce((sum, k) => sum + (embeddings.data[3 * a + k] - embeddings.data[3 * b + k]) ** 2, 0);
  const queries = Array.from({ length: n }, (_, query) => {
    const friends = new Set(edges.flatMap(([a, b]) => (a === query ? [b] : b === query ? [a] : [])));
    const list = Array.from({ length: n }, (_, i) => i)
      .filter((i) => i !== query)
      .sort((a, b) => apart(query, a) - apart(query, b))
      .map((i) => friends.has(i));
    return { list, all: friends.size };
  }).filter(({ all }) => all > 0);
  expect(values.ndcgAt60?.length).toBe(queries.length);
  queries.forEach(({ list, all }, i) => {
    let [gain, best, hits, precisions, far] = [0, 0, 0, 0, 0];
    list.forEach((right, rank) => {
      if (right && rank < 100) far++;
      if (rank >= 60) return;
      if (rank < all) best += 1 / Math.log2(rank + 2);
      if (!right) return;
      gain += 1 / Math.log2(rank + 2);
      precisions += ++hits / (rank + 1);
    });
    expect(values.ndcgAt60?.[i]).toBeCloseTo(gain / best, 9);
    expect(values.mapAt60?.[i]).toBeCloseTo(precisions / Math.min(60, all), 9);
    expect(values.recallAt100?.[i]).toBeCloseTo(far / all, 9);
  });
  const mean = (values: ArrayLike<number> = []) => Array.from(values).reduce((a, b) => a + b, 0) / queries.length;
  expect(meansOf(found).recallAt100).toBeCloseTo(mean(values.recallAt100), 12);
});

test('labels have no lists of related items', async () => {
  const found = await measure({
    labels: Int32Array.of(0, 0, 1, 1),
    embeddings: matrix(4, 1, Float32Array.of(0, 1, 5, 6)),
    metric: 'squared-euclidean',
  });
  expect(Object.keys(meansOf(found))).toEqual(['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10']);
});
