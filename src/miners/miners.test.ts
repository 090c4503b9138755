import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Case, cases, choose, plainly, type Relation } from '../../test/laws/triplets.ts';
import type { TripletMiner } from '../objective/miner.ts';
import { easy } from './easy.ts';
import { hard } from './hard.ts';
import { semiHard } from './semi-hard.ts';

/** The first of `candidates` whose distance no other one beats. */
function first(row: readonly number[], candidates: readonly number[], beats: (a: number, b: number) => boolean) {
  return candidates.find((c) => candidates.every((other) => !beats(row[other], row[c])));
}
const less = (a: number, b: number) => a < b;
const more = (a: number, b: number) => a > b;

/** Each miner's definition, as a plain loop. */
const definitions: [TripletMiner, Parameters<typeof plainly>[1]][] = [
  [easy(), (row, different) => first(row, different, more)],
  [hard(), (row, different) => first(row, different, less)],
  [
    semiHard(),
    (row, different, positive) =>
      first(
        row,
        different.filter((n) => row[n] > row[positive]),
        less,
      ),
  ],
];

describe.each(definitions.map(([miner, pick]) => ({ name: miner.name, stage: miner.stages[0], pick })))(
  '$name',
  ({ stage, pick }) => {
    test('chooses as its plain loop, and nothing exactly where that finds nothing', () => {
      fc.assert(fc.property(cases, (given) => void expect(choose(stage, given)).toEqual(plainly(given, pick))));
    });
  },
);

// Anchor 0 with the positives 0 and 1, and the negatives 2 to 5.
const byHand: Case = {
  relation: [['same', 'same', 'different', 'different', 'different', 'different']],
  distances: [[1, 3, 0.5, 2, 1, 3]],
};

test('by hand: easy takes the farthest for both positives', () => {
  expect(choose(easy().stages[0], byHand)).toEqual([
    new Map([
      [0, 5],
      [1, 5],
    ]),
  ]);
});

test('by hand: hard takes the nearest for both', () => {
  expect(choose(hard().stages[0], byHand)).toEqual([
    new Map([
      [0, 2],
      [1, 2],
    ]),
  ]);
});

test('by hand: semi-hard takes the nearest beyond the positive; one as far as the positive is not beyond it', () => {
  expect(choose(semiHard().stages[0], byHand)).toEqual([
    new Map([
      [0, 3],
      [1, undefined],
    ]),
  ]);
});

interface Golden {
  miner: 'TripletMarginMiner' | 'BatchEasyHardMiner';
  params: { neg_strategy?: 'easy' | 'hard' };
  embeddings: number[][];
  labels: number[];
  tuples: number[][];
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../../test/golden/metric-learning.json', import.meta.url), 'utf8'),
).miners;

/** Squared distances on the unit sphere; an item is unknown to itself. */
function caseOf({ embeddings, labels }: Golden): Case {
  const units = embeddings.map((x) => x.map((value) => value / Math.hypot(...x)));
  const relation = (a: number, c: number): Relation =>
    a === c ? 'unknown' : labels[a] === labels[c] ? 'same' : 'different';
  return {
    relation: labels.map((_, a) => labels.map((_, c) => relation(a, c))),
    distances: units.map((x) => units.map((y) => x.reduce((sum, value, k) => sum + (value - y[k]) ** 2, 0))),
  };
}

test.each([
  ['easy', easy()],
  ['hard', hard()],
] as const)('%s: the choices of another implementation', (strategy, miner) => {
  const given = golden.find(({ params }) => params.neg_strategy === strategy) ?? expect.fail('no such golden values');
  const expected = new Map(given.tuples.map(([anchor, negative]) => [anchor, negative]));
  const found = choose(miner.stages[0], caseOf(given));
  found.forEach((choice, a) => {
    for (const negative of choice.values()) expect(negative).toBe(expected.get(a));
  });
  expect(found.reduce((count, choice) => count + choice.size, 0)).toBeGreaterThan(30);
});

test('semi-hard: the nearest of all the semi-hard triplets of another implementation', () => {
  const given = golden.find(({ miner }) => miner === 'TripletMarginMiner') ?? expect.fail('no such golden values');
  const semi = caseOf(given);
  const expected = plainly(semi, (row, _, positive) => {
    const a = semi.distances.indexOf(row);
    const negatives = given.tuples.filter(([anchor, p]) => anchor === a && p === positive).map(([, , n]) => n);
    return first(row, negatives, less);
  });
  const found = choose(semiHard().stages[0], semi);
  let compared = 0;
  expected.forEach((choice, a) => {
    for (const [positive, negative] of choice) {
      // They list only what lies inside their margin; beyond it ours has a hinge of 0.
      if (negative === undefined) continue;
      expect(found[a].get(positive)).toBe(negative);
      compared++;
    }
  });
  expect(compared).toBeGreaterThan(30);
});
