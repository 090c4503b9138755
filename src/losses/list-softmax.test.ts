import { expect, test } from 'vitest';
import { expectLoops, ListLoss, lossOfList } from '../../test/ranking-lists.ts';
import { listSoftmax } from './list-softmax.ts';

test.each([
  ['linear', 'equal'],
  ['exponential', 'equal'],
  ['linear', 'by-gain'],
] as const)('cross-entropy with %s gains, lists count %s', (gain, lists) => {
  expectLoops(listSoftmax({ gain, lists }), ({ scores, grades, weights }) => {
    const gains = grades.map((grade) => (gain === 'linear' ? grade : 2 ** grade - 1));
    const all = gains.reduce((a, b) => a + b);
    if (all === 0) return { total: 0, count: 0 };
    const partition = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    const total = scores.reduce(
      (sum, score, i) => sum - weights[i] * gains[i] * Math.log(Math.exp(score) / partition),
      0,
    );
    return { total: lists === 'equal' ? total / all : total, count: 1 };
  });
});

test('by hand', () => {
  // The one that is relevant is chosen in one of four.
  expect(lossOfList(listSoftmax(), [0, Math.log(3)], [1, 0])).toBeCloseTo(Math.log(4), 12);
  expect(lossOfList(listSoftmax(), [0, Math.log(3)], [3, 1])).toBeCloseTo(
    0.75 * Math.log(4) + 0.25 * Math.log(4 / 3),
    12,
  );
  expect(lossOfList(listSoftmax({ lists: 'by-gain' }), [0, Math.log(3)], [3, 1])).toBeCloseTo(
    3 * Math.log(4) + Math.log(4 / 3),
    12,
  );
  expect(lossOfList(listSoftmax(), [0, 1], [0, 0])).toBe(0);
});

test('clicks by propensity give on average what clicks without bias give', () => {
  const [scores, chance, propensity] = [
    [0.3, -0.5, 1.2],
    [0.9, 0.4, 0.7],
    [1, 0.5, 0.25],
  ];
  /** The mean of the loss of one list over all that may be clicked. */
  const expected = (clicked: readonly number[], weight: readonly number[]) => {
    let mean = 0;
    for (let bits = 1; bits < 8; bits++) {
      const grades = scores.map((_, i) => (bits >> i) & 1);
      const probability = clicked.reduce((product, p, i) => product * (grades[i] ? p : 1 - p), 1);
      const list = { scores: [scores], grades: [grades], weights: [weight] };
      mean += probability * new ListLoss(listSoftmax({ lists: 'by-gain' }), list).at().loss;
    }
    return mean;
  };
  const seen = chance.map((p, i) => p * propensity[i]);
  const inverse = propensity.map((p) => 1 / p);
  expect(expected(seen, inverse)).toBeCloseTo(expected(chance, [1, 1, 1]), 12);
  expect(expected(seen, [1, 1, 1])).not.toBeCloseTo(expected(chance, [1, 1, 1]), 1);
});
