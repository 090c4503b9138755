import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { labelsOf } from './media-files.ts';
import { pairsByLabel } from './pairs-by-label.ts';

test('the same label, each once, turns taken, drawn by the seed', () => {
  const ours = labelsOf(Array.from({ length: 60 }, (_, i) => ['one', 'two', 'six'][i % 3]));
  const theirs = labelsOf(Array.from({ length: 40 }, (_, i) => ['two', 'one', 'one', 'ten'][i % 4]));
  const turns = Int32Array.from({ length: 60 }, (_, i) => Math.floor(i / 15));
  const pairs = pairsByLabel(ours, theirs, turns, Random.seeded(1));
  const nameOf = (groups: typeof ours, item: number) => groups.names[groups.labels[item]];
  const names = Array.from(pairs.ours, (item) => nameOf(ours, item));
  expect(names).toEqual(Array.from(pairs.theirs, (item) => nameOf(theirs, item)));
  // Of one there are 20 and 20, of two 20 and 10, of six 20 and none.
  expect(names.filter((name) => name === 'one').length).toBe(20);
  expect(names.filter((name) => name === 'two').length).toBe(10);
  expect([new Set(pairs.ours).size, new Set(pairs.theirs).size]).toEqual([30, 30]);
  expect([...pairs.ours]).toEqual([...pairs.ours].sort((a, b) => a - b));
  const twos = [...pairs.ours].filter((item) => nameOf(ours, item) === 'two');
  const counts = [0, 1, 2, 3].map((turn) => twos.filter((item) => turns[item] === turn).length);
  expect([...counts].sort()).toEqual([2, 2, 3, 3]);
  expect(pairsByLabel(ours, theirs, turns, Random.seeded(1))).toEqual(pairs);
  expect(pairsByLabel(ours, theirs, turns, Random.seeded(2))).not.toEqual(pairs);
});

test('nothing in common is no pair', () => {
  const { ours } = pairsByLabel(labelsOf(['a']), labelsOf(['b']), Int32Array.of(0), Random.seeded(1));
  expect(ours.length).toBe(0);
});
