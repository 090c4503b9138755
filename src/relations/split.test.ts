import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import type { Groups } from './groups.ts';
import { type Split, splitByGroup, splitByItem } from './split.ts';

/** Groups of the given sizes, their items interleaved. */
function ofSizes(...sizes: number[]): Groups {
  const labels: number[] = [];
  for (let i = 0; i < Math.max(0, ...sizes); i++) {
    sizes.forEach((size, group) => {
      if (i < size) labels.push(group);
    });
  }
  return { labels: Int32Array.from(labels), names: sizes.map(String) };
}

function counts(groups: Groups, items: Int32Array): number[] {
  return groups.names.map((_, group) => items.filter((item) => groups.labels[item] === group).length);
}

const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });
const shares = fc.record({
  validation: fc.double({ min: 0, max: 0.45, noNaN: true }),
  test: fc.double({ min: 0, max: 0.45, noNaN: true }),
  seed: fc.integer(),
});

/** The split, or undefined where it is refused by a readable error. */
function attempt(make: () => Split): Split | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(KindredError);
    return undefined;
  }
}

test.each([splitByItem, splitByGroup])('%o covers every item once, sorted, and the same for the same seed', (split) => {
  fc.assert(
    fc.property(sizes, shares, (sizes, shares) => {
      const groups = ofSizes(...sizes);
      const parts = attempt(() => split(groups, shares));
      if (!parts) return;
      const all = [...parts.train, ...parts.validation, ...parts.test];
      expect(all.sort((a, b) => a - b)).toEqual([...groups.labels.keys()]);
      for (const part of Object.values(parts)) expect(part).toEqual(part.slice().sort());
      expect(split(groups, shares)).toEqual(parts);
    }),
  );
});

test('by item: each group gives its share, rounded, and keeps two for training', () => {
  fc.assert(
    fc.property(sizes, shares, (sizes, shares) => {
      const groups = ofSizes(...sizes);
      const parts = attempt(() => splitByItem(groups, shares));
      if (!parts) return;
      const train = counts(groups, parts.train);
      for (const part of ['validation', 'test'] as const) {
        counts(groups, parts[part]).forEach((count, group) => {
          const exact = sizes[group] * shares[part];
          expect(count).toBeLessThanOrEqual(Math.ceil(exact));
          if (train[group] > 2) expect(count).toBeGreaterThanOrEqual(Math.floor(exact));
          expect(train[group]).toBeGreaterThanOrEqual(Math.min(2, sizes[group]));
        });
      }
    }),
  );
});

test('by item: worked by hand', () => {
  const groups = ofSizes(10, 20, 1, 2, 0);
  const split = splitByItem(groups, { validation: 0.1, test: 0.2, seed: 1 });
  expect(counts(groups, split.validation)).toEqual([1, 2, 0, 0, 0]);
  expect(counts(groups, split.test)).toEqual([2, 4, 0, 0, 0]);
  expect(counts(groups, split.train)).toEqual([7, 14, 1, 2, 0]);
  expect(splitByItem(groups, { validation: 0.1, test: 0.2, seed: 2 })).not.toEqual(split);
  // Three items cannot give one to each part and keep two.
  expect(counts(ofSizes(3, 9), splitByItem(ofSizes(3, 9), { validation: 0.33, test: 0.33, seed: 1 }).train)[0]).toBe(2);
});

test('by item: over many small groups the shares still hold', () => {
  const groups = ofSizes(...Array(100).fill(4));
  const split = splitByItem(groups, { validation: 0.1, test: 0.2, seed: 1 });
  expect([split.validation.length, split.test.length]).toEqual([40, 80]);
});

test('by group: no group straddles, and each part has one', () => {
  fc.assert(
    fc.property(sizes, shares, (sizes, shares) => {
      const groups = ofSizes(...sizes);
      const parts = attempt(() => splitByGroup(groups, shares));
      if (!parts) return;
      const each = Object.values(parts).map((items) => counts(groups, items));
      sizes.forEach((size, group) => {
        expect(each.map((count) => count[group]).sort((a, b) => a - b)).toEqual([0, 0, size]);
      });
      expect(parts.train.length).toBeGreaterThan(0);
      for (const part of ['validation', 'test'] as const) expect(parts[part].length > 0).toBe(shares[part] > 0);
    }),
  );
});

test('by group: worked by hand', () => {
  const groups = ofSizes(...Array(10).fill(3), 1, 2);
  const split = splitByGroup(groups, { validation: 0.25, test: 0.5, seed: 3 });
  const groupsIn = (items: Int32Array) => new Set(items.map((item) => groups.labels[item])).size;
  expect([groupsIn(split.train), groupsIn(split.validation), groupsIn(split.test)]).toEqual([3, 3, 6]);
  expect(splitByGroup(groups, { validation: 0.25, test: 0.5, seed: 4 })).not.toEqual(split);
});

test('what cannot be split is refused with the next action', () => {
  const bad = { validation: 0.5, test: 0.5, seed: 1 };
  expect(() => splitByItem(ofSizes(9), bad)).toThrow(/validation 0.5, test 0.5\. Give shares/);
  expect(() => splitByItem(ofSizes(9), { ...bad, test: -0.1 })).toThrow(/test -0.1/);
  expect(() => splitByGroup(ofSizes(9), { ...bad, test: Number.NaN })).toThrow(/test NaN/);
  expect(() => splitByItem(ofSizes(1, 2, 2), { ...bad, test: 0.1 })).toThrow(/share 0.5 for validation, 5 items in 3/);
  expect(() => splitByGroup(ofSizes(5, 5, 0), { ...bad, test: 0.1 })).toThrow(/2 groups with items.*2 more parts/);
});
