import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { clusterTree } from '../relations/clustering/tree.ts';
import { graph } from '../relations/graph.ts';
import { groups } from '../relations/groups.ts';
import { lists } from '../relations/lists.ts';
import { pairs } from '../relations/pairs.ts';
import { preferences } from '../relations/preferences.ts';
import type { RelationKind, Relations } from '../relations/relations.ts';
import { tags } from '../relations/tags.ts';
import { triplets } from '../relations/triplets.ts';
import { views } from '../relations/views.ts';
import { type SamplerDefinition, samplersOf } from './define.ts';
import type { Sampler, Source } from './sampler.ts';

// What every sampler inherits by being in this folder.

const ints = (...values: number[]) => Int32Array.from(values);

/** One small example of every kind, all over eight items. */
const examples: { readonly [Kind in RelationKind]: Extract<Relations, { kind: Kind }> } = {
  groups: groups({ labels: ints(0, 1, 2, 0, 1, 2, 0, 3), names: ['a/x', 'a/y', 'b/x', 'b/y'] }),
  tags: tags({ items: 8, item: ints(0, 1, 2, 3, 4, 0, 2), tag: ints(0, 0, 0, 1, 1, 1, 2), names: ['x', 'y', 'z'] }),
  pairs: pairs({ items: 8, a: ints(0, 1, 2, 3, 4), b: ints(1, 2, 3, 4, 5), same: Uint8Array.of(1, 0, 1, 1, 0) }),
  triplets: triplets({ items: 8, anchor: ints(0, 1, 2), closer: ints(1, 2, 3), farther: ints(5, 6, 7) }),
  graph: graph({ items: 8, from: ints(0, 1, 2, 3), to: ints(1, 2, 0, 4), weight: Float32Array.of(1, 2, 3, 4) }),
  views: views({ items: 8 }),
  preferences: preferences({
    items: 8,
    query: ints(0, 0, 1, 1),
    winner: ints(0, 1, 4, 5),
    loser: ints(1, 2, 5, 6),
    queryIds: ['p', 'q'],
  }),
  lists: lists({
    items: 8,
    query: ints(0, 0, 0, 1, 1, 2),
    item: ints(0, 1, 2, 1, 3, 7),
    grade: Float32Array.of(0, 1, 2, 0, 1, 1),
    queryIds: ['p', 'q', 'r'],
  }),
};

/** Options to try each sampler with: the first are ordinary, others ask for more than there is. */
const options: Readonly<Record<string, readonly object[]>> = {
  'groups-of': [
    { groups: 2, perGroup: 2 },
    { groups: 2, perGroup: 9 },
  ],
  hierarchical: [
    { groups: 2, perGroup: 2 },
    { groups: 3, perGroup: 5 },
  ],
  'two-views': [{ items: 3 }, { items: 10, views: 3 }],
  'all-pairs': [{ pairs: 2 }, { pairs: 12 }],
  'triplet-list': [{ triplets: 2 }, { triplets: 9 }],
  neighbours: [{ anchors: 2 }, { anchors: 12 }, { anchors: 3, balance: 'links' }],
  siblings: [{ anchors: 2 }, { anchors: 9, level: 3, balance: 'links' }],
  walks: [
    { walks: 2, length: 3 },
    { walks: 3, length: 9, window: 2, balance: 'links' },
  ],
  'lists-by-query': [{ queries: 1 }, { queries: 9, perQuery: 2 }],
};

/** Clusters of the eight items; the last is in none. */
const tree = clusterTree([ints(0, 0, 1, 1, 2, 2, 3, -1), ints(0, 0, 0, 0, 1, 1, 1, -1)]);

type Definition = SamplerDefinition<never>;

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => /^(?!.*\.test)[\w-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -3));
const definitions = new Map<string, Definition>();
for (const name of names) {
  const module = (await import(`../batches/${name}.ts`)) as object;
  for (const value of Object.values(module) as Partial<Definition>[]) {
    if (value.definition === 'sampler') definitions.set(name, value as Definition);
  }
}

const make = (name: string, given: object) => (definitions.get(name) as unknown as (options: object) => Maker)(given);
type Maker = (source: Source, random: Random) => Sampler;

const cases = [...definitions].flatMap(([name, { kinds }]) =>
  (options[name] ?? []).flatMap((given) => kinds.map((kind) => [name, kind, given] as const)),
);

test('every sampler is tried here, and the table of which draws from what is right', () => {
  expect(new Set(definitions.keys())).toEqual(new Set(Object.keys(options)));
  for (const kind of Object.keys(examples) as RelationKind[]) {
    const able = [...definitions].filter(([, { kinds }]) => kinds.includes(kind)).map(([name]) => name);
    expect([...samplersOf[kind]].sort()).toEqual(able.sort());
  }
});

/** Attempts, because some options ask for more groups than the kind's example has. */
function attempt(name: string, kind: RelationKind, given: object, seed: number): Sampler | undefined {
  try {
    return make(name, given)({ relations: examples[kind], tree }, Random.seeded(seed));
  } catch (error) {
    expect(`${error}`).toMatch(/KindredError: A batch of 3 groups needs/);
    return undefined;
  }
}

test.each(cases)(
  '%s over %s with %o: batches of one size, seeded, and resumed to the same bits',
  (name, kind, given) => {
    const times = (count: number, sampler: Sampler) => Array.from({ length: count }, () => sampler.next());
    fc.assert(
      fc.property(fc.integer(), fc.nat(12), (seed, before) => {
        const whole = attempt(name, kind, given, seed);
        if (whole === undefined) return;
        const first = times(before, whole);
        const saved = JSON.parse(JSON.stringify(whole.save()));
        const rest = times(4, whole);
        for (const { items, known } of [...first, ...rest]) {
          expect(items.length).toBe(whole.batchSize);
          expect(items.every((item) => item >= 0 && item < 8)).toBe(true);
          if (known.kind === 'labels') expect(known.labels.length).toBe(items.length);
          if (known.kind === 'lists') {
            expect(known.items).toEqual(items);
            expect(known.same.offsets.length).toBe(items.length + 1);
          }
        }
        expect(times(before, attempt(name, kind, given, seed) as Sampler)).toEqual(first);
        const resumed = attempt(name, kind, given, seed + 1) as Sampler;
        resumed.next();
        resumed.restore(saved);
        expect(resumed.save()).toEqual(saved);
        expect(times(4, resumed)).toEqual(rest);
      }),
      { numRuns: 10 },
    );
  },
);

test.each([...definitions])('%s refuses other kinds, and states of other samplers', (name, { kinds }) => {
  const given = options[name][0];
  for (const kind of Object.keys(examples) as RelationKind[]) {
    if (kinds.includes(kind)) continue;
    expect(() => make(name, given)({ relations: examples[kind], tree }, Random.seeded(1))).toThrow(
      `Batches by ${name} are drawn from ${kinds.join(' or ')}: relations of the kind ${kind}. From these ${samplersOf[kind][0]}`,
    );
  }
  const sampler = make(name, given)({ relations: examples[kinds[0]], tree }, Random.seeded(1));
  const saved = sampler.save() as { items: number };
  expect(() => sampler.restore({ ...saved, items: saved.items + 1 })).toThrow(/same data and recipe/);
  expect(() => sampler.restore({ ...saved, sampler: 'x' })).toThrow(/same data and recipe/);
  expect(() => make(name, { ...given, sort: 1 })).toThrow(/"sort"/);
});
