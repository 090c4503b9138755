import { describe, expect, test } from 'vitest';
import { declared } from '../../test/declared.ts';
import { expectClose, fill, finiteDifferences, inputsOf, runOnnx } from '../../test/laws/compare.ts';
import { naiveNorm, naivePool, naiveStatistics } from '../../test/naive-layers.ts';
import { Random } from '../core/random.ts';
import { evaluate } from '../graph/evaluate.ts';
import { gradients } from '../graph/gradient.ts';
import { input } from '../graph/ops/input.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import { halved, normalized } from './blocks.ts';
import type { Encoder } from './encoder.ts';

const layer: Encoder = { name: 'layer', apply: (scope, x) => normalized(scope, 'norm', x) };
const shapes = [
  [5, 3],
  [2, 3, 4, 3],
  [1, 1, 1, 2],
];

describe.each(shapes)('normalized, %j', (...shape) => {
  const x = input('x', shape);

  test('in training: by the batch, which is also what is averaged', async () => {
    const { embeddings, statistics, feeds, known, given } = declared(layer, x, { training: true, seed: 1 });
    const { mean, variance, unbiased } = naiveStatistics(given);
    const single = given.data.length === given.shape[given.shape.length - 1];
    const expected = [
      naiveNorm(given, { scale: known('norm.scale'), offset: known('norm.offset') }, { mean, variance }),
      tensor([mean.length], mean),
      // One value for each channel has no variance.
      tensor([mean.length], single ? [0, 0] : unbiased),
    ];
    expect(statistics.map(({ name, initial }) => [name, initial])).toEqual([
      ['norm.mean', 0],
      ['norm.variance', 1],
    ]);
    const outputs = [embeddings, ...statistics.map(({ node }) => node)];
    const found = [evaluate(outputs, feeds), await runOnnx(outputs, feeds)];
    for (const values of found)
      for (const [i, each] of expected.entries()) expectClose(values[i], each, { note: `${i}` });
  });

  test('otherwise: by the averages', async () => {
    const { embeddings, feeds, known, given } = declared(layer, x, { training: false, seed: 2 });
    const expected = naiveNorm(
      given,
      { scale: known('norm.scale'), offset: known('norm.offset') },
      { mean: known('norm.mean').data, variance: known('norm.variance').data },
    );
    for (const [found] of [evaluate([embeddings], feeds), await runOnnx([embeddings], feeds, { contrib: false })]) {
      expectClose(found, expected);
    }
  });
});

test('a batch of one value a channel becomes its offset, and its gradient is finite', () => {
  const x = input('x', [1, 2]);
  const up = input('up', [1, 2]);
  const { embeddings, parameters, feeds, known } = declared(layer, x, { training: true, seed: 3 });
  const slopes = gradients(embeddings, [x, ...parameters.map(({ node }) => node)], up);
  feeds.set(up, tensor([1, 2], [1, -2]));
  const [found, ...rest] = evaluate([embeddings, ...slopes], feeds);
  expect([...found.data]).toEqual([...known('norm.offset').data]);
  for (const { data } of rest) expect(data.every(Number.isFinite)).toBe(true);
});

describe.each([[[2, 4, 6, 3]], [[2, 5, 7, 2]], [[1, 2, 2, 1]], [[3, 3, 2, 4]], [[2, 1, 4, 2]], [[0, 4, 4, 1]]])(
  'halved, %j',
  (shape) => {
    const { nodes, feeds } = inputsOf([{ shape, fill: 'distinct' }], 5);
    const y = halved(nodes[0]);

    test('is 2x2 max-pooling; an odd last line is dropped', async () => {
      const expected = naivePool(feeds.get(nodes[0]) as Tensor);
      expect(y.shape).toEqual(expected.shape);
      expect(evaluate([y], feeds)[0]).toEqual(expected);
      const [found] = await runOnnx([y], feeds);
      expectClose(found, expected, { relative: 0, absolute: 1e-7 });
    });

    test('the gradient goes to the largest, and nowhere else', async () => {
      const up = input('up', y.shape);
      const weights = fill({ shape: y.shape as number[] }, Random.seeded(6));
      const all = new Map([...feeds, [up, weights]]);
      const slopes = gradients(y, [nodes[0]], up);
      const [found] = evaluate(slopes, all);
      expectClose(found, finiteDifferences(y, weights, nodes[0], feeds), { relative: 1e-6, absolute: 1e-7 });
      expect(found.data.filter((value) => value !== 0)).toHaveLength(weights.data.length);
      expectClose((await runOnnx(slopes, all))[0], found);
    });
  },
);

test('halved, by hand, and among equals the first one has the gradient', async () => {
  const x = input('x', [1, 2, 4, 1]);
  const y = halved(x);
  const up = input('up', [1, 1, 2, 1]);
  const feeds = new Map([
    [x, tensor([1, 2, 4, 1], [1, 5, 2, 2, 3, 4, 2, 2])],
    [up, tensor([1, 1, 2, 1], [10, 20])],
  ]);
  const outputs = [y, ...gradients(y, [x], up)];
  for (const [value, slope] of [evaluate(outputs, feeds), await runOnnx(outputs, feeds)]) {
    expect([...value.data]).toEqual([5, 2]);
    expect([...slope.data]).toEqual([0, 10, 20, 0, 0, 0, 0, 0]);
  }
});
