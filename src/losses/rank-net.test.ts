import { expect, test } from 'vitest';
import { expectGolden, expectLoops, ListLoss, lossOfList } from '../../test/ranking-lists.ts';
import { rankNet } from './rank-net.ts';

// Targets are float32 there: the loops below differ from it by as much as we do.
const FLOAT32 = 2e-7;

test('as another implementation has it', async () => {
  await expectGolden('RankNet', () => rankNet(), FLOAT32);
  await expectGolden('RankNetWeightedByRelevanceDifference', () => rankNet({ weight: 'grade-difference' }), FLOAT32);
});

test.each(['equal', 'grade-difference'] as const)('all pairs of a list one by one, each weighs %s', (weight) => {
  expectLoops(rankNet({ weight, sigma: 1.7 }), ({ scores, grades, weights }) => {
    let [total, count] = [0, 0];
    for (const [i, better] of grades.entries()) {
      for (const [j, worse] of grades.entries()) {
        if (better <= worse) continue;
        const weighs = weights[i] * (weight === 'equal' ? 1 : better - worse);
        total += weighs * Math.log(1 + Math.exp(-1.7 * (scores[i] - scores[j])));
        count++;
      }
    }
    return { total, count };
  });
});

test('all pairs of a list one by one, one judgement in ten the wrong way round', () => {
  expectLoops(rankNet({ flip: 0.1, sigma: 1.7 }), ({ scores, grades, weights }) => {
    let [total, count] = [0, 0];
    for (const [i, better] of grades.entries()) {
      for (const [j, worse] of grades.entries()) {
        if (better <= worse) continue;
        const p = 1 / (1 + Math.exp(-1.7 * (scores[i] - scores[j])));
        total -= weights[i] * Math.log(0.9 * p + 0.1 * (1 - p));
        count++;
      }
    }
    return { total, count };
  });
});

test('by hand', () => {
  const scores = [0, Math.log(3)];
  expect(lossOfList(rankNet(), scores, [2, 0])).toBeCloseTo(Math.log(4), 12);
  expect(lossOfList(rankNet({ sigma: 2 }), scores, [2, 0])).toBeCloseTo(Math.log(10), 12);
  expect(lossOfList(rankNet({ weight: 'grade-difference' }), scores, [2, 0])).toBeCloseTo(2 * Math.log(4), 12);
  // P is 1/4, and as 0.2 are flips 0.6 / 4 + 0.2.
  expect(lossOfList(rankNet({ flip: 0.2 }), scores, [2, 0])).toBeCloseTo(-Math.log(0.35), 12);
  expect(lossOfList(rankNet({ flip: 0.2 }), [-60, 0], [2, 0])).toBeCloseTo(-Math.log(0.2), 12);
  expect(lossOfList(rankNet(), scores, [1, 1])).toBe(0);
  expect(lossOfList(rankNet(), [3], [1])).toBe(0);
});

test('preferences: each as often as it was said, over the pairs', () => {
  const preferred = [
    [
      [0, 1],
      [0, 1],
      [1, 0],
    ] as const,
  ];
  // Twice log 4, and log 4/3 the other way round, over two pairs.
  const { loss } = new ListLoss(rankNet(), { scores: [[0, Math.log(3)]], preferred }, 3).at();
  expect(loss).toBeCloseTo((2 * Math.log(4) + Math.log(4 / 3)) / 2, 12);
  expect(() => new ListLoss(rankNet({ weight: 'grade-difference' }), { scores: [[0, 1]], preferred })).toThrow(
    /The loss rank-net needs the grade of each item.*preferences/s,
  );
});
