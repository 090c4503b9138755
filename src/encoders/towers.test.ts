import { expect, test } from 'vitest';
import { matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import type { Items } from '../relations/items.ts';
import { Embedder } from './embedder.ts';
import { initialize, trace } from './encoder.ts';
import { exportEncoder } from './export.ts';
import { exportedInput, inputNode } from './feed.ts';
import { feedOf } from './feed-of.ts';
import { fusions } from './fusion.ts';
import { mlp } from './mlp.ts';
import { ngrams } from './ngrams.ts';
import { towers } from './towers.ts';

const NONE = Number.NaN;
const items: Items = {
  count: 5,
  ids: ['both', 'text', 'vector', 'none', 'other'],
  modalities: {
    title: { kind: 'text', texts: ['a red car', 'a red car', '', '', 'two blue birds'] },
    sound: {
      kind: 'vector',
      ...matrix(5, 3, Float32Array.of(1, 2, 3, NONE, NONE, NONE, 1, 2, 3, NONE, NONE, NONE, -1, 5, 0)),
    },
  },
};
const everything = Int32Array.from([0, 1, 2, 3, 4]);

/** The exported model of seeded weights, and what it gives for all items. */
async function exported(options: Partial<Parameters<typeof towers>[0]> = {}) {
  const encoder = towers({
    towers: {
      title: ngrams({ buckets: 64, words: 1, length: 8, dimension: 6, rows: 4 }),
      sound: mlp({ hidden: [], dimension: 6 }),
    },
    dimension: 8,
    ...options,
  });
  const feed = feedOf(items, { encoder, trained: everything });
  const around = feed.around(encoder);
  const { parameters } = trace(around, inputNode(feed.input, 'batch'));
  const weights = new Map(initialize(parameters, Random.seeded(5)).map((values, i) => [parameters[i].name, values]));
  const onnx = exportEncoder(around, exportedInput(feed.input, 'batch'), weights);
  const embedder = await Embedder.open(onnx, { threads: 1 });
  const embeddings = await embedder.embed(feed);
  return {
    onnx,
    feed,
    embedder,
    names: parameters.map(({ name }) => name),
    of: (i: number) => [...row(embeddings, i)],
  };
}

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  for (let k = 0; k < expected.length; k++) expect(found[k]).toBeCloseTo(expected[k], 4);
}

const length = (vector: readonly number[]) => Math.hypot(...vector);

test('an exported model takes each modality by its own name', async () => {
  const { embedder, feed } = await exported();
  expect(embedder.input.parts).toEqual([
    { name: 'sound', type: 'float32', shape: [3] },
    { name: 'title', type: 'int64', shape: [8] },
  ]);
  expect(feed.input).toMatchObject({ name: 'parts', shape: [11], parts: embedder.input.parts });
  expect(embedder.dimension).toBe(8);
  await embedder.release();
});

test.each(fusions)('%s: unit norm and finite, whatever an item lacks; what it has decides', async (fusion) => {
  const { of, embedder } = await exported({ fusion });
  // Of an item that has nothing sums are 0, and biases start at 0 in a concatenation.
  const nothing = ['sum', 'gated', 'concatenate'].includes(fusion) ? 0 : 1;
  for (let i = 0; i < 5; i++) {
    expect(of(i).every(Number.isFinite)).toBe(true);
    expect(length(of(i))).toBeCloseTo(i === 3 ? nothing : 1, 5);
  }
  const different = (a: number, b: number) => Math.max(...of(a).map((value, k) => Math.abs(value - of(b)[k])));
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
    [0, 4],
  ];
  for (const [a, b] of pairs) expect(different(a, b)).toBeGreaterThan(1e-3);
  await embedder.release();
});

test('one item at a time gives what all give together, and the same model again the same bytes', async () => {
  const { of, embedder, feed, onnx } = await exported({ fusion: 'attention', hidden: [7] });
  for (const i of everything) {
    const alone = await embedder.embed(feed, { positions: Int32Array.of(i) });
    expectClose(row(alone, 0), of(i));
  }
  expect((await exported({ fusion: 'attention', hidden: [7] })).onnx).toEqual(onnx);
  await embedder.release();
});

test('vectors are scaled inside the model, by those training items that have them', async () => {
  // Without a text, item 2 is its vector alone: (x - mean) / deviation of the three items with vectors, through the tower.
  const { of, embedder, names } = await exported({ fusion: 'sum' });
  expect(names).toContain('sound.head.weight');
  expect(names).toContain('title.bag.table');
  const scaled = await exported({ fusion: 'sum' });
  expect(of(2)).toEqual(scaled.of(2));
  const larger: Items = {
    ...items,
    modalities: {
      ...items.modalities,
      sound: { ...(items.modalities.sound as { kind: 'vector' } & ReturnType<typeof matrix>), ...tenfold(items) },
    },
  };
  const encoder = towers({
    towers: {
      title: ngrams({ buckets: 64, words: 1, length: 8, dimension: 6, rows: 4 }),
      sound: mlp({ hidden: [], dimension: 6 }),
    },
    fusion: 'sum',
    dimension: 8,
  });
  const feed = feedOf(larger, { encoder, trained: everything });
  const around = feed.around(encoder);
  const { parameters } = trace(around, inputNode(feed.input, 'batch'));
  const weights = new Map(initialize(parameters, Random.seeded(5)).map((values, i) => [parameters[i].name, values]));
  const other = await Embedder.open(exportEncoder(around, exportedInput(feed.input, 'batch'), weights), { threads: 1 });
  const found = await other.embed(feed);
  for (const i of everything) expectClose(row(found, i), of(i));
  await Promise.all([other.release(), embedder.release(), scaled.embedder.release()]);
});

/** The vectors in another unit. */
function tenfold({ modalities }: Items) {
  const { rows, columns, data } = modalities.sound as ReturnType<typeof matrix> & { kind: 'vector' };
  return matrix(
    rows,
    columns,
    data.map((value) => 10 * value + 3),
  );
}

test('layers behind the fusion, and none without them', async () => {
  const plain = await exported();
  const deep = await exported({ hidden: [9, 7] });
  expect(plain.names.filter((name) => /^(fusion|hidden|head)/.test(name))).toEqual(['fusion.weight', 'fusion.bias']);
  expect(deep.names.filter((name) => /^(fusion|hidden|head)/.test(name))).toEqual([
    ...['fusion.weight', 'fusion.bias', 'hidden2.weight', 'hidden2.bias', 'head.weight', 'head.bias'],
  ]);
  await Promise.all([plain.embedder.release(), deep.embedder.release()]);
});

test('what does not fit is refused', () => {
  expect(() => towers({ towers: {} })).toThrow(/names an encoder for each modality/);
  expect(() => feedOf(items, { encoder: towers({ towers: { film: mlp() } }) })).toThrow(
    /"film"; the items have title, sound/,
  );
  expect(() => feedOf(items, { modality: 'title', encoder: towers({ towers: { sound: mlp() } }) })).toThrow(
    /Leave input.modality out/,
  );
  expect(() =>
    trace(towers({ towers: { sound: mlp() } }), inputNode({ name: 'x', type: 'float32', shape: [3] }, 2)),
  ).toThrow(/several modalities/);
  expect(() => feedOf(items, { modality: 'sound' }).around(towers({ towers: { sound: mlp() } })).apply).not.toThrow();
});
