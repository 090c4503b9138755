import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largest } from './closest.ts';

test('largest first, the lower position first among equals', () => {
  expect([...largest(Float32Array.of(1, 3, 2, 3, 0), 3)]).toEqual([1, 3, 2]);
});

test('all positions when k is larger, none of nothing', () => {
  expect([...largest(Float32Array.of(1, 3), 5)]).toEqual([1, 0]);
  expect([...largest(new Float32Array(0), 5)]).toEqual([]);
});

test('NaN ranks last, with minus infinity', () => {
  expect([...largest(Float32Array.of(NaN, -1, -Infinity, NaN), 4)]).toEqual([1, 0, 2, 3]);
  expect([...largest(Float32Array.of(NaN, NaN, -1, 5), 2)]).toEqual([3, 2]);
});

test('equals a stable sort of everything', () => {
  const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(score), fc.integer({ min: 1, max: 20 }), (values, k) => {
      const scores = Float32Array.from(values);
      const sorted = [...scores.keys()].sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b] - scores[a]));
      expect([...largest(scores, k)]).toEqual(sorted.slice(0, k));
    }),
    { numRuns: 500 },
  );
});
