import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fixture } from '../../test/import/training.ts';
import { expectClose } from '../../test/laws/compare.ts';
import { KindredError } from '../core/error.ts';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { evaluate } from '../graph/evaluate.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import { lower } from '../onnx/lower.ts';
import { Program, type Value } from '../onnx/program.ts';
import { type Encoder, initialize, LISTS, type Scope, startOf, trace } from './encoder.ts';
import { exportEncoder } from './export.ts';
import { inputNode } from './feed.ts';
import { idFeed } from './feeds/id.ts';
import { imageFeed } from './feeds/image.ts';
import { textFeed } from './feeds/text.ts';
import { vectorFeed } from './feeds/vector.ts';
import { identity } from './identity.ts';
import { listAttention } from './list-attention.ts';
import { mlp } from './mlp.ts';
import { strided } from './strided.ts';

const countOf = (encoder: Encoder, x: Node) =>
  trace(encoder, x).parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

test('the parameters of mlp 784-512-256-128, by hand', () => {
  const pictures = input('x', ['batch', 28, 28, 1]);
  expect(countOf(mlp(), pictures)).toBe(784 * 512 + 512 + 512 * 256 + 256 + 256 * 128 + 128);
  expect(trace(mlp(), pictures).parameters.map(({ name, shape, tags }) => [name, shape, tags])).toEqual([
    ['hidden1.weight', [784, 512], []],
    ['hidden1.bias', [512], ['bias']],
    ['hidden2.weight', [512, 256], []],
    ['hidden2.bias', [256], ['bias']],
    ['head.weight', [256, 128], []],
    ['head.bias', [128], ['bias']],
  ]);
});

test('an mlp without hidden layers is one linear layer', () => {
  expect(countOf(mlp({ hidden: [], dimension: 3 }), input('x', ['batch', 5]))).toBe(5 * 3 + 3);
});

test('the parameters of strided 32-64-128 on 28 x 28, by hand: 14, 7, then 4 rows and columns', () => {
  const expected = [9 * 1 * 32 + 32, 9 * 32 * 64 + 64, 9 * 64 * 128 + 128, 4 * 4 * 128 * 128 + 128];
  expect(countOf(strided(), input('x', ['batch', 28, 28, 1]))).toBe(expected.reduce((a, b) => a + b));
});

test('strided with norm: a scale and an offset for each feature, and no bias but that of the head', () => {
  const expected = [9 * 32 + 64, 9 * 32 * 64 + 128, 9 * 64 * 128 + 256, 4 * 4 * 128 * 128 + 128];
  const { parameters } = trace(strided({ norm: true }), input('x', ['batch', 28, 28, 1]));
  expect(countOf(strided({ norm: true }), input('x', ['batch', 28, 28, 1]))).toBe(expected.reduce((a, b) => a + b));
  expect(
    parameters.map(({ name }) => name).filter((name) => name.startsWith('conv1') || name.startsWith('norm1')),
  ).toEqual(['conv1.weight', 'norm1.scale', 'norm1.offset']);
});

test('an mlp, by hand', () => {
  const x = input('x', [2, 2]);
  const { embeddings, parameters } = trace(mlp({ hidden: [2], dimension: 2 }), x);
  const values: Record<string, number[]> = {
    'hidden1.weight': [1, -1, 2, 0],
    'hidden1.bias': [0, 3],
    'head.weight': [3, 0, 0, 1],
    'head.bias': [0, -1],
  };
  const feeds = new Map<Node, Tensor>([[x, tensor([2, 2], [1, 0.5, -1, -1])]]);
  for (const { node, name, shape } of parameters) feeds.set(node, tensor(shape, values[name]));
  // Item 1: relu(1 + 1, -1 + 3) = (2, 2), then (6, 1). Item 2: relu(-3, 1 + 3) = (0, 4), then (0, 3).
  const [found] = evaluate([embeddings], feeds);
  expectClose(found, tensor([2, 2], [6 / Math.sqrt(37), 1 / Math.sqrt(37), 0, 1]), { relative: 1e-12 });
});

