import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { MinerStage } from '../../src/objective/miner.ts';
import { definitionsIn } from './batch.ts';
import { type Case, type Choice, cases, choose, chooseInOnnx } from './triplets.ts';

// Every file in src/miners that defines a miner of triplets inherits these laws. That `valid` is false exactly where the
// miner's own definition has no triplet is for its own test, against a plain loop.
const helpers = ['curriculum.ts', 'one-negative.ts'];

for (const { file, definitions } of await definitionsIn('miners')) {
  describe(file, () => {
    test('defines a miner, or is known to help others', () => {
      expect(definitions.length > 0, `src/miners/${file} exports a miner made by defineTripletMiner`).toBe(
        !helpers.includes(file),
      );
    });
    for (const each of definitions) {
      if (each.definition === 'triplet-miner')
        for (const stage of each().stages) describe(stage.name, () => laws(stage));
    }
  });
}

function laws(stage: MinerStage): void {
  test('a chosen negative is different, and without anything different nothing is chosen', () => {
    fc.assert(
      fc.property(cases, (given) => {
        for (const [a, choice] of choose(stage, given).entries()) {
          for (const negative of choice.values()) {
            if (negative !== undefined) expect(given.relation[a][negative]).toBe('different');
          }
        }
      }),
    );
  });

  test('something is chosen where every negative is farther than every positive', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const apart = { same: 0, unknown: 0, different: 10 };
        const separated = withDistances(given, (a, c) => given.distances[a][c] + apart[given.relation[a][c]]);
        for (const [a, choice] of choose(stage, separated).entries()) {
          const any = given.relation[a].includes('different');
          for (const negative of choice.values()) expect(negative !== undefined).toBe(any);
        }
      }),
    );
  });

  test('places that are not filled change nothing', () => {
    fc.assert(fc.property(cases, (given) => void expect(choose(stage, given, 2)).toEqual(choose(stage, given))));
  });

  test('permuting the candidates permutes the choices', () => {
    fc.assert(
      fc.property(cases, fc.integer(), (given, seed) => {
        // Different candidates need different distances: among equals the order decides.
        const distinct = withDistances(given, (a, c) => given.distances[a][c] + c / 1000);
        const order = Random.seeded(seed).shuffle(given.relation[0].map((_, c) => c));
        const moved: Case = {
          relation: distinct.relation.map((cells) => order.map((c) => cells[c])),
          distances: distinct.distances.map((cells) => order.map((c) => cells[c])),
        };
        const back = choose(stage, moved).map((choice) => renamed(choice, order));
        expect(back).toEqual(choose(stage, distinct).map((choice) => renamed(choice, [...order.keys()])));
      }),
    );
  });

  test('the choices of an anchor do not depend on the other anchors', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const together = choose(stage, given);
        given.relation.forEach((cells, a) => {
          expect(choose(stage, { relation: [cells], distances: [given.distances[a]] })).toEqual([together[a]]);
        });
      }),
    );
  });

  test('among equals the first candidate is chosen', () => {
    const relation: Case['relation'] = [['same', 'unknown', 'different', 'different', 'different']];
    expect(choose(stage, { relation, distances: [[1, 2, 2, 2, 2]] })).toEqual([new Map([[0, 2]])]);
  });

  test('ONNX Runtime chooses the same, ties included', async () => {
    for (const given of fc.sample(cases, { numRuns: 20, seed: 4 })) {
      expect(await chooseInOnnx(stage, given)).toEqual(choose(stage, given));
    }
  });
}

const withDistances = ({ relation }: Case, distance: (a: number, c: number) => number): Case => ({
  relation,
  distances: relation.map((cells, a) => cells.map((_, c) => distance(a, c))),
});

/** Choices with candidate `c` called `names[c]`, by positive. */
function renamed(choice: Choice, names: readonly number[]): [number, number | undefined][] {
  return [...choice]
    .map(([p, n]): [number, number | undefined] => [names[p], n === undefined ? undefined : names[n]])
    .sort(([a], [b]) => a - b);
}
