import { expect, test } from 'vitest';
import { matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { choose, profile, scoresBy, scoresByPeople, unitRows } from './recommend.ts';

const random = Random.seeded(2);
const n = 40;
const raw = matrix(
  n,
  4,
  Float32Array.from({ length: 4 * n }, () => random.normal()),
);
const vectors = unitRows(raw);
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    ab += a[k] * b[k];
    aa += a[k] ** 2;
    bb += b[k] ** 2;
  }
  return ab / Math.sqrt(aa * bb);
};

test.each([1, 0.5])('a score is the mean cosine to the history, the older weighing less (decay %d)', (decay) => {
  const history = [3, 17, 17, 8];
  const scores = scoresBy(vectors, profile(vectors, history, decay));
  for (let item = 0; item < n; item++) {
    let [sum, total] = [0, 0];
    history.forEach((seen, i) => {
      const weight = decay ** (3 - i);
      sum += weight * cosine(row(raw, item), row(raw, seen));
      total += weight;
    });
    expect(scores[item]).toBeCloseTo(sum / total, 5);
  }
});

test('people of similar taste, by a loop over all of them', () => {
  const liked = Array.from({ length: 12 }, () => [...new Set(Array.from({ length: 5 }, () => random.integer(n)))]);
  const profiles = matrix(12, 4);
  liked.forEach((own, person) => {
    row(profiles, person).set(profile(vectors, own));
  });
  const mine = profile(vectors, [1, 2]);
  const scores = scoresByPeople(mine, n, { people: 3, profiles, liked });
  const near = liked
    .map((own, person) => ({ own, c: cosine(row(profiles, person), mine) }))
    .sort((a, b) => b.c - a.c)
    .slice(0, 3)
    .filter(({ c }) => c > 0);
  expect(near.length).toBeGreaterThan(1);
  const total = near.reduce((sum, { c }) => sum + c, 0);
  for (let item = 0; item < n; item++) {
    const expected = near.reduce((sum, { own, c }) => sum + (own.includes(item) ? c : 0), 0) / total;
    expect(scores[item]).toBeCloseTo(expected, 6);
  }
});

test('nobody of similar taste: every score is 0', () => {
  const one = matrix(1, 2, Float32Array.of(1, 0));
  expect([...scoresByPeople(Float32Array.of(-1, 0), 3, { people: 5, profiles: one, liked: [[0, 1]] })]).toEqual([
    0, 0, 0,
  ]);
});

test('the best that are allowed, earlier ones first among equals', () => {
  const scores = [1, 3, 2, 3, 5];
  expect(choose(scores, (item) => item !== 4, { k: 3, vectors })).toEqual([1, 3, 2]);
  expect(choose(scores, () => false, { k: 3, vectors })).toEqual([]);
});

test('diversity, by hand: the twin of what was chosen waits', () => {
  const three = matrix(3, 2, Float32Array.of(1, 0, 1, 0, 0, 1));
  const scores = [1, 0.9, 0.5];
  expect(choose(scores, () => true, { k: 3, vectors: three })).toEqual([0, 1, 2]);
  // Second: 0.5 * 0.9 - 0.5 * 1 = -0.05 against 0.5 * 0.5 - 0 = 0.25.
  expect(choose(scores, () => true, { k: 3, diversity: 0.5, vectors: three })).toEqual([0, 2, 1]);
});

test('diversity equals a loop over all that is left', () => {
  const scores = Array.from({ length: n }, () => random.uniform());
  const chosen: number[] = [];
  while (chosen.length < 10) {
    const worth = (item: number) =>
      0.7 * scores[item] - 0.3 * Math.max(...chosen.map((other) => cosine(row(raw, item), row(raw, other))));
    const left = scores.map((_, item) => item).filter((item) => !chosen.includes(item));
    chosen.push(
      left.reduce((best, item) => {
        if (chosen.length === 0) return scores[item] > scores[best] ? item : best;
        return worth(item) > worth(best) ? item : best;
      }),
    );
  }
  expect(choose(scores, () => true, { k: 10, diversity: 0.3, vectors })).toEqual(chosen);
});

test('an empty history is refused; an item without a vector counts 0', () => {
  expect(() => profile(vectors, [])).toThrow(/an empty history/);
  const zero = unitRows(matrix(2, 2, Float32Array.of(0, 0, 3, 4)));
  expect([...zero.data]).toEqual([0, 0, expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
  expect([...scoresBy(zero, profile(zero, [1]))]).toEqual([0, expect.closeTo(1, 6)]);
});