test('an mlp without unit norm gives what its last layer gives', () => {
  const x = input('x', [1, 2]);
  const { embeddings, parameters } = trace(mlp({ hidden: [], dimension: 2, unitNorm: false }), x);
  const values: Record<string, number[]> = { 'head.weight': [3, 0, 0, 1], 'head.bias': [0, -1] };
  const feeds = new Map<Node, Tensor>([[x, tensor([1, 2], [2, 5])]]);
  for (const { node, name, shape } of parameters) feeds.set(node, tensor(shape, values[name]));
  expectClose(evaluate([embeddings], feeds)[0], tensor([1, 2], [6, 4]));
});

test('an mlp leaves out shares of columns and hidden values in training, and nothing elsewhere', () => {
  const options = { hidden: [3], dimension: 2, unitNorm: false };
  const dropping = mlp({ ...options, inputDropout: 0.5, dropout: 0.25 });
  expect(trace(dropping, input('x', ['batch', 4])).parameters.map(({ name }) => name)).toEqual(
    trace(mlp(options), input('x', ['batch', 4])).parameters.map(({ name }) => name),
  );
  const x = input('x', [2, 4]);
  const noises: Node[] = [];
  const parameters = new Map<string, Node>();
  const scope: Scope = {
    training: true,
    parameter: (name, shape) => {
      parameters.set(name, input(name, shape));
      return parameters.get(name) as Node;
    },
    statistic: () => x,
    lists: () => x,
    noise: (shape) => {
      noises.push(input(`noise${noises.length}`, shape));
      return noises.at(-1) as Node;
    },
  };
  const trained = dropping.apply(scope, x);
  expect(noises.map(({ shape }) => shape)).toEqual([
    [2, 4],
    [2, 3],
  ]);
  const feeds = new Map<Node, Tensor>([
    [x, tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8])],
    [noises[0], tensor([2, 4], [0.9, 0.1, 0.5, 0.2, 0, 0.6, 0.49, 1])],
    [noises[1], tensor([2, 3], [0.1, 0.5, 0.9, 0.25, 0.2, 0.3])],
    // Hidden 1 sums all columns, hidden 2 is the first column, hidden 3 the second.
    [parameters.get('hidden1.weight') as Node, tensor([4, 3], [1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0])],
    [parameters.get('hidden1.bias') as Node, tensor([3], [0, 0, 0])],
    [parameters.get('head.weight') as Node, tensor([3, 2], [1, 0, 0, 1, 0, 10])],
    [parameters.get('head.bias') as Node, tensor([2], [0, 0])],
  ]);
  // What stays of the items, doubled: (2, 0, 6, 0), (0, 12, 0, 16). Hidden: (8, 2, 0), (28, 0, 12); what stays, times 4/3: (0, 2, 0), (28, 0, 12).
  expectClose(evaluate([trained], feeds)[0], tensor([2, 2], [0, 8 / 3, 112 / 3, 160]), { relative: 1e-6 });
});

test('identity gives the features, and has nothing to learn', () => {
  const x = input('x', ['batch', 2, 3]);
  const { embeddings, parameters } = trace(identity(), x);
  expect([embeddings.shape, parameters]).toEqual([['batch', 6], []]);
});

