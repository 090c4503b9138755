import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RankCounter } from './relevant-ranks.ts';

/** Ranks by sorting the whole row: higher first, other groups first among equals. */
function naive(scores: number[], labels: number[], label: number, self: number): number[] {
  const order = [...scores.keys()].filter((c) => c !== self);
  order.sort((a, b) => scores[b] - scores[a] || Number(labels[a] === label) - Number(labels[b] === label));
  return order.flatMap((c, i) => (labels[c] === label ? [i + 1] : []));
}

function ranks(scores: number[], labels: number[], label: number, self = -1, counter = new RankCounter()) {
  const relevant = Int32Array.from([...labels.keys()].filter((c) => labels[c] === label));
  const counted = counter.count(Float32Array.from(scores), relevant, Int32Array.from(labels), label, self);
  return { ranks: [...counted.ranks], broken: counted.broken };
}

test('ranks worked by hand', () => {
  expect(ranks([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0], 1)).toEqual({ ranks: [1, 3], broken: -1 });
  expect(ranks([0.9, 0.8, 0.7, 0.6], [0, 0, 1, 1], 1).ranks).toEqual([3, 4]);
  expect(ranks([5, 0.8, 0.7, 0.6], [1, 0, 0, 1], 1, 0).ranks).toEqual([3]);
  expect(ranks([1, 2], [0, 0], 1).ranks).toEqual([]);
});

test('among equal scores the irrelevant candidates come first, 0 and -0 being equal', () => {
  expect(ranks([1, 1, 1, 1], [1, 0, 1, 0], 1).ranks).toEqual([3, 4]);
  expect(ranks([0, -0], [1, 0], 1).ranks).toEqual([2]);
  expect(ranks([-0, 0], [1, 0], 1).ranks).toEqual([2]);
  expect(ranks([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 3], [1, 0, 0], 1).ranks).toEqual([3]);
});

test('NaN is reported wherever it is, except at the query itself', () => {
  expect(ranks([1, Number.NaN, 2], [1, 1, 0], 1).broken).toBe(1);
  expect(ranks([1, 2, Number.NaN], [1, 1, 0], 1).broken).toBe(2);
  expect(ranks([1, Number.NaN], [0, 0], 1).broken).toBe(1);
  expect(ranks([Number.NaN, 2, 1], [1, 1, 0], 1, 0)).toEqual({ ranks: [1], broken: -1 });
});

test('equals a sort of the whole row, with many ties, one counter for rows of any size', () => {
  const counter = new RankCounter();
  const candidate = fc.record({ score: fc.integer({ min: -3, max: 3 }), label: fc.integer({ min: 0, max: 2 }) });
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1, maxLength: 40 }), fc.boolean(), (candidates, leaveOneOut) => {
      const scores = candidates.map((c) => c.score);
      const labels = candidates.map((c) => c.label);
      const self = leaveOneOut ? 0 : -1;
      const label = leaveOneOut ? labels[0] : 1;
      expect(ranks(scores, labels, label, self, counter).ranks).toEqual(naive(scores, labels, label, self));
    }),
    { numRuns: 500, seed: 1 },
  );
});
