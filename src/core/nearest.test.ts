import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['temprature', ['temperature', 'margin'], 'temperature'],
  ['Margin', ['temperature', 'margin'], 'margin'],
  ['dimesnion', ['dimension', 'hidden'], 'dimension'],
  ['semihard', ['hard', 'easy', 'semi-hard'], 'semi-hard'],
  ['batchs', ['batch', 'batches'], 'batch'],
])('%s is most likely one of %j: %s', (given, allowed, meant) => {
  expect(nearest(given, allowed)).toBe(meant);
});

test.each([
  ['learning-rate', ['margin', 'temperature']],
  // A word that keeps no letter of a short one is no misspelling of it.
  ['lr', ['mu', 'k']],
  ['x', ['at', 'y']],
  ['anything', []],
])('%s is none of %j', (given, allowed) => {
  expect(nearest(given, allowed)).toBeUndefined();
});