describe('list-attention', () => {
  const x = input('x', [4, 3]);
  const { embeddings, parameters, lists } = trace(listAttention({ dimension: 4, heads: 2, forward: 5 }), x);
  const weights = initialize(parameters, Random.seeded(2));
  /** The embeddings of four items that stand in these lists. */
  function embed(numbers: number[], values: number[]): number[][] {
    const feeds = new Map<Node, Tensor>([
      [x, tensor([4, 3], values)],
      [lists as Node, tensor([4], numbers)],
    ]);
    parameters.forEach(({ node, shape }, i) => {
      feeds.set(node, tensor(shape, Float64Array.from(weights[i])));
    });
    const [{ data }] = evaluate([embeddings], feeds);
    return [0, 4, 8, 12].map((start) => [...data.slice(start, start + 4)]);
  }
  const values = [1, 0, 2, -1, 1, 0, 0, 3, 1, 2, 2, -2];
  const close = (a: number[], b: number[]) => a.every((value, i) => Math.abs(value - b[i]) < 1e-9);

  test('an item depends on its list, and on no other', () => {
    const [first, second] = embed([0, 0, 1, 1], values);
    const others = embed([0, 0, 1, 1], [...values.slice(0, 6), 9, -9, 9, 4, 4, 4]);
    expect(close(others[0], first) && close(others[1], second)).toBe(true);
    expect(close(embed([0, 1, 2, 3], values)[0], first)).toBe(false);
  });

  test('neither the order of items nor the numbers of lists mean anything', () => {
    const [a, b, c, d] = embed([0, 0, 1, 1], values);
    const turned = [3, 0, 2, 1].flatMap((i) => values.slice(3 * i, 3 * i + 3));
    const [d2, a2, c2, b2] = embed([7, 5, 7, 5], turned);
    expect([close(a, a2), close(b, b2), close(c, c2), close(d, d2)]).toEqual([true, true, true, true]);
  });

  test('noise is asked for in training alone; heads divide the dimension', () => {
    expect(trace(listAttention(), x).noise).toEqual([]);
    expect(trace(listAttention(), x, { training: true }).noise.map(({ shape }) => shape)).toEqual(
      [1, 2].flatMap(() => [
        [4, 64],
        [4, 128],
        [4, 64],
      ]),
    );
    expect(trace(listAttention({ dropout: 0 }), x, { training: true }).noise).toEqual([]);
    expect(() => trace(listAttention({ dimension: 5, heads: 2 }), x)).toThrow(/divide the dimension/);
  });
});

test('options are checked', () => {
  expect(() => mlp({ dimension: 0 })).toThrow(KindredError);
  expect(() => mlp({ hidden: [2.5] })).toThrow(/mlp\.hidden\.0/);
  expect(() => strided({ channels: [] })).toThrow(/strided\.channels/);
  expect(() => strided({ chanels: [2] } as object)).toThrow(/"channels"/);
});

// Every encoder of the folder inherits these.
const seeded = Random.seeded(3);
const size = { height: 16, width: 16, channels: 1 } as const;
const pictures = {
  ...size,
  count: 7,
  pixels: Uint8Array.from({ length: 7 * 256 }, () => seeded.integer(256)),
  ids: [],
};
const texts = ['a cat', 'a dog and a cat', 'two dogs', 'nothing like it', 'cats', 'a', 'the last of the seven'];
const everything = Int32Array.from({ length: 7 }, (_, i) => i);
/** What some need beside a dimension. */
const needed: Readonly<Record<string, object>> = {
  'list-attention': { heads: 2, dropout: 0 },
  imported: { model: fixture('tiny-resnet.onnx'), batchNorm: 'batch', output: '/Flatten' },
  resnet18: { width: 4 },
};
const definitions = (
  await Promise.all(
    readdirSync(new URL('.', import.meta.url))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map(async (file) => {
        const module: Record<string, unknown> = await import(new URL(file, import.meta.url).href);
        return Object.values(module).map((value) => ({ name: file.slice(0, -'.ts'.length), value }));
      }),
  )
)
  .flat()
  .filter(
    (each): each is { name: string; value: typeof mlp } =>
      typeof each.value === 'function' && 'definition' in each.value && each.value.definition === 'encoder',
  )
  .map(({ name, value }) => {
    const bare = name === 'identity' ? identity() : value({ dimension: 6, ...needed[name] });
    const feed =
      name === 'identity'
        ? vectorFeed(
            matrix(
              7,
              6,
              Float32Array.from({ length: 42 }, () => seeded.normal()),
            ),
            { trained: everything },
          )
        : bare.perItem !== undefined
          ? idFeed(texts)
          : bare.tokens === undefined
            ? imageFeed(pictures, { trained: everything, encoder: bare })
            : textFeed(texts, { tokens: bare.tokens });
    return { name, feed, encoder: feed.around(bare) };
  });

test('the encoders of the folder are found', () => {
  expect(definitions.map(({ name }) => name)).toEqual(expect.arrayContaining(['mlp', 'strided']));
});

/** Those whose embeddings have any length. */
const unscaled = ['identity', 'list-attention'];

