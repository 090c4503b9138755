import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { groups as groupRelations } from '../relations/groups.ts';
import type { GroupRelations } from '../relations/relations.ts';
import { tags } from '../relations/tags.ts';
import { groupsOf } from './groups-of.ts';
import type { Batch } from './sampler.ts';

/** Groups of the given sizes, their items interleaved. */
function ofSizes(...sizes: number[]): GroupRelations {
  const labels: number[] = [];
  for (let i = 0; i < Math.max(...sizes); i++) {
    sizes.forEach((size, group) => {
      if (i < size) labels.push(group);
    });
  }
  return groupRelations({ labels: Int32Array.from(labels), names: sizes.map(String) });
}

function labelsOf({ known }: Batch): Int32Array {
  if (known.kind !== 'labels') throw new Error(`labels, not ${known.kind}`);
  return known.labels;
}

const cases = fc
  .record({
    groups: fc.integer({ min: 2, max: 5 }),
    perGroup: fc.integer({ min: 2, max: 5 }),
    more: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
    first: fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 5, maxLength: 5 }),
    seed: fc.integer(),
  })
  .map(({ groups, perGroup, more, first, seed }) => {
    const sizes = [...more, ...first];
    return { groups, perGroup, sizes, source: { relations: ofSizes(...sizes) }, random: Random.seeded(seed) };
  });

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

test('each batch has P groups of K items next to each other, no item twice where the group has K', () => {
  fc.assert(
    fc.property(cases, ({ groups, perGroup, sizes, source, random }) => {
      const sampler = groupsOf({ groups, perGroup })(source, random);
      expect(sampler.batchSize).toBe(groups * perGroup);
      for (const batch of times(20, () => sampler.next())) {
        const { items } = batch;
        const labels = labelsOf(batch);
        expect(labels).toEqual(items.map((item) => source.relations.labels[item]));
        const seen = new Set<number>();
        for (let i = 0; i < items.length; i += perGroup) {
          const [group] = labels.subarray(i);
          expect(new Set(labels.subarray(i, i + perGroup))).toEqual(new Set([group]));
          expect(new Set(items.subarray(i, i + perGroup)).size).toBe(Math.min(perGroup, sizes[group]));
          seen.add(group);
        }
        expect(seen.size).toBe(groups);
      }
    }),
  );
});

test('groups, and the items of a group, come up equally often to within one', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 40 }), ({ groups, perGroup, sizes, source, random }, batches) => {
      const sampler = groupsOf({ groups, perGroup })(source, random);
      const ofGroup = new Array<number>(sizes.length).fill(0);
      const ofItem = new Array<number>(source.relations.labels.length).fill(0);
      for (const batch of times(batches, () => sampler.next())) {
        for (const item of batch.items) ofItem[item]++;
        for (const label of labelsOf(batch)) ofGroup[label]++;
      }
      const usable = [...sizes.keys()].filter((group) => sizes[group] >= 2);
      const draws = usable.map((group) => ofGroup[group] / perGroup);
      expect(Math.max(...draws) - Math.min(...draws)).toBeLessThanOrEqual(1);
      for (const group of usable) {
        const own = ofItem.filter((_, item) => source.relations.labels[item] === group);
        expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
      }
      expect(sampler.itemsPerEpoch).toBe(usable.reduce((sum, group) => sum + sizes[group], 0));
    }),
  );
});

test('the same seed gives the same batches, and a restored sampler goes on where the saved one was', () => {
  fc.assert(
    fc.property(cases, fc.nat(30), ({ groups, perGroup, source, random }, before) => {
      const make = groupsOf({ groups, perGroup });
      const whole = make(source, random);
      const first = times(before, () => whole.next());
      const saved = JSON.parse(JSON.stringify(whole.save()));
      const rest = times(10, () => whole.next());
      const again = make(source, random);
      expect(times(before, () => again.next())).toEqual(first);
      const resumed = make(source, Random.seeded(1234));
      resumed.next();
      resumed.restore(saved);
      expect(resumed.save()).toEqual(saved);
      expect(times(10, () => resumed.next())).toEqual(rest);
    }),
  );
});

