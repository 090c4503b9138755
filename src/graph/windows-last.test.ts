import { expect, test } from 'vitest';
import { pieces } from './windows-last.ts';

test('pieces cover a batch once, in order, an item at least in each', () => {
  expect(pieces(10, 7, 3, 1000)).toEqual([{ start: 0, end: 10 }]);
  expect(pieces(10, 7, 3, 21)).toEqual([
    { start: 0, end: 2 },
    { start: 2, end: 5 },
    { start: 5, end: 7 },
    { start: 7, end: 10 },
  ]);
  expect(pieces(0, 7, 3, 21)).toEqual([{ start: 0, end: 0 }]);
  expect(pieces(2, 7, 3, 0.5)).toEqual([
    { start: 0, end: 1 },
    { start: 1, end: 2 },
  ]);
  expect(pieces(10, 7, 4, 21), 'more is copied than is shown').toEqual([{ start: 0, end: 10 }]);
});
