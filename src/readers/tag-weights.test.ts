import { expect, test } from 'vitest';
import { row } from '../core/matrix.ts';
import { tagWeights } from './tag-weights.ts';

test('by hand: rare tags and early ones weigh more, rows have length 1, what has no such tag is lacking', () => {
  const found = tagWeights([['rock', 'loud'], ['rock'], ['folk', 'rock', 'odd'], [], ['odd']], 3);
  // Of four with tags rock has 3, odd 2; of those with one each folk comes first by name, and loud is left out.
  const rarity = [Math.log(4 / 3), Math.log(2), Math.log(4)];
  const scaled = (values: number[]) => values.map((value) => value / Math.hypot(...values));
  const expected = [
    [1, 0, 0],
    [1, 0, 0],
    scaled([rarity[0] / Math.SQRT2, rarity[1] / Math.sqrt(3), rarity[2]]),
    [Number.NaN, Number.NaN, Number.NaN],
    [0, 1, 0],
  ];
  expect([found.rows, found.columns]).toEqual([5, 3]);
  expected.forEach((values, i) => {
    const own = [...row(found, i)];
    if (Number.isNaN(values[0])) expect(own).toEqual(values);
    else for (let k = 0; k < 3; k++) expect(own[k]).toBeCloseTo(values[k], 6);
  });
});

test('without ranks all tags of an item count by their rarity alone', () => {
  const found = tagWeights([['a', 'b'], ['b', 'a'], ['b'], ['c']], 3, { ranked: false });
  expect([...row(found, 0)]).toEqual([...row(found, 1)]);
  const length = Math.hypot(Math.log(4 / 2), Math.log(4 / 3));
  expect(row(found, 0)[0]).toBeCloseTo(Math.log(4 / 3) / length, 6);
  expect(row(found, 0)[1]).toBeCloseTo(Math.log(4 / 2) / length, 6);
});

test('a tag that all items have says nothing', () => {
  expect([...tagWeights([['a'], ['a', 'b']], 9).data]).toEqual([Number.NaN, Number.NaN, 0, 1]);
});