describe.each(definitions)('$name', ({ name, encoder, feed }) => {
  const traced = (batch: number | string, training = false) =>
    trace(encoder, inputNode(feed.input, batch), { training });
  const { parameters, statistics } = traced('batch');
  const weights = initialize(parameters, Random.seeded(4));
  const averages = statistics.map(startOf);
  const byName = new Map([...parameters, ...statistics].map(({ name }, i) => [name, [...weights, ...averages][i]]));
  const bytes = (arrays: readonly Float32Array[]) => Buffer.concat(arrays.map((each) => Buffer.from(each.buffer)));

  test('gives [batch, dimension]', () => {
    expect(traced('batch').embeddings.shape).toEqual(['batch', 6]);
    expect(traced(5).embeddings.shape).toEqual([5, 6]);
  });

  test('declares the same whatever the batch, in training and out of it', () => {
    const described = (batch: number | string, training: boolean) => {
      const found = traced(batch, training);
      return [found.parameters, found.statistics].map((list) => list.map(({ node: _, ...each }) => each));
    };
    expect(described(7, false)).toEqual(described('batch', false));
    expect(described(7, true)).toEqual(described('batch', false));
    const names = [...parameters, ...statistics].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('starts the same from the same seed, and otherwise from another', () => {
    expect(bytes(initialize(parameters, Random.seeded(4))).equals(bytes(weights))).toBe(true);
    expect(bytes(initialize(parameters, Random.seeded(5))).equals(bytes(weights))).toBe(parameters.length === 0);
    // Each parameter draws from a generator of its name: leaving one out moves no other.
    expect(bytes(initialize(parameters.slice(1), Random.seeded(4))).equals(bytes(weights.slice(1)))).toBe(true);
  });

  /** The embeddings of the first items, by a model that takes them. */
  async function embed(model: Uint8Array, count: number): Promise<Tensor> {
    const program = await Program.compile(model, { threads: 1 });
    const { name: given, shape: each } = feed.input;
    const all: Record<string, Value> = {
      // Each is alone in its list.
      [LISTS]: { shape: [count], data: BigInt64Array.from({ length: count }, (_, i) => BigInt(i)) },
      [given]: { shape: [count, ...each], data: await feed.values(everything.subarray(0, count)) },
    };
    [...parameters, ...statistics].forEach(({ name, shape }, i) => {
      all[name] = { shape, data: [...weights, ...averages][i] };
    });
    const taken = program.inputs.map(({ name }) => [name, all[name]]);
    const { embeddings } = await program.run(Object.fromEntries(taken));
    await program.release();
    return tensor([...embeddings.shape], embeddings.data as Float32Array);
  }
  const exported = exportEncoder(encoder, inputNode(feed.input, 'batch'), byName);

  test.each([1, 7])(
    'as exported, with a symbol: unit norms where it scales, and what a graph for %d gives',
    async (batch) => {
      const found = await embed(exported, batch);
      expect(found.shape).toEqual([batch, 6]);
      for (let i = 0; i < batch && !unscaled.includes(name); i++)
        expect(Math.hypot(...found.data.subarray(6 * i, 6 * i + 6))).toBeCloseTo(1, 5);
      // In training the statistics would be those of the batch.
      const { embeddings } = traced(batch, statistics.length === 0);
      const expected = await embed(lower({ outputs: { embeddings }, contrib: true }), batch);
      expectClose(found, expected, { relative: 1e-5, absolute: 1e-6 });
    },
  );

  test('the embedding of an item does not depend on the others', async () => {
    const [alone, together] = [await embed(exported, 1), await embed(exported, 7)];
    expectClose(alone, tensor([1, 6], together.data.slice(0, 6)), { relative: 1e-5, absolute: 1e-6 });
  });

  test('ONNX Runtime equals the float64 reference', async () => {
    const x = inputNode(feed.input, 'batch');
    const values = Float64Array.from((await feed.values(Int32Array.of(0))) as ArrayLike<number | bigint>, Number);
    const { embeddings, ...declared } = trace(encoder, x);
    const feeds = new Map<Node, Tensor>([[x, tensor([1, ...feed.input.shape], values)]]);
    if (declared.lists !== undefined) feeds.set(declared.lists, tensor([1], [0]));
    for (const { node, name, shape } of [...declared.parameters, ...declared.statistics]) {
      feeds.set(node, tensor(shape, Float64Array.from(byName.get(name) as Float32Array)));
    }
    const [expected] = evaluate([embeddings], feeds);
    expectClose(await embed(exported, 1), expected);
  });
});
