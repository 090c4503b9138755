import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { matrix, takeRows } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { Random } from '../core/random.ts';
import { countQueries, type Labelled, retrieval } from './retrieval.ts';

function labelled(rows: number[][], labels: number[]): Labelled {
  return {
    embeddings: matrix(rows.length, rows[0].length, Float32Array.from(rows.flat())),
    labels: Int32Array.from(labels),
  };
}

/** One query whose candidates have the given scores: one dimension, dot product with 1. */
function scored(scores: number[], relevant: number[], at: number[]) {
  const candidates = labelled(
    scores.map((score) => [score]),
    relevant,
  );
  return retrieval({ ...labelled([[1]], [1]), candidates, metric: 'dot', at });
}

/** From the definitions, on a list of relevance flags in rank order. */
function naiveMeasures(list: number[], at: number[]) {
  const R = list.reduce((a, b) => a + b, 0);
  const precision = (i: number) => list.slice(0, i).reduce((a, b) => a + b, 0) / i;
  const dcg = (flags: number[], k: number) =>
    flags.slice(0, k).reduce((sum, rel, i) => sum + rel / Math.log2(i + 2), 0);
  const ideal = [...list].sort((a, b) => b - a);
  return {
    recallAt: at.map((k) => (list.slice(0, k).includes(1) ? 1 : 0)),
    mapAtR: list.slice(0, R).reduce((sum, rel, i) => sum + rel * precision(i + 1), 0) / R,
    rPrecision: precision(R),
    ndcgAt: at.map((k) => dcg(list, k) / dcg(ideal, k)),
  };
}

/** Relevance flags in rank order by sorting every candidate; other groups first among equals. */
function naiveList(queries: Labelled, candidates: Labelled | undefined, metric: Metric, query: number): number[] {
  const all = candidates ?? queries;
  const score = (c: number) => {
    let dot = 0;
    let apart = 0;
    for (let j = 0; j < all.embeddings.columns; j++) {
      const x = queries.embeddings.data[query * all.embeddings.columns + j];
      const y = all.embeddings.data[c * all.embeddings.columns + j];
      dot += x * y;
      apart += (x - y) ** 2;
    }
    return metric === 'dot' ? dot : -apart;
  };
  return Array.from(all.labels, (label, c) => ({ c, score: score(c), rel: label === queries.labels[query] ? 1 : 0 }))
    .filter(({ c }) => candidates !== undefined || c !== query)
    .sort((a, b) => b.score - a.score || a.rel - b.rel)
    .map(({ rel }) => rel);
}

test('a list worked by hand', async () => {
  // Relevant at ranks 1, 3 and 6 of 6; R = 3.
  const r = await scored([6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 0, 1], [1, 3, 10]);
  expect(r.means.mapAtR).toBeCloseTo((1 + 2 / 3) / 3, 12);
  expect(r.means.rPrecision).toBeCloseTo(2 / 3, 12);
  expect(r.means.recallAt).toEqual({ 1: 1, 3: 1, 10: 1 });
  const ideal = 1 + 1 / Math.log2(3) + 1 / 2;
  expect(r.means.ndcgAt[1]).toBe(1);
  expect(r.means.ndcgAt[3]).toBeCloseTo(1.5 / ideal, 12);
  expect(r.means.ndcgAt[10]).toBeCloseTo((1.5 + 1 / Math.log2(7)) / ideal, 12);
  expect(r).toMatchObject({ queries: 1, skipped: 0, candidates: 6, metric: 'dot' });
  expect([...r.perQuery.relevant]).toEqual([3]);
});

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/ranking-retrieval.json', import.meta.url), 'utf8'),
) as {
  cases: {
    scores: number[];
    relevant: number[];
    hitAt: Record<number, number>;
    rPrecision: number;
    ndcgAt: Record<number, number>;
  }[];
};

