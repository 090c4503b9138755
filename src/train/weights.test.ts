import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { Random } from '../core/random.ts';
import { conv4 } from '../encoders/conv4.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { mlp } from '../encoders/mlp.ts';
import { input } from '../graph/ops/input.ts';
import { Statistics, weightsOf } from './weights.ts';

test('parameters lie one after the other, each as its initializer draws it', () => {
  const x = input('x', [3, 2]);
  const { layout, start } = weightsOf(mlp({ hidden: [4], dimension: 3 }), x);
  expect(layout.slices.map(({ name, start: from, length }) => [name, from, length])).toEqual([
    ['hidden1.weight', 0, 8],
    ['hidden1.bias', 8, 4],
    ['head.weight', 12, 12],
    ['head.bias', 24, 3],
  ]);
  expect(layout.size).toBe(27);
  const values = start(Random.seeded(3));
  expect([...values.subarray(8, 12), ...values.subarray(24)]).toEqual(Array(7).fill(0));
  // He: variance 2 / 2. Drawn from the generator of its name.
  const random = Random.seeded(3).split('hidden1.weight');
  expect([...values.subarray(0, 8)]).toEqual(Array.from({ length: 8 }, () => Math.fround(random.normal())));
  expect(start(Random.seeded(3))).toEqual(values);
  expect(start(Random.seeded(4))).not.toEqual(values);
});

test('statistics begin as they are declared, and tags come along', () => {
  const { layout, statistics } = weightsOf(conv4({ channels: 2 }), input('x', [3, 16, 16, 1]));
  const blocks = [1, 2, 3, 4].flatMap((i) => [`block${i}.norm.mean`, `block${i}.norm.variance`]);
  expect([...statistics.values.keys()]).toEqual(blocks);
  expect(statistics.values.get('block3.norm.mean')).toEqual(Float32Array.of(0, 0));
  expect(statistics.values.get('block3.norm.variance')).toEqual(Float32Array.of(1, 1));
  const tagged = layout.slices.filter(({ tags }) => tags?.includes('norm')).map(({ name }) => name);
  expect(tagged).toEqual([1, 2, 3, 4].flatMap((i) => [`block${i}.norm.scale`, `block${i}.norm.offset`]));
});

test('running averages by hand: 0, then 1, then 2 arrive; after k batches of c it is (1 - 0.9^k) c', () => {
  const statistics = new Statistics([
    { name: 'a', shape: [2], initial: 0 },
    { name: 'b', shape: [], initial: 1 },
  ]);
  const batch: Record<string, Float32Array> = { a: Float32Array.of(1, -10), b: Float32Array.of(1) };
  statistics.average((name) => batch[name]);
  expect(statistics.values.get('a')).toEqual(Float32Array.of(0.1, -1));
  batch.a = Float32Array.of(2, -10);
  statistics.average((name) => batch[name]);
  // 0.1 + 0.1 (2 - 0.1) and -1 + 0.1 (-10 + 1)
  for (const [i, value] of [0.29, -1.9].entries()) expect(statistics.values.get('a')?.[i]).toBeCloseTo(value, 6);
  expect(statistics.values.get('b')).toEqual(Float32Array.of(1));
  for (let k = 3; k <= 20; k++) statistics.average((name) => batch[name]);
  expect(statistics.values.get('a')?.[1]).toBeCloseTo(-10 * (1 - 0.9 ** 20), 5);
});

test('more weights than a file can hold are refused before memory is taken', () => {
  const huge = mlp({ hidden: [30_000], dimension: 20_000 });
  const attempt = () => weightsOf(huge, input('x', [2, 784]));
  expect(attempt).toThrow(KindredError);
  expect(attempt).toThrow(/at most 535822336 weights: .*: 623570000\. Choose a smaller/);
});

test('two parameters of one name are refused', () => {
  const twice: Encoder = {
    name: 'twice',
    apply(scope, x) {
      scope.parameter('w', [1], () => {});
      scope.parameter('w', [1], () => {});
      return x;
    },
  };
  expect(() => weightsOf(twice, input('x', [2, 2]))).toThrow(/different names: .*w/);
});
