import { expect, test } from 'vitest';
import { graph } from '../relations/graph.ts';
import { groups } from '../relations/groups.ts';
import { lists } from '../relations/lists.ts';
import { tags } from '../relations/tags.ts';
import { describeRelations } from './describe-relations.ts';

test('groups: how many, how large, and how many have one item', () => {
  const of = groups({ labels: Int32Array.of(0, 0, 0, 1, 2, 2), names: ['a', 'b', 'c', 'never'] });
  expect(describeRelations(of)).toEqual({
    kind: 'groups',
    items: 6,
    rows: 0,
    groups: { count: 3, sizes: { min: 1, median: 2, max: 3 }, single: 1 },
  });
});

test('tags: items without one are counted', () => {
  const of = tags({ items: 4, item: Int32Array.of(0, 0, 2), tag: Int32Array.of(0, 1, 1), names: ['x', 'y'] });
  expect(describeRelations(of)).toMatchObject({ groups: { count: 2, sizes: { min: 1, max: 2 } }, untagged: 2 });
});

test('rows: items, weights, users, times and notions', () => {
  const of = graph({
    items: 5,
    from: Int32Array.of(0, 0, 1),
    to: Int32Array.of(1, 2, 2),
    weight: Float32Array.of(1, 3, 2),
    user: Int32Array.of(7, 7, 2),
    time: Float64Array.of(30, 10, 20),
    notion: { of: Uint16Array.of(1, 1, 0), names: ['colour', 'taste'] },
  });
  expect(describeRelations(of)).toEqual({
    kind: 'graph',
    items: 5,
    rows: 3,
    directed: false,
    rowsPerItem: { min: 2, median: 2, max: 2 },
    weights: { min: 1, median: 2, max: 3 },
    users: 2,
    times: { first: 10, last: 30 },
    notions: { colour: 1, taste: 2 },
  });
});

test('lists: queries and grades', () => {
  const of = lists({
    items: 3,
    query: Int32Array.of(0, 0, 1),
    item: Int32Array.of(0, 1, 2),
    grade: Float32Array.of(0, 2, 4),
    queryIds: ['q', 'r', 'empty'],
  });
  expect(describeRelations(of)).toMatchObject({
    queries: { count: 2, rows: { min: 1, median: 1.5, max: 2 }, single: 1, empty: 0 },
    grades: { min: 0, median: 2, max: 4 },
  });
  const nothing = lists({ ...of, grade: Float32Array.of(0, 0, 4) });
  expect(describeRelations(nothing).queries).toMatchObject({ single: 1, empty: 1 });
});