test('equals scikit-learn', async () => {
  expect(golden.cases.length).toBe(12);
  for (const { scores, relevant, hitAt, rPrecision, ndcgAt } of golden.cases) {
    const { means } = await scored(scores, relevant, [1, 3, 5, 10]);
    for (const k of [1, 3, 5]) expect(means.recallAt[k]).toBe(hitAt[k]);
    for (const k of [1, 3, 5, 10]) expect(means.ndcgAt[k]).toBeCloseTo(ndcgAt[k], 9);
    expect(means.rPrecision).toBeCloseTo(rPrecision, 9);
  }
});

test('items search each other: two pairs and a singleton on a line', async () => {
  // 0 and 1 find each other; 10's nearest is 11 (other group), 13's nearest is 11; 11 is alone in its group.
  const r = await retrieval({
    ...labelled([[0], [1], [10], [11], [13]], [5, 5, 7, 9, 7]),
    metric: 'squared-euclidean',
  });
  expect(r).toMatchObject({ queries: 4, skipped: 1, candidates: 4 });
  expect([...r.perQuery.query]).toEqual([0, 1, 2, 4]);
  expect([...r.perQuery.recallAt[1]]).toEqual([1, 1, 0, 0]);
  expect(r.means.recallAt).toEqual({ 1: 0.5, 10: 1 });
  expect(r.means.mapAtR).toBe(0.5);
  expect(r.means.ndcgAt[10]).toBeCloseTo((2 + 2 / Math.log2(3)) / 4, 12);
});

test('a collapsed encoder scores nothing', async () => {
  for (const metric of ['cosine', 'squared-euclidean', 'dot'] as const) {
    const rows = Array.from({ length: 60 }, () => [0.3, -0.7, 0.1]);
    const groups = rows.map((_, i) => i % 3);
    const { means } = await retrieval({ ...labelled(rows, groups), metric });
    expect(means).toEqual({ recallAt: { 1: 0, 10: 0 }, mapAtR: 0, rPrecision: 0, ndcgAt: { 1: 0, 10: 0 } });
  }
});

test('one group: nothing can be wrong', async () => {
  const { means, perQuery } = await retrieval({ ...labelled([[1], [2], [7]], [4, 4, 4]), metric: 'squared-euclidean' });
  expect(means).toEqual({ recallAt: { 1: 1, 10: 1 }, mapAtR: 1, rPrecision: 1, ndcgAt: { 1: 1, 10: 1 } });
  expect([...perQuery.relevant]).toEqual([2, 2, 2]);
});

test('duplicates: an item finds its copy, and copies in another group come first', async () => {
  const right = await retrieval({
    ...labelled(
      [
        [1, 2],
        [1, 2],
        [3, 1],
      ],
      [0, 0, 1],
    ),
    metric: 'squared-euclidean',
  });
  expect(right.means.recallAt[1]).toBe(1);
  const wrong = await retrieval({
    ...labelled(
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      [0, 0, 1],
    ),
    metric: 'squared-euclidean',
  });
  expect(wrong.means.recallAt[1]).toBe(0);
});

const items = (min: number) =>
  fc.array(fc.tuple(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 }), fc.nat({ max: 3 })), {
    minLength: min,
    maxLength: 30,
  });

