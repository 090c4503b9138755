import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureLists, type RankingOptions } from './measure-lists.ts';
import type { Ties } from './order.ts';
import type { ScoredLists } from './scored-lists.ts';

interface Golden {
  readonly ndcg: {
    k: number;
    gain: 'linear' | 'exponential';
    scores: number[];
    relevance: number[];
    dcg: number;
    value: number;
  }[];
  readonly binary: {
    scores: number[];
    relevant: number[];
    averagePrecision: number;
    rocAuc: number;
    reciprocalRank: number;
    rPrecision: number;
    recallAt: Record<string, number>;
    precisionAt: Record<string, number>;
  }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/ranking-metrics.json', import.meta.url), 'utf8'),
);

/** Lists from pairs of score and grade. */
function lists(...all: readonly (readonly (readonly [number, number])[])[]): ScoredLists {
  const offsets = new Int32Array(all.length + 1);
  all.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  const rows = all.flat();
  return { offsets, scores: Float64Array.from(rows, ([s]) => s), grades: Float64Array.from(rows, ([, g]) => g) };
}

/** A list in the order of its grades, best rank first. */
const inOrder = (...grades: number[]) => lists(grades.map((grade, i) => [-i, grade] as const));

const means = (given: ScoredLists, metrics: string[], options: Partial<RankingOptions> = {}) =>
  measureLists(given, { metrics, ...options }).means;

describe('other implementations', () => {
  test.each(golden.ndcg)('ndcg@$k, $gain', ({ k, gain, scores, relevance, dcg, value }) => {
    const list = lists(scores.map((score: number, i: number) => [score, relevance[i]]));
    const found = means(list, [`ndcg@${k}`, `dcg@${k}`], { gain });
    expect(found[`dcg@${k}`]).toBeCloseTo(dcg, 10);
    expect(found[`ndcg@${k}`]).toBeCloseTo(value, 10);
  });

  test.each(golden.binary)('of relevant or not', (expected) => {
    const { scores, relevant, averagePrecision, rocAuc, reciprocalRank, recallAt, precisionAt, rPrecision } = expected;
    const list = lists(scores.map((score: number, i: number) => [score, relevant[i]]));
    const at = (name: string, values: Record<string, number>) =>
      Object.entries(values).map(([k, value]) => [`${name}@${k}`, value] as const);
    const all = [
      ['map', averagePrecision],
      ['auc', rocAuc],
      ['mrr', reciprocalRank],
      ['rPrecision', rPrecision],
      ...at('recall', recallAt),
      ...at('precision', precisionAt),
    ] as [string, number][];
    const found = means(
      list,
      all.map(([name]) => name),
    );
    for (const [name, value] of all) expect(found[name], name).toBeCloseTo(value, 10);
  });
});

describe('by hand', () => {
  test('NDCG with linear gain: liked are 1, 4, 6 and 7, listed 3, 7, 5, 4, 2', () => {
    // Of the four that are liked two are not in the list.
    const list = lists([
      [5, 0],
      [4, 1],
      [3, 0],
      [2, 1],
      [1, 0],
      [-Infinity, 1],
      [-Infinity, 1],
    ]);
    const found = means(list, ['ndcg@3', 'ndcg@5'], { gain: 'linear' });
    // 1 / log2(3) over 1 + 1 / log2(3) + 1 / 2, and with 1 / log2(5) over 1 / log2(5) more.
    expect(found['ndcg@3']).toBeCloseTo(0.6309298 / 2.1309298, 6);
    expect(found['ndcg@5']).toBeCloseTo((0.6309298 + 0.4306766) / (2.1309298 + 0.4306766), 6);
    expect(found['ndcg@3']).toBeCloseTo(0.296, 3);
    expect(found['ndcg@5']).toBeCloseTo(0.414, 3);
  });

  test('the rest, of grades 0, 2, 0, 1', () => {
    const found = means(inOrder(0, 2, 0, 1), [
      'map',
      'mrr',
      'hit@1',
      'hit@2',
      'precision@5',
      'recall@2',
      'err',
      'rbp@0.5',
      'bpref',
      'map@3',
      'mrr@1',
    ]);
    expect(found.map).toBeCloseTo((1 / 2 + 2 / 4) / 2, 12);
    expect(found['map@3']).toBeCloseTo(1 / 4, 12);
    expect(found.mrr).toBe(1 / 2);
    expect(found['mrr@1']).toBe(0);
    expect([found['hit@1'], found['hit@2']]).toEqual([0, 1]);
    expect(found['precision@5']).toBeCloseTo(2 / 5, 12);
    expect(found['recall@2']).toBe(1 / 2);
    // The second stops with 3/4, the fourth with 1/4.
    expect(found.err).toBeCloseTo(3 / 4 / 2 + ((1 / 4) * (1 / 4)) / 4, 12);
    expect(found['rbp@0.5']).toBeCloseTo(0.5 * (0.5 + 0.125), 12);
    // One irrelevant above the first of two, two above the second.
    expect(found.bpref).toBeCloseTo((1 - 1 / 2 + (1 - 2 / 2)) / 2, 12);
  });

  test('what nobody has judged counts as 0, and bpref passes it over', () => {
    const found = means(inOrder(Number.NaN, 1, 0), ['bpref', 'mrr', 'ndcg@1']);
    expect(found).toEqual({ bpref: 1, mrr: 1 / 2, 'ndcg@1': 0 });
  });

  test('what was not retrieved has no rank and was to be found', () => {
    const list = lists([
      [1, 1],
      [Number.NEGATIVE_INFINITY, 1],
      [0, 0],
    ]);
    expect(means(list, ['map', 'recall@3', 'rPrecision'])).toEqual({
      map: 1 / 2,
      'recall@3': 1 / 2,
      rPrecision: 1 / 2,
    });
  });
});

