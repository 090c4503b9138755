import { expect, test } from 'vitest';
import { type Matrix, matrix, row, takeRows } from '../core/matrix.ts';
import { type Metric, metrics } from '../core/metric.ts';
import { Random } from '../core/random.ts';
import { approximateIndex } from './approximate.ts';
import { exactIndex } from './exact.ts';
import type { Index } from './hits.ts';

function normal(rows: number, columns: number, seed: number): Matrix {
  const random = Random.seeded(seed);
  return matrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => random.normal()),
  );
}
const ids = (count: number) => Array.from({ length: count }, (_, i) => `item-${i}`);

/** The definition, as plain loops in float64 over every item. */
function naive(embeddings: Matrix, queries: Matrix, k: number, metric: Metric) {
  return Array.from({ length: queries.rows }, (_, q) => {
    const hits = Array.from({ length: embeddings.rows }, (_, position) => {
      const [a, b] = [row(queries, q), row(embeddings, position)];
      let [dot, aa, bb, squared] = [0, 0, 0, 0];
      for (let d = 0; d < a.length; d++) {
        dot += a[d] * b[d];
        aa += a[d] * a[d];
        bb += b[d] * b[d];
        squared += (a[d] - b[d]) ** 2;
      }
      const cosine = aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
      const distance = { cosine: 1 - cosine, dot: 1 - dot, 'squared-euclidean': squared }[metric];
      return { id: `item-${position}`, position, distance };
    });
    return hits.sort((a, b) => a.distance - b.distance || a.position - b.position).slice(0, k);
  });
}

const kinds: Record<string, (options: Parameters<typeof exactIndex>[0]) => Index | Promise<Index>> = {
  exact: exactIndex,
  approximate: approximateIndex,
};

for (const [kind, make] of Object.entries(kinds)) {
  // Few enough items that the graph misses none.
  test.each(metrics)(`${kind}: hits and distances equal plain loops, %s`, async (metric) => {
    const embeddings = normal(60, 5, 1);
    const queries = normal(7, 5, 2);
    const index = await make({ embeddings, ids: ids(60), metric });
    const hits = await index.search(queries, 9);
    for (const [q, expected] of naive(embeddings, queries, 9, metric).entries()) {
      expect(hits[q].map(({ id, position }) => ({ id, position }))).toEqual(
        expected.map(({ id, position }) => ({ id, position })),
      );
      for (const [i, hit] of hits[q].entries()) expect(hit.distance).toBeCloseTo(expected[i].distance, 5);
    }
    expect(index).toMatchObject({ size: 60, dimension: 5, metric });
    expect(await index.search(takeRows(queries, [3]), 9)).toEqual([hits[3]]);
  });

  test(`${kind}: distances worked by hand`, async () => {
    const embeddings = matrix(3, 2, Float32Array.of(3, 4, -3, -4, 4, -3));
    const query = matrix(1, 2, Float32Array.of(6, 8));
    const distances = async (metric: Metric) => {
      const index = await make({ embeddings, ids: ['a', 'b', 'c'], metric });
      return (await index.search(query, 3))[0].map((hit) => [hit.id, hit.distance]);
    };
    expect(await distances('cosine')).toEqual([
      ['a', 0],
      ['c', 1],
      ['b', 2],
    ]);
    expect(await distances('squared-euclidean')).toEqual([
      ['a', 25],
      ['c', 125],
      ['b', 225],
    ]);
    expect(await distances('dot')).toEqual([
      ['a', -49],
      ['c', 1],
      ['b', 51],
    ]);
  });

  test(`${kind}: at equal distance the lower position comes first`, async () => {
    const embeddings = matrix(40, 2, new Float32Array(80).fill(1));
    const index = await make({ embeddings, ids: ids(40), metric: 'cosine' });
    const [hits] = await index.search(matrix(1, 2, Float32Array.of(2, 2)), 40);
    expect(hits.map((hit) => hit.position)).toEqual([...Array(40).keys()]);
    expect(hits.every((hit) => hit.distance < 1e-7)).toBe(true);
  });

  test(`${kind}: k beyond the size gives every item once, even where most are duplicates`, async () => {
    const embeddings = matrix(900, 2, new Float32Array(1800).fill(1));
    embeddings.data.set([-1, -1], 500 * 2);
    const index = await make({ embeddings, ids: ids(900), metric: 'squared-euclidean' });
    const [hits] = await index.search(matrix(1, 2, Float32Array.of(1, 1)), 5000);
    expect(new Set(hits.map((hit) => hit.id)).size).toBe(900);
    expect(hits.at(-1)).toEqual({ id: 'item-500', position: 500, distance: 8 });
  });

  test(`${kind}: a zero vector is at cosine distance 1 from everything`, async () => {
    const embeddings = matrix(3, 2, Float32Array.of(0, 0, 1, 0, -1, 1));
    const index = await make({ embeddings, ids: ids(3), metric: 'cosine' });
    const [hits] = await index.search(matrix(1, 2), 3);
    expect(hits.map(({ position, distance }) => [position, distance])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  test(`${kind}: no items, no queries`, async () => {
    const empty = await make({ embeddings: matrix(0, 4), ids: [], metric: 'cosine' });
    expect(await empty.search(matrix(2, 4), 3)).toEqual([[], []]);
    const index = await make({ embeddings: normal(3, 4, 1), ids: ids(3), metric: 'cosine' });
    expect(await index.search(matrix(0, 4), 3)).toEqual([]);
  });

  test(`${kind}: what cannot be searched or indexed is refused`, async () => {
    const embeddings = normal(4, 3, 1);
    const index = await make({ embeddings, ids: ids(4), metric: 'cosine' });
    const query = matrix(1, 3, Float32Array.of(1, 2, 3));
    for (const k of [0, -1, 1.5, NaN]) await expect(index.search(query, k)).rejects.toThrow(`1 or more: ${k}.`);
    await expect(index.search(matrix(1, 2), 1)).rejects.toThrow('dimension 3: queries of dimension 2.');
    const broken = matrix(2, 3, Float32Array.of(1, 2, 3, 4, NaN, 6));
    await expect(index.search(broken, 1)).rejects.toThrow('NaN in query 1.');

    const attempt = async (rows: Matrix, names: string[]) => make({ embeddings: rows, ids: names, metric: 'cosine' });
    await expect(attempt(broken, ids(2))).rejects.toThrow('NaN in embedding 1.');
    await expect(attempt(embeddings, ids(3))).rejects.toThrow('4 embeddings and 3 ids.');
    await expect(attempt(embeddings, ['a', 'b', 'a', 'c'])).rejects.toThrow("'a' twice.");
    await expect(attempt(matrix(2, 0), ids(2))).rejects.toThrow('dimension 0.');
  });
}

test('the approximate index finds at least 95 of 100 nearest neighbours', async () => {
  const embeddings = normal(5000, 32, 11);
  for (let i = 0; i < embeddings.rows; i++) {
    const vector = row(embeddings, i);
    const length = Math.hypot(...vector);
    vector.forEach((value, d) => {
      vector[d] = value / length;
    });
  }
  const queries = normal(200, 32, 12);
  const options = { embeddings, ids: ids(5000), metric: 'cosine' } as const;
  const exact = await exactIndex(options).search(queries, 10);
  const approximate = await (await approximateIndex(options)).search(queries, 10);
  let found = 0;
  for (const [q, hits] of exact.entries()) {
    const positions = new Set(hits.map((hit) => hit.position));
    found += approximate[q].filter((hit) => positions.has(hit.position)).length;
  }
  expect(found / 2000).toBeGreaterThanOrEqual(0.95);
});