test('equals the definitions over a full sort, with ties, alone and against given candidates', async () => {
  await fc.assert(
    fc.asyncProperty(
      items(2),
      fc.option(items(1), { nil: undefined }),
      fc.constantFrom<Metric>('dot', 'squared-euclidean'),
      async (some, others, metric) => {
        const build = (list: typeof some) =>
          labelled(
            list.map(([x]) => x),
            list.map(([, g]) => g),
          );
        const queries = build(some);
        const candidates = others && build(others);
        const counted = countQueries(queries.labels, candidates?.labels);
        fc.pre(counted > 0);
        const at = [1, 2, 5, 100];
        const r = await retrieval({ ...queries, metric, at, ...(candidates && { candidates }) });
        const lists = some.map((_, q) => naiveList(queries, candidates, metric, q));
        const kept = lists.flatMap((list, q) => (list.includes(1) ? [q] : []));
        expect([...r.perQuery.query]).toEqual(kept);
        expect(r.queries).toBe(counted);
        expect(r.skipped).toBe(some.length - kept.length);
        kept.forEach((q, i) => {
          const expected = naiveMeasures(lists[q], at);
          expect(r.perQuery.mapAtR[i]).toBeCloseTo(expected.mapAtR, 12);
          expect(r.perQuery.rPrecision[i]).toBeCloseTo(expected.rPrecision, 12);
          at.forEach((k, n) => {
            expect(r.perQuery.recallAt[k][i]).toBe(expected.recallAt[n]);
            expect(r.perQuery.ndcgAt[k][i]).toBeCloseTo(expected.ndcgAt[n], 12);
          });
        });
        expect(r.means.mapAtR).toBeCloseTo(r.perQuery.mapAtR.reduce((a, b) => a + b, 0) / kept.length, 12);
      },
    ),
    { numRuns: 150, seed: 2 },
  );
});

test('the order of the items does not matter, and the cosine ignores lengths', async () => {
  const random = Random.seeded(3);
  const n = 120;
  const embeddings = matrix(n, 4).data.map(() => random.normal());
  const all = { embeddings: matrix(n, 4, embeddings), labels: Int32Array.from({ length: n }, (_, i) => i % 7) };
  const order = random.shuffle(Array.from({ length: n }, (_, i) => i));
  const shuffled = {
    embeddings: takeRows(all.embeddings, order),
    labels: Int32Array.from(order, (i) => all.labels[i]),
  };
  const a = await retrieval({ ...all, metric: 'squared-euclidean' });
  const b = await retrieval({ ...shuffled, metric: 'squared-euclidean' });
  order.forEach((from, to) => {
    expect(b.perQuery.mapAtR[to]).toBe(a.perQuery.mapAtR[from]);
  });
  expect(b.means.mapAtR).toBeCloseTo(a.means.mapAtR, 12);

  const longer = matrix(
    n,
    4,
    embeddings.map((x, i) => x * 2 ** (Math.floor(i / 4) % 5)),
  );
  const c = await retrieval({ ...all, metric: 'cosine' });
  const d = await retrieval({ ...all, embeddings: longer, metric: 'cosine' });
  expect(d.perQuery.mapAtR).toEqual(c.perQuery.mapAtR);
});

test('progress ends at the number of queries', async () => {
  const seen: [number, number][] = [];
  const some = labelled([[1], [2], [3]], [0, 0, 0]);
  await retrieval({ ...some, metric: 'dot', progress: (done, total) => seen.push([done, total]) });
  expect(seen.at(-1)).toEqual([3, 3]);
});

test('errors name the query, the sizes, the k', async () => {
  const some = labelled([[1], [Number.NaN], [3]], [0, 0, 0]);
  await expect(retrieval({ ...some, metric: 'dot' })).rejects.toThrow(/NaN between query 0 and candidate 1/);
  await expect(retrieval({ ...some, metric: 'dot' })).rejects.toBeInstanceOf(KindredError);
  const short = { embeddings: matrix(2, 1), labels: new Int32Array(3) };
  await expect(retrieval({ ...short, metric: 'dot' })).rejects.toThrow(/2 embeddings and 3 labels/);
  const candidates = { embeddings: matrix(3, 2), labels: new Int32Array(3) };
  await expect(retrieval({ ...some, candidates, metric: 'dot' })).rejects.toThrow(/1 and 2 dimensions/);
  await expect(retrieval({ ...some, metric: 'dot', at: [0] })).rejects.toThrow(/whole k from 1: 0/);
  await expect(retrieval({ ...labelled([[1], [2]], [0, 1]), metric: 'dot' })).rejects.toThrow(/own group/);
});