test('draws only from the given items', () => {
  const items = Int32Array.of(7, 1, 2, 8);
  const sampler = groupsOf({ groups: 2, perGroup: 2 })({ relations: ofSizes(4, 4, 4), items }, Random.seeded(1));
  for (const batch of times(5, () => sampler.next())) expect(batch.items.slice().sort()).toEqual(items.slice().sort());
  expect(sampler.itemsPerEpoch).toBe(4);
});

test('what cannot work is refused with the next action', () => {
  const random = Random.seeded(1);
  const make = (...sizes: number[]) => groupsOf({ groups: 4, perGroup: 2 })({ relations: ofSizes(...sizes) }, random);
  expect(() => make(5, 5, 1, 2, 0)).toThrow(/batch of 4 groups.*3 such groups \(and 1 with a single.*to 3 or fewer/);
  expect(() => make(9)).toThrow(/1 such groups\. Add groups: nothing can be learnt/);
  expect(() => groupsOf({ groups: 1, perGroup: 4 })).toThrow(/groups-of.groups does not fit: found 1/);
  expect(() => groupsOf({ groups: 2, perGroup: 1.5 })).toThrow(/perGroup does not fit: found 1.5/);
  const saved = make(2, 2, 2, 2).save();
  expect(() => make(2, 2, 2, 3).restore(saved)).toThrow(/perGroup":2} over 8 items an epoch, now .* over 9.*same data/);
});

test('tags are drawn like groups, each K of one tag, and what is known is by all tags', () => {
  const relations = tags({
    items: 5,
    item: Int32Array.of(0, 1, 2, 3, 0, 4),
    tag: Int32Array.of(0, 0, 1, 1, 1, 2),
    names: ['red', 'round', 'rare'],
  });
  const sampler = groupsOf({ groups: 2, perGroup: 2 })({ relations }, Random.seeded(1));
  expect(sampler.itemsPerEpoch).toBe(5);
  const drawn = new Set<number>();
  for (const { items, known } of times(20, () => sampler.next())) {
    const halves = [items.slice(0, 2), items.slice(2)].map((half) => [...half].sort());
    const red = halves.findIndex((half) => half.join() === '0,1');
    expect(red).toBeGreaterThanOrEqual(0);
    for (const item of halves[1 - red]) expect([0, 2, 3]).toContain(item);
    expect(known.kind).toBe('lists');
    for (const item of items) drawn.add(item);
  }
  expect([...drawn].sort()).toEqual([0, 1, 2, 3]);
});

test('random items come last, each once, of none of the groups, and about equally often', () => {
  const relations = ofSizes(4, 4, 4, 4, 1, 1, 1, 1, 1, 1);
  const sampler = groupsOf({ groups: 2, perGroup: 2, random: 5 })({ relations }, Random.seeded(3));
  expect(sampler.batchSize).toBe(9);
  const times = new Array(22).fill(0);
  for (let i = 0; i < 2000; i++) {
    const batch = sampler.next();
    const labels = labelsOf(batch);
    expect(batch.items).toHaveLength(9);
    expect(new Set(batch.items).size).toBe(9);
    const people = new Set(labels.subarray(0, 4));
    expect(people.size).toBe(2);
    expect([...labels.subarray(4)].filter((label) => people.has(label))).toEqual([]);
    for (const item of batch.items.subarray(4)) times[item]++;
  }
  // Those of groups of one are never in the way of themselves: they come at most twice as often.
  expect(Math.min(...times)).toBeGreaterThan(200);
  expect(Math.max(...times)).toBeLessThan(1000);
});

test('random items keep to the part, and go on after restoring; too many are refused', () => {
  const relations = ofSizes(4, 4, 4, 4, 4, 4);
  const items = Int32Array.from({ length: 24 }, (_, i) => i).filter((i) => i % 6 !== 0);
  const make = () => groupsOf({ groups: 2, perGroup: 2, random: 3 })({ relations, items }, Random.seeded(4));
  const first = make();
  for (let i = 0; i < 10; i++) expect([...first.next().items].some((item) => item % 6 === 0)).toBe(false);
  const second = make();
  second.restore(first.save());
  expect(second.next().items).toEqual(first.next().items);
  expect(() => groupsOf({ groups: 4, perGroup: 2, random: 5 })({ relations, items }, Random.seeded(4))).toThrow(
    /random 5; 4 items are left where the 4 largest groups are drawn/,
  );
});
