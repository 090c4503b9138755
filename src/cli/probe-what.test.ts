import { expect, test } from 'vitest';
import type { KindredError } from '../core/error.ts';
import { groups } from '../relations/groups.ts';
import { tags } from '../relations/tags.ts';
import { views } from '../relations/views.ts';
import { probedOf } from './probe-what.ts';
import type { RunData } from './run-data.ts';

const kinds = groups({ labels: Int32Array.of(0, 1), names: ['a', 'b'] });
const some = tags({ items: 2, item: Int32Array.of(0, 1), tag: Int32Array.of(0, 1), names: ['x', 'y'] });
const others = tags({ items: 2, item: Int32Array.of(0), tag: Int32Array.of(0), names: ['z'] });
const nothing = views({ items: 2 });
const of = (relations: object, labels: object, name?: string) =>
  probedOf({ data: { relations, labels } } as unknown as RunData, name);

test('classes go before tags, what is learned before what is known beside; a name goes before all', () => {
  expect(of(kinds, { tag: some })).toBe(kinds);
  expect(of(nothing, { tag: some, class: kinds })).toBe(kinds);
  expect(of(some, { colour: others })).toBe(some);
  expect(of(nothing, { tag: some })).toBe(some);
  expect(of(kinds, { tag: some }, 'tag')).toBe(some);
  expect(of(kinds, { tag: some }, 'class')).toBe(kinds);
});

test.each([
  [nothing, {}, undefined, /relations of the kind views, and no label/],
  [nothing, { artist: others, tag: some }, undefined, /none was named; the labels are artist, tag/],
  [nothing, { tag: some }, 'class', /"class"; the labels are tag/],
  [nothing, {}, 'tag', /"tag"; they have none/],
])('what cannot be asked is wrong use', (relations, labels, name, message) => {
  try {
    of(relations, labels, name);
    expect.fail();
  } catch (error) {
    expect((error as KindredError).message).toMatch(message);
    expect((error as KindredError).exitCode).toBe(2);
  }
});
