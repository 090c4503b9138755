import { expect, test } from 'vitest';
import { matrix, row } from '../../core/matrix.ts';
import { Random } from '../../core/random.ts';
import { inverseOf } from '../inverse.ts';
import { contest } from './contest.ts';
import { byEase, sizeOfEase } from './ease.ts';
import { byItemNeighbours, itemNeighbours } from './item-knn.ts';
import { type Recommender, recommended, recommendMeasures } from './measure.ts';
import { byPopularity, popularityOf } from './popularity.ts';
import { coldTask, type RecommendTask, warmTask } from './tasks.ts';

const random = Random.seeded(4);
const drawn = (most: number, items: number) => {
  const all = random.shuffle(Int32Array.from({ length: items }, (_, i) => i));
  return all.slice(0, 1 + random.integer(most));
};
const people = (count: number, most: number, items: number) => Array.from({ length: count }, () => drawn(most, items));

/** The inverse by Gauss and Jordan, in the plainest way. */
function naiveInverse(a: number[][]): number[][] {
  const n = a.length;
  const m = a.map((own, i) => [...own, ...own.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i++) {
    const pivot = m.slice(i).reduce((best, own, k) => (Math.abs(own[i]) > Math.abs(m[best][i]) ? i + k : best), i);
    [m[i], m[pivot]] = [m[pivot], m[i]];
    m[i] = m[i].map((value) => value / m[i][i]);
    for (let k = 0; k < n; k++) if (k !== i) m[k] = m[k].map((value, j) => value - m[k][i] * m[i][j]);
  }
  return m.map((own) => own.slice(n));
}

test('the inverse by Cholesky equals the one by elimination; what is not positive definite is refused', () => {
  const n = 17;
  const b = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
  const a = b.map((x, i) => b.map((y, j) => x.reduce((sum, v, k) => sum + v * y[k], i === j ? 0.5 : 0)));
  const found = inverseOf(Float64Array.from(a.flat()), n);
  naiveInverse(a).forEach((own, i) => {
    own.forEach((value, j) => {
      expect(found[i * n + j]).toBeCloseTo(value, 8);
    });
  });
  expect(() => inverseOf(Float64Array.of(1, 2, 2, 1), 2)).toThrow(/pivot 1/);
});

// Fewer people than items, and more: each of the two ways.
test.each([
  ['people', 9, 14],
  ['items', 30, 14],
])('EASE over %s equals B = -P / diag(P) with P by elimination', async (_, count, items) => {
  const histories = people(count, 6, items).map((own) => own.filter((item) => item !== 5));
  expect(sizeOfEase(histories)).toBe(Math.min(count, new Set(histories.flatMap((own) => [...own])).size));
  const lambda = 2.5;
  const x = histories.map((own) => Array.from({ length: items }, (_, i) => Number(own.includes(i))));
  const all = Array.from({ length: items }, (_, i) => i);
  const p = naiveInverse(
    all.map((a) => all.map((b) => x.reduce((sum, own) => sum + own[a] * own[b], a === b ? lambda : 0))),
  );
  const asked = [Int32Array.of(0, 3), Int32Array.of(7), Int32Array.of(1, 5, 9, 12)];
  const scores = await byEase(histories, items, lambda)(asked, Int32Array.from(all));
  asked.forEach((history, i) => {
    for (const j of all) {
      if (history.includes(j)) continue;
      const expected = history.reduce((sum, seen) => sum - p[seen][j] / p[j][j], 0);
      expect(row(scores, i)[j]).toBeCloseTo(expected, 6);
    }
  });
});

test('item-kNN equals a loop over all pairs of items', async () => {
  const [count, items] = [40, 15];
  const histories = people(count, 7, items);
  const has = (person: number, item: number) => histories[person].includes(item);
  const all = Array.from({ length: items }, (_, i) => i);
  const who = Array.from({ length: count }, (_, i) => i);
  for (const [shrinkage, most] of [
    [0, 3],
    [10, 5],
    [4, 100],
  ]) {
    const likeness = all.map((a) =>
      all.map((b) => {
        const n = (test: (person: number) => boolean) => who.filter(test).length;
        const both = n((person) => has(person, a) && has(person, b));
        return a === b ? 0 : both / (Math.sqrt(n((i) => has(i, a)) * n((i) => has(i, b))) + shrinkage);
      }),
    );
    const near = all.map((a) =>
      all
        .filter((b) => likeness[a][b] > 0)
        .sort((b, c) => likeness[a][c] - likeness[a][b] || b - c)
        .slice(0, most),
    );
    const recommender = byItemNeighbours(itemNeighbours(histories, items, { most: 100, shrinkage }), most);
    const asked = [Int32Array.of(2, 8, 11), Int32Array.of(14)];
    const candidates = Int32Array.from(all.filter((item) => item % 3 !== 0));
    const scores = await recommender(asked, candidates);
    asked.forEach((history, i) => {
      candidates.forEach((item, place) => {
        const sum = [...history].reduce((s, seen) => s + (near[item].includes(seen) ? likeness[item][seen] : 0), 0);
        if (sum === 0) expect(row(scores, i)[place]).toBe(Number.NEGATIVE_INFINITY);
        else expect(row(scores, i)[place]).toBeCloseTo(sum, 6);
      });
    });
  }
});

test('popularity: how many people saw an item, the same for everybody', async () => {
  const counts = popularityOf([Int32Array.of(0, 2), Int32Array.of(2), Int32Array.of(2, 1)], 4);
  expect([...counts]).toEqual([1, 1, 3, 0]);
  const scores = await byPopularity(counts)([Int32Array.of(0), Int32Array.of(1)], Int32Array.of(3, 2));
  expect([...scores.data]).toEqual([0, 3, 0, 3]);
});

const fixed =
  (values: readonly number[][]): Recommender =>
  async () =>
    matrix(values.length, values[0].length, Float32Array.from(values.flat()));

test('three people, by hand: what was seen is passed over, ties are pessimistic, some things are never recommended', async () => {
  const task: RecommendTask = {
    candidates: Int32Array.of(10, 11, 12, 13),
    histories: [Int32Array.of(10, 99), Int32Array.of(12), Int32Array.of(7)],
    held: [Int32Array.of(2), Int32Array.of(0, 3), Int32Array.of(1)],
  };
  const no = Number.NEGATIVE_INFINITY;
  const found = await recommended(
    task,
    fixed([
      [9, 2, 2, 1], // The first was seen; of the tie the one that was taken is second.
      [3, 2, 9, no], // The third was seen; the first is found, the last never.
      [no, no, 5, no],
    ]),
  );
  const gain = (rank: number) => 1 / Math.log2(rank + 1);
  expect(found.ndcgAt10[0]).toBeCloseTo(gain(2), 12);
  expect(found.ndcgAt10[1]).toBeCloseTo(1 / (1 + gain(2)), 12);
  expect([...found.mapAt10]).toEqual([1 / 2, 1 / 2, 0]);
  expect([...found.recallAt10]).toEqual([1, 1 / 2, 0]);
  expect([...found.recallAt100]).toEqual([1, 1 / 2, 0]);
  expect(found.lists.map((list) => [...list])).toEqual([[1, 2, 3], [0, 1], [2]]);

  const popularity = new Float64Array(100).fill(2);
  popularity[11] = 5;
  const { coverage, popularityBias, intervals, ...rest } = recommendMeasures(task, found, { popularity, seed: 1 });
  expect(coverage).toBe(1);
  // Lists have (5 + 2 + 2) / 3, (2 + 5) / 2 and 2; histories 2 each.
  expect(popularityBias).toBeCloseTo((3 + 3.5 + 2) / 6 - 1, 12);
  expect(rest.mapAt10).toBeCloseTo(1 / 3, 12);
  // Three people are too few to draw from.
  expect(Object.values(intervals)).toEqual([null, null, null, null, null, null]);

  // The same three twice over: the means of draws of six lie around the same values.
  const twice = <T>(values: ArrayLike<T>): T[] => [...Array.from(values), ...Array.from(values)];
  const six = recommendMeasures(
    { ...task, histories: twice(task.histories), held: twice(task.held) },
    {
      ...found,
      lists: twice(found.lists),
      ndcgAt10: Float64Array.from(twice(found.ndcgAt10)),
      mapAt10: Float64Array.from(twice(found.mapAt10)),
      recallAt10: Float64Array.from(twice(found.recallAt10)),
      recallAt100: Float64Array.from(twice(found.recallAt100)),
    },
    { popularity, seed: 1 },
  );
  expect(six.mapAt10).toBeCloseTo(rest.mapAt10, 12);
  const [low, high] = six.intervals.mapAt10 ?? [];
  expect(low).toBeGreaterThanOrEqual(1 / 12);
  expect(low).toBeLessThan(1 / 3);
  expect(high).toBeGreaterThan(1 / 3);
  expect(high).toBeLessThanOrEqual(1 / 2);
  expect(six.intervals.coverage?.[1]).toBe(1);
});

test('recommendations equal a sort of all scores, person by person', async () => {
  const [count, items] = [30, 200];
  const candidates = Int32Array.from({ length: 160 }, (_, i) => i + 20);
  const scores = Array.from({ length: count }, () => Array.from({ length: 160 }, () => random.integer(60)));
  const histories = people(count, 20, items);
  const held = histories.map((own) =>
    Int32Array.from(drawn(30, 160).filter((place) => !own.includes(candidates[place]))).sort(),
  );
  const who = held.flatMap((own, person) => (own.length > 0 ? [person] : []));
  const task = { candidates, histories: who.map((i) => histories[i]), held: who.map((i) => held[i]) };
  const found = await recommended(task, fixed(who.map((i) => scores[i])));
  who.forEach((person, i) => {
    const took = [...held[person]];
    const order = Array.from(candidates.keys())
      .filter((place) => !histories[person].includes(candidates[place]))
      .sort((a, b) => scores[person][b] - scores[person][a] || Number(took.includes(a)) - Number(took.includes(b)));
    const hits = order.map((place) => Number(took.includes(place)));
    const dcg = (list: number[]) => list.slice(0, 10).reduce((sum, hit, k) => sum + hit / Math.log2(k + 2), 0);
    expect(found.ndcgAt10[i]).toBeCloseTo(dcg(hits) / dcg(took.map(() => 1)), 10);
    let [right, precisions] = [0, 0];
    hits.slice(0, 10).forEach((hit, k) => {
      right += hit;
      precisions += (hit * right) / (k + 1);
    });
    expect(found.mapAt10[i]).toBeCloseTo(precisions / Math.min(10, took.length), 10);
    expect(found.recallAt10[i]).toBeCloseTo(right / took.length, 10);
    const far = hits.slice(0, 100).reduce((sum, hit) => sum + hit, 0);
    expect(found.recallAt100[i]).toBeCloseTo(far / took.length, 10);
    expect([...found.lists[i]].map((place) => scores[person][place])).toEqual(
      order.slice(0, 10).map((place) => scores[person][place]),
    );
  });
});

test('tasks: cold, what is known goes before what is to be found; warm, the last fifth', () => {
  const items = [Int32Array.of(5, 1, 8, 2, 9, 0, 3, 7, 6, 4), Int32Array.of(8, 9), Int32Array.of(1)];
  const [known, candidates] = [Int32Array.of(0, 1, 2, 3), Int32Array.of(9, 8, 7)];
  const cold = coldTask({ items, timed: true }, { known, candidates }, { seed: 1 });
  expect(cold.histories.map((own) => [...own])).toEqual([[1, 2, 0, 3]]);
  expect(cold.held.map((own) => [...own])).toEqual([[0, 1, 2]]);

  const all = Int32Array.from({ length: 10 }, (_, i) => 9 - i);
  const warm = warmTask({ items, timed: true }, all, { seed: 1 });
  expect(warm.histories.map((own) => [...own])).toEqual([[5, 1, 8, 2, 9, 0, 3, 7], [8]]);
  expect(warm.held.map((own) => [...own])).toEqual([[3, 5], [0]]);
  const untimed = warmTask({ items, timed: false }, all, { seed: 1 });
  expect(untimed.histories.map(({ length }) => length)).toEqual([8, 1]);
  expect(untimed.held[0]).not.toEqual(warm.held[0]);
  untimed.histories.forEach((own, i) => {
    expect(new Set([...own, ...[...untimed.held[i]].map((place) => all[place])])).toEqual(new Set(items[i]));
  });

  const many = Array.from({ length: 50 }, () => Int32Array.of(0, 9));
  const some = coldTask({ items: many, timed: true }, { known, candidates }, { seed: 1, most: 7 });
  expect(some.histories.length).toBe(7);
});

test('what is chosen is chosen on the validation part alone', async () => {
  const task = (place: number): RecommendTask => ({
    candidates: Int32Array.of(0, 1),
    histories: [Int32Array.of(5), Int32Array.of(6)],
    held: [Int32Array.of(place), Int32Array.of(place)],
  });
  const first = {
    name: 'by a setting',
    choices: [{ first: 0 }, { first: 1 }],
    make: ({ first }: Readonly<Record<string, number | string>>) =>
      fixed([first, first].map((at) => [Number(at === 0), Number(at === 1)])),
  };
  const same = {
    name: 'alike',
    choices: [{}],
    make: () =>
      fixed([
        [0, 1],
        [1, 0],
      ]),
  };
  const options = { popularity: new Float64Array(7).fill(1), seed: 1 };
  // On the validation part the second is right, on the test part the first.
  const { a, b, c } = await contest(
    { a: first, b: same, c: { name: 'nobody', reason: 'it cannot' } },
    { validation: task(1), test: task(0), ...options },
  );
  const second = 1 / Math.log2(3);
  expect(a).toMatchObject({ settings: { first: 1 }, validation: 1, ndcgAt10: second });
  expect(b).toMatchObject({
    ndcgAt10: (1 + second) / 2,
    difference: { mean: (1 - second) / 2, low: 0, high: 1 - second },
  });
  expect(c).toEqual({ name: 'nobody', reason: 'it cannot' });
  const none = { candidates: Int32Array.of(0, 1), histories: [], held: [] };
  const { a: unchosen } = await contest({ a: first }, { validation: none, test: task(0), ...options });
  expect(unchosen).toMatchObject({ settings: { first: 0 }, validation: null, ndcgAt10: 1 });
});