describe('rules', () => {
  test.each([
    ['pessimistic', 1 / 3],
    ['optimistic', 1],
    ['listed', 1 / 2],
  ] as [Ties, number][])('ties: %s', (ties, mrr) => {
    const list = lists([
      [0, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(means(list, ['mrr'], { ties })).toEqual({ mrr });
    // A tie is half a pair, whatever comes first.
    expect(means(list, ['auc'], { ties })).toEqual({ auc: 1 / 2 });
  });

  test('a list with nothing relevant is left out, or counts as 0 or 1', () => {
    const list = lists([[1, 1]], [[1, 0]]);
    expect(means(list, ['ndcg'])).toEqual({ ndcg: 1 });
    expect(means(list, ['ndcg'], { empty: 0 })).toEqual({ ndcg: 1 / 2 });
    expect(means(lists([[1, 0]]), ['ndcg'], { empty: 1 })).toEqual({ ndcg: 1 });
    expect(means(lists([[1, 0]], []), ['ndcg'])).toEqual({ ndcg: Number.NaN });
    expect(measureLists(list, { metrics: ['ndcg'] })).toMatchObject({
      judged: 1,
      perQuery: { ndcg: Float64Array.of(1, NaN) },
    });
  });

  test('relevant from a grade on', () => {
    expect(means(inOrder(1, 2), ['mrr'], { relevantFrom: 2 })).toEqual({ mrr: 1 / 2 });
  });

  test.each([
    ['ndgc@10', /Did you mean "ndcg"/],
    ['ndcg@0', /whole number from 1.*"ndcg@0"/],
    ['ndcg@1@2', /one of dcg, ndcg/],
    ['rbp@1', /between 0 and 1/],
    ['auc@3', /looks at the whole list/],
  ])('%s is refused', (name, message) => {
    expect(() => means(inOrder(1), [name])).toThrow(message);
  });

  test('lists that cannot be are refused', () => {
    expect(() => means(inOrder(-1), ['map'])).toThrow(
      /Grades are 0 or more, and finite: received -1 in row 0|-1 in row 0/,
    );
    expect(() => means(lists([[Number.NaN, 1]]), ['map'])).toThrow(/NaN in row 0/);
    expect(() => means(inOrder(1), [])).toThrow(/one metric or more/);
    const { offsets, scores } = inOrder(1);
    expect(() => means({ offsets, scores, grades: new Float64Array(2) }, ['map'])).toThrow(/1 scores and 2 grades/);
  });
});

describe('laws', () => {
  const someLists = fc.array(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 4 })), { maxLength: 60 }),
    { minLength: 1, maxLength: 5 },
  );
  const names = [
    'ndcg',
    'ndcg@3',
    'map',
    'mrr',
    'precision@5',
    'recall@40',
    'hit@2',
    'rPrecision',
    'err@9',
    'rbp',
    'bpref',
    'auc',
  ];

  test('an order of the pairs by plain sorting gives the same', () => {
    fc.assert(
      fc.property(someLists, fc.constantFrom<Ties>('pessimistic', 'optimistic', 'listed'), (given, ties) => {
        const sign = { pessimistic: 1, optimistic: -1, listed: 0 }[ties];
        const sorted = given.map((list) =>
          list.toSorted((a, b) => b[0] - a[0] || sign * (a[1] - b[1])).map(([, grade], i) => [-i, grade] as const),
        );
        const metrics = names.filter((name) => name !== 'auc');
        expect(measureLists(lists(...given), { metrics, ties }).perQuery).toEqual(
          measureLists(lists(...sorted), { metrics, ties }).perQuery,
        );
      }),
    );
  });

  // Slow, and as the definitions have it: every list sorted whole, every item looked up.
  function naively(rows: readonly (readonly [number, number])[], ties: Ties, k: number, from: number) {
    const worth = (grade: number) => grade || 0;
    const gain = (grade: number) => 2 ** worth(grade) - 1;
    const sign = { pessimistic: 1, optimistic: -1, listed: 0 }[ties];
    const ranked = rows
      .filter(([score]) => score !== Number.NEGATIVE_INFINITY)
      .toSorted(([s, g], [t, h]) => t - s || sign * (worth(g) - worth(h)))
      .map(([, grade]) => grade);
    const best = rows.map(([, grade]) => worth(grade)).toSorted((a, b) => b - a);
    const dcg = (grades: number[]) =>
      grades.slice(0, k).reduce((sum, grade, i) => (grade > 0 ? sum + gain(grade) * (1 / Math.log2(i + 2)) : sum), 0);
    const found = (upTo: number) => ranked.slice(0, upTo).filter((grade) => grade >= from).length;
    const relevant = rows.filter(([, grade]) => grade >= from).length;
    const first = ranked.findIndex((grade) => grade >= from);
    const precisions = ranked.map((grade, i) => (grade >= from ? found(i + 1) / (i + 1) : 0));
    return {
      [`dcg@${k}`]: dcg(ranked),
      [`ndcg@${k}`]: dcg(ranked) / dcg(best),
      [`recall@${k}`]: found(k) / relevant,
      map: precisions.reduce((sum, value) => sum + value, 0) / relevant,
      mrr: first < 0 ? 0 : 1 / (first + 1),
      rPrecision: found(relevant) / relevant,
    };
  }

  test.each([
    ['whole grades', fc.constantFrom(0, 1, 2, 4, Number.NaN)],
    ['grades that are fractions, or large', fc.constantFrom(0, 0.25, 0.5, 1, 3.5, 300, Number.NaN)],
  ])('every value is that of the naive loop, to the last bit: %s', (_, grade) => {
    const score = fc.oneof(
      fc.constantFrom(0, -0, 1, 2, Number.NEGATIVE_INFINITY, -Number.MAX_VALUE),
      fc.integer({ min: -9, max: 9 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const given = fc.array(fc.array(fc.tuple(score, grade), { maxLength: 90 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        given,
        fc.constantFrom<Ties>('pessimistic', 'optimistic', 'listed'),
        fc.constantFrom(1, 3, 10, 32, 33, 200),
        fc.constantFrom(undefined, 0.5, 2),
        fc.boolean(),
        (all, ties, k, relevantFrom, whole) => {
          const expected = all.map((rows) => naively(rows, ties, k, relevantFrom ?? Number.MIN_VALUE));
          // Alone the metrics at k look at the first k only; with the others every list is sorted whole.
          const metrics = Object.keys(expected[0]).filter((name) => whole || name.includes('@'));
          const { perQuery, judged } = measureLists(lists(...all), {
            ...{ metrics, ties, empty: 0 as const },
            ...(relevantFrom !== undefined && { relevantFrom }),
          });
          const counts = all.map((rows) => rows.some(([, g]) => g >= (relevantFrom ?? Number.MIN_VALUE)));
          expect(judged).toBe(counts.filter(Boolean).length);
          for (const name of metrics) {
            expect([...perQuery[name]], name).toEqual(expected.map((values, i) => (counts[i] ? values[name] : 0)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('all lie between 0 and 1, and the best order has 1', () => {
    fc.assert(
      fc.property(someLists, (given) => {
        const found = measureLists(lists(...given), { metrics: names });
        for (const values of Object.values(found.perQuery)) {
          for (const value of values) if (!Number.isNaN(value)) expect(value >= 0 && value <= 1 + 1e-12).toBe(true);
        }
        const best = given.map((list) => list.map(([, grade]) => [grade, grade] as const));
        const { perQuery } = measureLists(lists(...best), {
          metrics: ['ndcg', 'ndcg@3', 'map', 'mrr', 'rPrecision', 'bpref', 'auc'],
        });
        for (const values of Object.values(perQuery)) {
          for (const value of values) if (!Number.isNaN(value)) expect(value).toBeCloseTo(1, 9);
        }
      }),
    );
  });
});
