import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { graph } from '../relations/graph.ts';
import { neighbours } from './neighbours.ts';
import type { Batch } from './sampler.ts';
import { walks } from './walks.ts';

const ints = (...values: number[]) => Int32Array.from(values);
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

/** Graphs of ten items, of which the last has no link, and so is a stranger to all. */
const graphs = fc
  .record({
    links: fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 30 }),
    directed: fc.boolean(),
    seed: fc.integer(),
    balance: fc.constantFrom('items' as const, 'links' as const),
  })
  .map(({ links, directed, ...rest }) => {
    const all = [[0, 1], ...links];
    const [from, to] = [0, 1].map((end) => Int32Array.from(all, (link) => link[end]));
    const linked = (a: number, b: number) =>
      all.some(([x, y]) => x !== y && ((x === a && y === b) || (!directed && x === b && y === a)));
    return { relations: graph({ items: 10, from, to, directed }), linked, ...rest };
  });

test('an anchor, its neighbour, and an item that is linked with it in neither direction', () => {
  fc.assert(
    fc.property(graphs, ({ relations, linked, seed, balance }) => {
      const sampler = neighbours({ anchors: 4, balance })({ relations }, Random.seeded(seed));
      for (const { items } of times(10, () => sampler.next())) {
        for (let i = 0; i < items.length; i += 3) {
          const [anchor, neighbour, stranger] = items.subarray(i);
          expect(linked(anchor, neighbour)).toBe(true);
          expect(linked(anchor, stranger) || linked(stranger, anchor) || anchor === stranger).toBe(false);
        }
      }
    }),
  );
});

