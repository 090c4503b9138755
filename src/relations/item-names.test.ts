import { expect, test } from 'vitest';
import { nameOf, namesOf } from './item-names.ts';
import type { Items } from './items.ts';

const features = { kind: 'vector', rows: 3, columns: 1, data: Float32Array.of(1, 2, 3) } as const;
const items = (texts?: readonly string[]): Items => ({
  count: 3,
  ids: ['a', 'b', 'c'],
  modalities: { features, ...(texts && { title: { kind: 'text', texts } }) },
});

test('items are called by a short text that is not their id', () => {
  const named = items(['Alien (1979)', 'b', 'x'.repeat(61)]);
  expect(nameOf(named, 0)).toBe('Alien (1979)');
  expect(namesOf(named)).toEqual(['Alien (1979)', '', '']);
});

test('items without such texts have no names', () => {
  expect(namesOf(items())).toBeUndefined();
  expect(namesOf(items(['a', 'b', 'c']))).toBeUndefined();
  expect(namesOf(items(['', '', '']))).toBeUndefined();
});
