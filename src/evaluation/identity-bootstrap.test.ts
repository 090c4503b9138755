import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { bootstrapPeople, SortedPairs, spreadOf } from './identity-bootstrap.ts';
import { distancesOfPairs, pairsOfPeople } from './identity-pairs.ts';

/** So many people with so many pictures each, around a place of each person. */
function people(count: number, pictures: number, noise: number, seed: number) {
  const random = Random.seeded(seed);
  const centres = Array.from({ length: count }, () => Array.from({ length: 16 }, () => random.normal()));
  const person = Int32Array.from({ length: count * pictures }, (_, i) => Math.floor(i / pictures));
  const data = Float32Array.from(
    { length: person.length * 16 },
    (_, i) => centres[person[Math.floor(i / 16)]][i % 16] + noise * random.normal(),
  );
  const embeddings = matrix(person.length, 16, data);
  const pairs = pairsOfPeople(person, { random });
  return { embeddings, pairs, person, distances: distancesOfPairs(embeddings, pairs, 'cosine') };
}

test('all pairs by person, each once; of very many so many as asked for of each kind', () => {
  const pairs = pairsOfPeople([7, 3, 7, 3, 9], { random: Random.seeded(1) });
  const listed = Array.from(pairs.a, (a, i) => `${a}-${pairs.b[i]} ${pairs.same[i]}`).sort();
  expect(listed).toEqual(['0-1 0', '0-2 1', '0-3 0', '0-4 0', '1-2 0', '1-3 1', '1-4 0', '2-3 0', '2-4 0', '3-4 0']);
  expect(pairs.people).toBe(3);
  const drawn = pairsOfPeople(
    Array.from({ length: 60 }, (_, i) => i % 3),
    { random: Random.seeded(1), most: 50 },
  );
  expect(drawn.same.reduce((sum, each) => sum + each, 0)).toBe(50);
  expect(drawn.same).toHaveLength(100);
  for (let i = 0; i < 100; i++) {
    expect(drawn.a[i]).not.toBe(drawn.b[i]);
    expect(Number(drawn.a[i] % 3 === drawn.b[i] % 3)).toBe(drawn.same[i]);
  }
});

test('rates by hand', () => {
  // Same at 1 and 3, different at 2, 3 and 5.
  const pairs = {
    ...{ a: Int32Array.of(0, 0, 0, 0, 0), b: Int32Array.of(1, 1, 1, 1, 1), same: Uint8Array.of(1, 1, 0, 0, 0) },
    ...{ first: Int32Array.of(0, 1, 0, 0, 1), second: Int32Array.of(0, 1, 1, 2, 2), people: 3 },
  };
  const sorted = new SortedPairs(pairs, Float64Array.of(1, 3, 2, 3, 5));
  const { auc, eer, at, falseMatches, trueMatches } = sorted.rates({ fars: [0, 0.4, 1], threshold: 2.5 });
  expect(auc).toBeCloseTo((3 + 1.5) / 6, 12);
  expect(at.map(({ val, threshold }) => [val, threshold])).toEqual([
    [0.5, 1],
    [0.5, 2],
    [1, 5],
  ]);
  expect(eer).toBeCloseTo((1 / 3 + 1 / 2) / 2, 12);
  expect([falseMatches, trueMatches]).toEqual([1 / 3, 0.5]);
  // Person 0 twice, person 2 not at all: same weigh 2 and 1, different only 0-1 weighs 2.
  expect(sorted.rates({ fars: [0] }, Float64Array.of(2, 1, 0))).toMatchObject({ auc: 2 / 3 });
  expect(() => new SortedPairs({ ...pairs, same: new Uint8Array(5) }, new Float64Array(5))).toThrow(/0 same and 5/);
});

test('weights are those of copies of people: a naive loop over the copies', () => {
  const { embeddings, pairs, person, distances } = people(6, 3, 1, 3);
  const sorted = new SortedPairs(pairs, distances);
  const m = Float64Array.of(2, 0, 1, 3, 0, 0);
  const copies = [...m].flatMap((count, of) => Array.from({ length: count }, (_, copy) => ({ of, copy })));
  const same: number[] = [];
  const different: number[] = [];
  const at = (i: number, j: number) => {
    const pair = pairs.a.findIndex((a, k) => a === Math.min(i, j) && pairs.b[k] === Math.max(i, j));
    return distances[pair];
  };
  const own = (p: number) => [...person.keys()].filter((i) => person[i] === p);
  copies.forEach((x, k) => {
    for (const i of own(x.of)) for (const j of own(x.of)) if (i < j) same.push(at(i, j));
    for (const y of copies.slice(k + 1)) {
      if (x.of !== y.of) for (const i of own(x.of)) for (const j of own(y.of)) different.push(at(i, j));
    }
  });
  let wins = 0;
  for (const s of same) for (const d of different) wins += s < d ? 1 : s === d ? 0.5 : 0;
  const found = sorted.rates({ fars: [0.1], threshold: 0.5 }, m);
  expect(found.auc).toBeCloseTo(wins / same.length / different.length, 12);
  expect(found.falseMatches).toBeCloseTo(different.filter((d) => d <= 0.5).length / different.length, 12);
  const share = (list: number[], t: number) => list.filter((d) => d <= t).length / list.length;
  const allowed = [...same, ...different].filter((t) => share(different, t) <= 0.1);
  expect(found.at[0].val).toBeCloseTo(Math.max(0, ...allowed.map((t) => share(same, t))), 12);
  expect(embeddings.rows).toBe(18);
});

test('standard errors over people are close to the spread over fresh people, and wider than over pairs', () => {
  const rates: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const { pairs, distances } = people(20, 4, 1, 100 + seed);
    rates.push(new SortedPairs(pairs, distances).rates({ fars: [0.1] }).auc);
  }
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1));
  const { pairs, distances } = people(20, 4, 1, 7);
  const sorted = new SortedPairs(pairs, distances);
  const draws = bootstrapPeople(20, (m) => [sorted.rates({ fars: [] }, m).auc], { seed: 1, resamples: 300 });
  const error = spreadOf(draws, 0)?.standardError ?? 0;
  expect(error).toBeGreaterThan(0.6 * spread);
  expect(error).toBeLessThan(2 * spread);
});