test('anchors come equally often to within one; with balance: links, links do', () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 12 }), ({ relations, linked, seed, balance }, batches) => {
      const sampler = neighbours({ anchors: 5, balance })({ relations }, Random.seeded(seed));
      const drawn = new Map<string, number>();
      for (let a = 0; a < 10; a++) {
        for (let b = 0; b < 10; b++) if (linked(a, b)) drawn.set(balance === 'items' ? `${a}` : `${a}-${b}`, 0);
      }
      expect(sampler.itemsPerEpoch).toBe(3 * drawn.size);
      for (const { items } of times(batches, () => sampler.next())) {
        for (let i = 0; i < items.length; i += 3) {
          const key = balance === 'items' ? `${items[i]}` : `${items[i]}-${items[i + 1]}`;
          drawn.set(key, (drawn.get(key) as number) + 1);
        }
      }
      const counts = [...drawn.values()];
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test('neighbours are drawn in proportion to weights, strangers alike', () => {
  const relations = graph({ items: 6, from: ints(0, 2, 0), to: ints(1, 0, 2), weight: Float32Array.of(1, 1, 2) });
  const sampler = neighbours({ anchors: 100 })({ relations }, Random.seeded(9));
  const [neighboursOfZero, strangers] = [new Array<number>(6).fill(0), new Array<number>(6).fill(0)];
  let anchors = 0;
  for (const { items } of times(120, () => sampler.next())) {
    for (let i = 0; i < items.length; i += 3) {
      if (items[i] !== 0) continue;
      anchors++;
      neighboursOfZero[items[i + 1]]++;
      strangers[items[i + 2]]++;
    }
  }
  // Three items are anchors in turn: 4,000 times each. Weights 1 and 3; strangers 3, 4 and 5. Five standard deviations.
  expect(anchors).toBe(4000);
  expect(neighboursOfZero[1] + neighboursOfZero[2]).toBe(4000);
  expect(Math.abs(neighboursOfZero[1] - 1000)).toBeLessThan(137);
  for (const item of [3, 4, 5]) expect(Math.abs(strangers[item] - 1333)).toBeLessThan(150);
});

test('strangers are found where nearly all are linked, and only among the items that may be drawn', () => {
  const count = 300;
  const hub = (to: Int32Array) => graph({ items: count, from: new Int32Array(to.length), to });
  const almostAll = hub(Int32Array.from({ length: count - 2 }, (_, i) => i + 1));
  const sampler = neighbours({ anchors: count - 1 })({ relations: almostAll }, Random.seeded(1));
  const { items } = sampler.next();
  for (let i = 0; i < items.length; i += 3) if (items[i] === 0) expect(items[i + 2]).toBe(count - 1);
  expect(items.filter((item, i) => i % 3 === 0 && item === 0).length).toBe(1);

  const few = neighbours({ anchors: 9 })({ relations: hub(ints(5)), items: ints(0, 5, 7) }, Random.seeded(1));
  expect(new Set(few.next().items)).toEqual(new Set([0, 5, 7]));
});

test('items that are linked with all others are no anchors', () => {
  const star = graph({ items: 4, from: ints(0, 0, 0), to: ints(1, 2, 3) });
  expect(neighbours({ anchors: 1 })({ relations: star }, Random.seeded(1)).itemsPerEpoch).toBe(9);
  const edge = graph({ items: 2, from: ints(0), to: ints(1) });
  expect(() => neighbours({ anchors: 1 })({ relations: edge }, Random.seeded(1))).toThrow(
    /2 of 2 items.*Add links, or/,
  );
});

test('a walk goes along links, and from a dead end on from its start', () => {
  fc.assert(
    fc.property(graphs, ({ relations, linked, seed, balance }) => {
      const sampler = walks({ walks: 3, length: 5, balance })({ relations }, Random.seeded(seed));
      const deadEnd = (item: number) => ![...Array(10).keys()].some((other) => linked(item, other));
      for (const { items } of times(6, () => sampler.next())) {
        for (let i = 0; i < items.length; i += 5) {
          const walk = items.subarray(i, i + 5);
          for (let step = 1; step < 5; step++) {
            expect(linked(deadEnd(walk[step - 1]) ? walk[0] : walk[step - 1], walk[step])).toBe(true);
          }
        }
      }
    }),
  );
});

test('within the window of a walk items are the same, linked or not', () => {
  const path = graph({ items: 6, from: ints(0, 1, 2, 4), to: ints(1, 2, 3, 5), directed: true });
  const known = (window: number, start: number) => {
    const sampler = walks({ walks: 1, length: 4, window })({ relations: path }, Random.seeded(2));
    const { items, known } = times(10, () => sampler.next()).find(({ items }) => items[0] === start) as Batch;
    if (known.kind !== 'lists') throw new Error('lists');
    const rows = (lists: typeof known.same, at: number) => [
      ...lists.positions.subarray(lists.offsets[at], lists.offsets[at + 1]),
    ];
    if (known.different === 'others') throw new Error('one-way links are not different');
    const { different } = known;
    return [0, 1, 2, 3].map((at) => [items[at], rows(known.same, at), rows(different, at)]);
  };
  // Links go 0 -> 1 -> 2 -> 3; against a link nothing is known.
  expect(known(1, 0)).toEqual([
    [0, [1], [2, 3]],
    [1, [2], [3]],
    [2, [3], [0]],
    [3, [], [0, 1]],
  ]);
  expect(known(2, 0)).toEqual([
    [0, [1, 2], [3]],
    [1, [0, 2, 3], []],
    [2, [0, 1, 3], []],
    [3, [1, 2], [0]],
  ]);
  const empty = graph({ items: 3, from: ints(1), to: ints(1) });
  expect(() => walks({ walks: 1, length: 2 })({ relations: empty }, Random.seeded(1))).toThrow(/3 items and no link/);
});

test('positives that were drawn: one for each anchor, and what is linked is no negative: a naive loop', () => {
  const from = ints(0, 0, 1, 2, 3, 5);
  const to = ints(1, 2, 3, 4, 4, 0);
  const linked = (a: number, b: number) =>
    [...from.keys()].some((i) => (from[i] === a && to[i] === b) || (from[i] === b && to[i] === a));
  for (const directed of [false, true]) {
    const relations = graph({ items: 9, from, to, directed });
    const sampler = neighbours({ anchors: 4, positives: 'drawn' })({ relations }, Random.seeded(2));
    for (let batch = 0; batch < 20; batch++) {
      const { items, known } = sampler.next();
      if (known.kind !== 'lists' || known.different === 'others') throw new Error('lists of both');
      const { same, different } = known;
      for (let row = 0; row < 12; row++) {
        const alike = same.positions.subarray(same.offsets[row], same.offsets[row + 1]);
        expect([...alike]).toEqual(row % 3 === 0 ? [row + 1] : []);
        const others = different.positions.subarray(different.offsets[row], different.offsets[row + 1]);
        expect([...others]).toEqual(
          [...items.keys()].filter((at) => items[at] !== items[row] && !linked(items[row], items[at])),
        );
      }
    }
  }
});
