import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { affinityInMemory } from '../relations/clustering/affinity-in-memory.ts';
import { clusterTree } from '../relations/clustering/tree.ts';
import { graph } from '../relations/graph.ts';
import { siblings } from './siblings.ts';

const ints = (...values: number[]) => Int32Array.from(values);

// Eight clusters of two under four parents under two grandparents; a link within each cluster, and from 0 to 2.
const items = 16;
const tree = clusterTree([2, 4, 8].map((size) => Int32Array.from({ length: items }, (_, i) => Math.floor(i / size))));
const links = graph({ items, from: ints(0, 2, 4, 6, 8, 10, 12, 14, 0), to: ints(1, 3, 5, 7, 9, 11, 13, 15, 2) });

test.each([
  [0, { 0: [3], 1: [2, 3], 4: [6, 7] }],
  [1, { 0: [3, 4, 5, 6, 7], 1: [2, 3, 4, 5, 6, 7], 4: [0, 1, 2, 3, 6, 7] }],
  [2, { 4: [0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }],
])('negatives of level %d, by hand', (level, expected) => {
  const sampler = siblings({ anchors: 16, level })({ relations: links, tree }, Random.seeded(1));
  const found = new Map<number, Set<number>>();
  for (let batch = 0; batch < 200; batch++) {
    const { items: drawn, known } = sampler.next();
    for (let i = 0; i < drawn.length; i += 3) {
      found.set(drawn[i], (found.get(drawn[i]) ?? new Set()).add(drawn[i + 2]));
    }
    expect(known.assigned?.negative.subarray(0, 3)).toEqual(ints(2, 5, 8));
  }
  for (const [anchor, negatives] of Object.entries(expected)) {
    expect([...(found.get(Number(anchor)) ?? [])].sort((a, b) => a - b)).toEqual(negatives);
  }
});

test('never of the own cluster, never linked, and no farther up than need be', () => {
  const made = fc.record({
    rows: fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { minLength: 6, maxLength: 30 }),
    level: fc.nat(3),
    seed: fc.integer(),
  });
  let drawn = 0;
  fc.assert(
    fc.property(made, ({ rows, level, seed }) => {
      const relations = graph({
        items: 12,
        from: Int32Array.from(rows, ([a]) => a),
        to: Int32Array.from(rows, ([, b]) => b),
      });
      fc.pre(rows.some(([a, b]) => a !== b));
      const { levels } = affinityInMemory(relations, { maximum: 4 });
      const linked = (a: number, b: number) => rows.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
      const ancestor = (item: number, up: number) => levels[up]?.[item] ?? 0;
      const allowed = (item: number, up: number) =>
        Array.from({ length: 12 }, (_, other) => other).filter(
          (other) =>
            levels[0][other] >= 0 &&
            levels[0][other] !== levels[0][item] &&
            ancestor(other, up) === ancestor(item, up) &&
            !linked(item, other),
        );
      let sampler: ReturnType<ReturnType<typeof siblings>>;
      try {
        sampler = siblings({ anchors: 6, level })({ relations, tree: { items: 12, levels } }, Random.seeded(seed));
      } catch (error) {
        expect(`${error}`).toMatch(/an item of another cluster that is none/);
        for (const [item] of rows) if (levels[0][item] >= 0) expect(allowed(item, 9)).toEqual([]);
        return;
      }
      for (let batch = 0; batch < 4; batch++) {
        const { items: got } = sampler.next();
        for (let i = 0; i < got.length; i += 3) {
          let up = level + 1;
          while (allowed(got[i], up).length === 0) up++;
          expect(allowed(got[i], up)).toContain(got[i + 2]);
          expect(linked(got[i], got[i + 1])).toBe(true);
          drawn++;
        }
      }
    }),
  );
  expect(drawn).toBeGreaterThan(0);
});

test('refuses a source without clusters', () => {
  expect(() => siblings({ anchors: 2 })({ relations: links }, Random.seeded(1))).toThrow(
    /clusters: \{ method: affinity \}/,
  );
});
