import { expect, test } from 'vitest';
import { members, takeGroups } from './groups.ts';

const groups = { labels: Int32Array.of(2, 0, 2, 0, 0), names: ['a', 'b', 'c'] };

test('members lists the items of each group in order, empty groups as empty lists', () => {
  expect(members(groups)).toEqual([Int32Array.of(1, 3, 4), Int32Array.of(), Int32Array.of(0, 2)]);
});

test('takeGroups keeps the order of the indices and all names', () => {
  expect(takeGroups(groups, [4, 0, 0])).toEqual({ labels: Int32Array.of(0, 2, 2), names: ['a', 'b', 'c'] });
});
