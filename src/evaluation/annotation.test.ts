import { expect, test } from 'vitest';
import { normals as drawn } from '../../test/laws/batch.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { Annotation, type TagLists } from './annotation.ts';

const normals = (rows: number, columns: number, seed: number) => Float32Array.from(drawn(rows, columns, seed));

const listsOf = (lists: number[][]): TagLists => {
  const offsets = [0];
  for (const list of lists) offsets.push((offsets.at(-1) as number) + list.length);
  return { offsets: Int32Array.from(offsets), tags: Int32Array.from(lists.flat()) };
};

/** Average precision by each threshold, from the definition; `positives` may be more than are in the list. */
function naiveAp(list: { score: number; right: boolean }[], positives: number): number {
  let [sum, before] = [0, 0];
  for (const threshold of [...new Set(list.map(({ score }) => score))].sort((a, b) => b - a)) {
    const above = list.filter(({ score }) => score >= threshold);
    const right = above.filter((each) => each.right).length;
    sum += (right / above.length) * (right / positives - before);
    before = right / positives;
  }
  return sum;
}

function naive({ rows, columns, data }: Matrix, has: number[][]) {
  const score = (i: number, t: number) => ({ score: data[i * columns + t], right: has[i].includes(t) });
  const items = [...Array(rows).keys()];
  const tags = [...Array(columns).keys()];
  const top = items.flatMap((i) =>
    [...tags]
      .sort((a, b) => score(i, b).score - score(i, a).score || a - b)
      .slice(0, 20)
      .map((t) => score(i, t)),
  );
  const used = tags.filter((t) => has.some((list) => list.includes(t)));
  const ap = (t: number) =>
    naiveAp(
      items.map((i) => score(i, t)),
      has.filter((list) => list.includes(t)).length,
    );
  return {
    gapAt20: naiveAp(top, has.flat().length),
    map: used.reduce((sum, t) => sum + ap(t), 0) / used.length,
  };
}

test('two items and three tags, by hand', () => {
  // In one list: 0.9 right, 0.8 wrong, 0.7 right, then 0.3 wrong, 0.2 right, 0.1 wrong.
  const scores = matrix(2, 3, Float32Array.of(0.9, 0.8, 0.2, 0.3, 0.7, 0.1));
  const { gapAt20, map } = new Annotation(scores, listsOf([[0, 2], [1]])).measure();
  expect(gapAt20).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3, 12);
  // Of the second tag the first item stands before the one that has it.
  expect(map).toBeCloseTo((1 + 1 / 2 + 1) / 3, 12);
});

test('tags beyond the twentieth of an item are missed, for GAP alone', () => {
  const scores = matrix(
    1,
    25,
    Float32Array.from({ length: 25 }, (_, i) => -i),
  );
  const { gapAt20, map } = new Annotation(scores, listsOf([[0, 24]])).measure();
  expect(gapAt20).toBe(0.5);
  expect(map).toBe(1);
});

test.each([false, true])('a naive reference on drawn scores, equal ones: %s', (equal) => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = Random.seeded(seed);
    const [rows, columns] = [12 + seed, 5 * seed];
    const scores = matrix(
      rows,
      columns,
      normals(rows, columns, seed).map((x) => (equal ? Math.round(x) : x)),
    );
    const has = Array.from({ length: rows }, () => [...Array(columns).keys()].filter(() => random.uniform() < 0.2));
    has[0] = [0];
    const wanted = naive(scores, has);
    const found = new Annotation(scores, listsOf(has)).measure();
    expect(found.gapAt20).toBeCloseTo(wanted.gapAt20, 10);
    expect(found.map).toBeCloseTo(wanted.map, 10);
  }
});

test('weights are items that come more than once, or not at all', () => {
  const scores = matrix(4, 30, normals(4, 30, 3));
  const has = [[1, 4], [2], [29, 0, 4], [7]];
  const often = [2, 0, 1, 3];
  const rows = often.flatMap((count, i) => new Array(count).fill(i));
  const repeated = matrix(
    6,
    30,
    Float32Array.from(rows.flatMap((i) => [...scores.data.subarray(30 * i, 30 * i + 30)])),
  );
  const wanted = naive(
    repeated,
    rows.map((i) => has[i]),
  );
  const found = new Annotation(scores, listsOf(has)).measure(Float64Array.from(often));
  expect(found.gapAt20).toBeCloseTo(wanted.gapAt20, 12);
  expect(found.map).toBeCloseTo(wanted.map, 12);
});

test('without a tag, or with a score that is none, nothing is measured', () => {
  expect(() => new Annotation(matrix(1, 2), listsOf([[]]))).toThrow(/no item with a tag/);
  expect(() => new Annotation(matrix(1, 1, Float32Array.of(Number.NaN)), listsOf([[0]]))).toThrow(/not finite/);
});
