import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { fitLinear } from './linear-fit.ts';
import { oneAgainstAll } from './logistic.ts';
import { probeTags, type TagPart, tagDifference } from './probe-tags.ts';

const TAGS = 6;

/** Items with up to three of the tags 10, 20 .. 60; each tag pulls the embedding its own way. Every seventh item has none. */
function part(n: number, seed: number, pull: number): TagPart {
  const ways = normals(TAGS, 8, 100);
  const random = Random.seeded(seed);
  const lists = Array.from({ length: n }, (_, i) =>
    i % 7 === 3 ? [] : [...Array(TAGS).keys()].filter((tag) => random.uniform() < 0.6 / (tag + 1)),
  );
  const noise = normals(n, 8, seed);
  const data = noise.map((value, i) =>
    lists[Math.floor(i / 8)].reduce((sum, tag) => sum + pull * ways[tag * 8 + (i % 8)], value),
  );
  const offsets = [0];
  for (const list of lists) offsets.push((offsets.at(-1) as number) + list.length);
  return {
    embeddings: matrix(n, 8, Float32Array.from(data)),
    offsets: Int32Array.from(offsets),
    tags: Int32Array.from(lists.flat(), (tag) => 10 * (tag + 1)),
  };
}
const parts = (pull: number, minimum = 5) => ({
  train: part(600, 1, pull),
  validation: part(200, 2, pull),
  test: part(300, 3, pull),
  ...{ minimum, seed: 1, threads: 1 },
});

test('tags that the embedding knows are told, and by how much better than by one that does not', async () => {
  const [knows, ignorant] = [await probeTags(parts(2)), await probeTags(parts(0))];
  for (const probe of [knows, ignorant]) {
    for (const measure of ['gapAt20', 'map'] as const) {
      const [low, high] = probe.intervals[measure];
      expect(low).toBeLessThan(probe[measure]);
      expect(high).toBeGreaterThan(probe[measure]);
    }
  }
  const { tags, items } = knows;
  const counted = (each: TagPart) =>
    Array.from(each.offsets.keys()).filter((i) => each.offsets[i + 1] > each.offsets[i]);
  expect([tags, items.test]).toEqual([TAGS, counted(parts(2).test).length]);
  expect(knows.map).toBeGreaterThan(0.85);
  expect(knows.gapAt20).toBeGreaterThan(0.85);
  // By chance a tag's average precision is its share of the items.
  const shares = Array.from(
    { length: TAGS },
    (_, t) => parts(0).test.tags.filter((tag) => tag === 10 * (t + 1)).length / items.test,
  );
  expect(Math.abs(ignorant.map - shares.reduce((a, b) => a + b, 0) / TAGS)).toBeLessThan(0.07);
  const difference = tagDifference(knows, ignorant);
  expect(difference.map.value).toBeCloseTo(knows.map - ignorant.map, 12);
  expect(difference.map.interval[0]).toBeGreaterThan(0);
  expect(tagDifference(knows, knows).gapAt20).toEqual({ value: 0, interval: [0, 0] });
});

test('all tags at once are what each alone is', async () => {
  const { embeddings } = part(120, 4, 1);
  const has = [...Array(120).keys()].map((i) => [0, 1, 2].filter((tag) => (i * (tag + 1)) % 5 < 2));
  const lists = (of: number[][]) => ({
    offsets: Int32Array.from({ length: of.length + 1 }, (_, i) => of.slice(0, i).flat().length),
    tags: Int32Array.from(of.flat()),
  });
  const how = { features: embeddings, l2: 0.01, tolerance: 1e-5, iterations: 500, threads: 1 };
  const together = await fitLinear({ ...how, outputs: 3, loss: oneAgainstAll(lists(has)) });
  for (const tag of [0, 1, 2]) {
    const own = lists(has.map((list) => (list.includes(tag) ? [0] : [])));
    const alone = await fitLinear({ ...how, outputs: 1, loss: oneAgainstAll(own) });
    expect(together.bias[tag]).toBeCloseTo(alone.bias[0], 2);
    for (let k = 0; k < 8; k++) expect(together.weights.data[3 * k + tag]).toBeCloseTo(alone.weights.data[k], 2);
  }
});

test('rare tags are not learned; without any, and without items, it is refused', async () => {
  const train = part(600, 1, 1);
  const counts = [10, 20, 30, 40, 50, 60].map((tag) => train.tags.filter((each) => each === tag).length);
  const { tags } = await probeTags(parts(1, counts[3]));
  expect(tags).toBe(counts.filter((count) => count >= counts[3]).length);
  await expect(probeTags(parts(1, 10_000))).rejects.toThrow(/none in the part train; 0 such tags/);
  const empty: TagPart = { embeddings: matrix(1, 8), offsets: Int32Array.of(0, 0), tags: new Int32Array(0) };
  await expect(probeTags({ ...parts(1), test: empty })).rejects.toThrow(/none in the part test/);
});
