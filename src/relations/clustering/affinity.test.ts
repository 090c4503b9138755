import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { graph } from '../graph.ts';
import { affinity } from './affinity.ts';
import { affinityInMemory } from './affinity-in-memory.ts';

const small = { memory: 64, threads: 1 };
const of = (items: number, links: readonly (readonly [number, number, number])[]) =>
  graph({
    items,
    from: Int32Array.from(links, ([a]) => a),
    to: Int32Array.from(links, ([, b]) => b),
    weight: Float32Array.from(links, ([, , w]) => w),
  });
const levels = ({ levels }: { levels: readonly Int32Array[] }) => levels.map((level) => [...level]);

test('two triangles and a bridge, by hand', async () => {
  // 0-1 and 1-2 strong, 3-4 and 4-5 strong; 2-3 weak. Item 6 has no link.
  const two = of(7, [
    [0, 1, 4],
    [2, 1, 3],
    [0, 2, 1],
    [3, 4, 4],
    [5, 4, 3],
    [5, 3, 1],
    [2, 3, 2],
  ]);
  // Round 1: 2 prefers 1 (3) to 3 (2), so each triangle is one; round 2 joins them by 2 / 9.
  expect(levels(await affinity(two, { rounds: 2, ...small }))).toEqual([
    [0, 0, 0, 1, 1, 1, -1],
    [0, 0, 0, 0, 0, 0, -1],
  ]);
  const weak = 2 / 9;
  const apart = [0, 0, 0, 1, 1, 1, -1];
  expect(levels(await affinity(two, { rounds: 2, threshold: weak + 1e-9, ...small }))[1]).toEqual(apart);
  expect(levels(await affinity(two, { rounds: 2, maximum: 5, ...small }))[1]).toEqual(apart);
  // A minimum goes before the threshold.
  const joined = [0, 0, 0, 0, 0, 0, -1];
  expect(levels(await affinity(two, { rounds: 1, threshold: 2.5, minimum: 4, ...small }))[0]).toEqual(joined);
});

test('of equal neighbours the one with the lowest first item is joined', async () => {
  const star = of(5, [
    [4, 2, 1],
    [2, 3, 1],
    [1, 3, 1],
    [0, 4, 1],
  ]);
  // 0 takes 4, 1 takes 3, 2 takes 3 before 4, 3 takes 1 before 2, 4 takes 0 before 2.
  expect(levels(await affinity(star, { rounds: 1, ...small }))).toEqual([[0, 1, 1, 1, 0]]);
});

const graphs = fc.record({
  items: fc.integer({ min: 2, max: 14 }),
  links: fc.array(
    fc.tuple(
      fc.nat(13),
      fc.nat(13),
      fc.oneof(fc.integer({ min: 1, max: 3 }), fc.double({ min: 1e-3, max: 9, noNaN: true })),
    ),
    {
      minLength: 1,
      maxLength: 40,
    },
  ),
  threshold: fc.constantFrom(0, 0.3, 1),
  minimum: fc.integer({ min: 1, max: 5 }),
  maximum: fc.option(fc.integer({ min: 5, max: 9 }), { nil: undefined }),
});

test('equals plain loops on small graphs, whatever the order of links', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.nat(), async ({ items, links, threshold, minimum, maximum }, seed) => {
      const within = links.map(([a, b, w]) => [a % items, b % items, Math.fround(w)] as const);
      fc.pre(within.some(([a, b]) => a !== b));
      const options = { threshold, minimum, ...(maximum !== undefined && { maximum: Math.max(maximum, minimum) }) };
      const expected = affinityInMemory(of(items, within), options);
      expect(await affinity(of(items, within), { ...options, ...small })).toEqual(expected);
      const shuffled = Random.seeded(seed)
        .shuffle([...within])
        .map(([a, b, w]) => [b, a, w] as const);
      expect(await affinity(of(items, shuffled), { ...options, ...small, threads: 2 })).toEqual(expected);
      for (const level of expected.levels) {
        const sizes = new Int32Array(items);
        for (const cluster of level) if (cluster >= 0) sizes[cluster]++;
        expect(Math.max(...sizes)).toBeLessThanOrEqual(options.maximum ?? items);
      }
    }),
    { numRuns: 25, seed: 8 },
  );
}, 120_000);

test('refuses graphs without a link, and bounds that exclude each other', async () => {
  await expect(affinity(of(3, [[1, 1, 2]]), small)).rejects.toThrow(/a link between two items.*3 items and none/);
  await expect(affinity(of(3, [[1, 2, 2]]), { minimum: 5, maximum: 4 })).rejects.toThrow(/minimum 5, maximum 4/);
});

test('a minimum above the number of items joins what is linked', async () => {
  const one = of(3, [[0, 1, 1]]);
  expect(levels(await affinity(one, { rounds: 1, minimum: 9, ...small }))).toEqual([[0, 0, -1]]);
});
