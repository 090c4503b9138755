import fc from 'fast-check';
import { expect, test } from 'vitest';
import { feedsByName, tensors } from '../../test/laws/batch.ts';
import { evaluate } from '../graph/evaluate.ts';
import { constant } from '../graph/ops/constant.ts';
import { input } from '../graph/ops/input.ts';
import { groupFeeds, mostPositives, withinBatch } from './comparison.ts';
import { cosine, squaredEuclidean } from './distance.ts';

const labelLists = fc.array(fc.integer({ min: -2, max: 3 }), { minLength: 1, maxLength: 9 });

test('same and different, by hand: an item is neither to itself', () => {
  const labels = Int32Array.of(7, -1, 7);
  const { same, different } = withinBatch(input('x', [3, 2]), 1);
  const [alike, apart] = evaluate([same, different], feedsByName([same, different], tensors(groupFeeds(labels, 1))));
  expect([...alike.data]).toEqual([0, 0, 1, 0, 0, 0, 1, 0, 0]);
  expect([...apart.data]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0]);
});

test('same, different and oneself are everything, and the positives are what is the same', () => {
  fc.assert(
    fc.property(labelLists, (list) => {
      const labels = Int32Array.from(list);
      const places = mostPositives(labels);
      const relation = tensors(groupFeeds(labels, places));
      const { same, different, positives, filled } = withinBatch(input('x', [list.length, 2]), places);
      const outputs = [same, different, positives, filled];
      const [alike, apart, positions, used] = evaluate(outputs, feedsByName(outputs, relation));
      list.forEach((label, a) => {
        const expected = list.flatMap((other, c) => (c !== a && other === label ? [c] : []));
        const found = [...positions.data.slice(a * places, (a + 1) * places)];
        const valid = used.data.slice(a * places, (a + 1) * places);
        expect(found.filter((_, j) => valid[j])).toEqual(expected);
        list.forEach((_, c) => {
          expect(alike.data[a * list.length + c]).toBe(Number(expected.includes(c)));
          expect(alike.data[a * list.length + c] + apart.data[a * list.length + c]).toBe(Number(a !== c));
        });
      });
    }),
  );
});

test('places: one less than the largest group, at least one, so that shapes never have size 0', () => {
  expect(mostPositives(Int32Array.of(0, 0, 0, 1, 1))).toBe(2);
  expect(mostPositives(Int32Array.of(0, 1, 2))).toBe(1);
  expect(mostPositives(Int32Array.of())).toBe(1);
});

test('places that are left over are unfilled and point into the batch', () => {
  const { positives, filled, labels } = groupFeeds(Int32Array.of(4, 4, 5), 3);
  expect(positives).toEqual({ shape: [3, 3], data: BigInt64Array.of(1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n) });
  expect(filled).toEqual({ shape: [3, 3], data: Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0), type: 'bool' });
  expect(labels).toEqual({ shape: [3], data: BigInt64Array.of(4n, 4n, 5n) });
});

test('distances are built once each', () => {
  const compared = withinBatch(constant([1, 2, 3, 4], [2, 2]), 1);
  expect(compared.distances(cosine)).toBe(compared.distances(cosine));
  expect(compared.distances(cosine)).not.toBe(compared.distances(squaredEuclidean));
});

test('a batch of unknown size is refused', () => {
  expect(() => withinBatch(input('x', ['batch', 2]), 1)).toThrow(/whole numbers: \[batch\]/);
});
