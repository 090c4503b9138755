import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { equal } from '../graph/ops/equal.ts';
import { input } from '../graph/ops/input.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { sum } from '../graph/ops/sum.ts';
import { lower } from '../onnx/lower.ts';
import { Embedder } from './embedder.ts';
import { LISTS } from './encoder.ts';
import { vectorFeed } from './feeds/vector.ts';

/** A model whose score is the value of an item and how many items its list has. */
function counting(): Uint8Array {
  const x = input('vectors', ['batch', 1]);
  const lists = input(LISTS, ['batch'], 'int64');
  const together = equal(reshape(lists, ['batch', 1]), reshape(lists, [1, 'batch']));
  const scores = add(reshape(x, ['batch']), sum(cast(together, 'float32'), [1]));
  return lower({ outputs: { embeddings: x, scores } });
}

test('no list is cut where items go through the model in chunks', async () => {
  const random = Random.seeded(5);
  const sizes = [200, 100, 1, 700, 255, 256, 257, 3];
  const lists = Int32Array.from(sizes.flatMap((size, list) => Array.from({ length: size }, () => 10 * list)));
  const items = matrix(
    lists.length,
    1,
    Float32Array.from(lists, () => random.integer(100)),
  );
  const embedder = await Embedder.open(counting(), { threads: 1 });
  const feed = vectorFeed(items);
  const told: number[] = [];
  const scores = await embedder.score(feed, { lists, progress: (done) => told.push(done) });
  expect([...scores]).toEqual([...items.data].map((value, i) => value + sizes[lists[i] / 10]));
  expect(told.at(-1)).toBe(lists.length);
  // Without lists each is alone, whatever the chunk.
  const alone = await embedder.score(feed);
  expect([...alone]).toEqual([...items.data].map((value) => value + 1));
  expect((await embedder.embed(feed, { lists })).data).toEqual(items.data);
  await embedder.release();
});

test('the first result is the embedding, whatever its name', async () => {
  const x = input('vectors', ['batch', 2]);
  const embedder = await Embedder.open(lower({ outputs: { descriptors: add(x, x) } }), { threads: 1 });
  const items = matrix(2, 2, Float32Array.of(1, 2, 3, 4));
  expect([...(await embedder.embed(vectorFeed(items))).data]).toEqual([2, 4, 6, 8]);
  await expect(embedder.score(vectorFeed(items))).rejects.toThrow(/a place for scores/);
  await embedder.release();
});
