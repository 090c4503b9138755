import { describe, expect, test } from 'vitest';
import { countOf, declared } from '../../test/declared.ts';
import { expectClose, finiteDifferences, runOnnx } from '../../test/laws/compare.ts';
import {
  naiveConvolution,
  naiveLinear,
  naiveNorm,
  naiveRelu,
  naiveStatistics,
  naiveSum,
  naiveUnit,
} from '../../test/naive-layers.ts';
import { Random } from '../core/random.ts';
import { evaluate } from '../graph/evaluate.ts';
import { gradients } from '../graph/gradient.ts';
import { input } from '../graph/ops/input.ts';
import { sizeOf } from '../graph/shape.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import { initialize, trace } from './encoder.ts';
import { resnet18 } from './resnet18.ts';

const colour = input('x', ['batch', 32, 32, 3]);

test('the parameters, by hand', () => {
  const conv = (size: number, from: number, to: number) => size * size * from * to + 2 * to;
  const stage = (from: number, to: number) =>
    conv(3, from, to) + 3 * conv(3, to, to) + (from === to ? 0 : conv(1, from, to));
  const whole = conv(3, 3, 64) + stage(64, 64) + stage(64, 128) + stage(128, 256) + stage(256, 512);
  expect(whole).toBe(11_168_832);
  expect(countOf(resnet18(), colour)).toBe(whole);
  expect(countOf(resnet18({ dimension: 128 }), colour)).toBe(whole + 512 * 128 + 128);
  expect(countOf(resnet18(), input('x', ['batch', 28, 28, 1]))).toBe(whole - 2 * 9 * 64);
  const narrow = conv(3, 3, 4) + stage(4, 4) + stage(4, 8) + stage(8, 16) + stage(16, 32);
  expect(countOf(resnet18({ width: 4 }), colour)).toBe(narrow);
});

test('eighteen layers: 17 convolutions and a head, beside 3 shortcuts; no convolution has a bias', () => {
  const { parameters, statistics } = trace(resnet18({ dimension: 10 }), colour);
  const weights = parameters.filter(({ name }) => name.endsWith('.weight'));
  expect(weights.filter(({ name }) => !name.includes('shortcut'))).toHaveLength(18);
  expect(weights.flatMap(({ name, shape }) => (name.includes('shortcut') ? [[name, shape]] : []))).toEqual([
    ['stage2.block1.shortcut.conv.weight', [1, 1, 64, 128]],
    ['stage3.block1.shortcut.conv.weight', [1, 1, 128, 256]],
    ['stage4.block1.shortcut.conv.weight', [1, 1, 256, 512]],
  ]);
  expect(parameters.filter(({ name }) => name.endsWith('.bias')).map(({ name }) => name)).toEqual(['head.bias']);
  expect(statistics).toHaveLength(2 * 20);
});

test.each([
  [32, 32],
  [28, 28],
  [7, 5],
  [1, 1],
])('%d x %d pictures give 8 times the width', (height, width) => {
  const x = input('x', ['batch', height, width, 1]);
  expect(trace(resnet18({ width: 2 }), x).embeddings.shape).toEqual(['batch', 16]);
});

test('how it starts: He normal by fan-in, scales at one, and with zeroInit the last of each block at zero', () => {
  const start = (options: object) => {
    const { parameters } = trace(resnet18(options), colour);
    return new Map(initialize(parameters, Random.seeded(1)).map((values, i) => [parameters[i].name, values]));
  };
  const plain = start({ width: 16 });
  const zeroed = start({ width: 16, zeroInit: true });
  for (const [name, values] of plain) {
    const constant = name.endsWith('.offset') ? 0 : name.endsWith('.scale') ? 1 : undefined;
    if (constant !== undefined) expect(new Set(values), name).toEqual(new Set([constant]));
    if (/block\d\.2\.norm\.scale$/.test(name)) expect(new Set(zeroed.get(name)), name).toEqual(new Set([0]));
    else expect(zeroed.get(name), name).toEqual(values);
  }
  expect([...zeroed].filter(([name, values]) => name.endsWith('.scale') && values[0] === 0)).toHaveLength(8);
  const last = plain.get('stage4.block2.1.conv.weight') as Float32Array;
  const variance = last.reduce((sum, value) => sum + value * value, 0) / last.length;
  expect(variance * 9 * 128).toBeGreaterThan(1.97);
  expect(variance * 9 * 128).toBeLessThan(2.03);
});

type Norms = (name: string, x: Tensor) => { mean: ArrayLike<number>; variance: ArrayLike<number> };

/** The network as loops. */
function naive(x: Tensor, known: (name: string) => Tensor, norms: Norms, head: boolean): Tensor {
  const layer = (name: string, value: Tensor, size: number, stride: number) => {
    const filtered = naiveConvolution(value, known(`${name}.conv.weight`), { stride, padding: size === 3 ? 1 : 0 });
    const affine = { scale: known(`${name}.norm.scale`), offset: known(`${name}.norm.offset`) };
    return naiveNorm(filtered, affine, norms(`${name}.norm`, filtered));
  };
  let value = naiveRelu(layer('stem', x, 3, 1));
  for (const [stage, block, stride, projected] of [
    [1, 1, 1, false],
    [1, 2, 1, false],
    [2, 1, 2, true],
    [2, 2, 1, false],
    [3, 1, 2, true],
    [3, 2, 1, false],
    [4, 1, 2, true],
    [4, 2, 1, false],
  ] as const) {
    const name = `stage${stage}.block${block}`;
    const change = layer(`${name}.2`, naiveRelu(layer(`${name}.1`, value, 3, stride)), 3, 1);
    const shortcut = projected ? layer(`${name}.shortcut`, value, 1, stride) : value;
    value = naiveRelu(naiveSum(change, shortcut));
  }
  const [batch, height, width, channels] = value.shape;
  const features = Array.from({ length: batch * channels }, (_, i) => {
    const [n, c] = [Math.floor(i / channels), i % channels];
    let sum = 0;
    for (let place = 0; place < height * width; place++) sum += value.data[(n * height * width + place) * channels + c];
    return sum / (height * width);
  });
  const rows = tensor([batch, channels], features);
  return naiveUnit(head ? naiveLinear(rows, known('head.weight'), known('head.bias')) : rows);
}

describe.each([
  ['features as they are', { width: 2 }, [3, 16, 13, 3]],
  ['with a head', { width: 1, dimension: 5 }, [4, 11, 9, 1]],
])('%s, %j on %j', (_, options, shape) => {
  const encoder = resnet18(options);
  const x = input('x', shape);
  const head = 'dimension' in options;

  test('training: equals loops with the statistics of the batch', async () => {
    const { embeddings, statistics, feeds, known, given } = declared(encoder, x, { training: true, seed: 1 });
    const measured = new Map<string, number[]>();
    const norms: Norms = (name, arrived) => {
      const { mean, variance, unbiased } = naiveStatistics(arrived);
      measured.set(`${name}.mean`, mean).set(`${name}.variance`, unbiased);
      return { mean, variance };
    };
    const expected = naive(given, known, norms, head);
    const outputs = [embeddings, ...statistics.map(({ node }) => node)];
    const exact = evaluate(outputs, feeds);
    expectClose(exact[0], expected, { relative: 1e-8, absolute: 1e-8 });
    expect(statistics.map(({ name }) => name).sort()).toEqual([...measured.keys()].sort());
    for (const [i, { name }] of statistics.entries()) {
      const values = measured.get(name) as number[];
      expectClose(exact[i + 1], tensor([values.length], values), { relative: 1e-8, absolute: 1e-8, note: name });
    }
    const [found] = await runOnnx(outputs, feeds);
    expectClose(found, exact[0], { relative: 1e-3, absolute: 1e-3 });
  });

  test('inference: equals loops with the averages', async () => {
    const { embeddings, feeds, known, given } = declared(encoder, x, { training: false, seed: 2 });
    const norms: Norms = (name) => ({ mean: known(`${name}.mean`).data, variance: known(`${name}.variance`).data });
    const expected = naive(given, known, norms, head);
    expectClose(evaluate([embeddings], feeds)[0], expected, { relative: 1e-8, absolute: 1e-8 });
    for (const contrib of [true, false]) {
      expectClose((await runOnnx([embeddings], feeds, { contrib }))[0], expected, { absolute: 1e-4 });
    }
  });
});

test('gradients in training equal finite differences', () => {
  const x = input('x', [3, 9, 8, 1]);
  const { embeddings, parameters, feeds } = declared(resnet18({ width: 1 }), x, { training: true, seed: 4 });
  const up = input('up', embeddings.shape);
  const weights = tensor(
    [3, 8],
    Array.from({ length: 24 }, (_, i) => Math.sin(i + 1)),
  );
  const wanted = /^(stem|stage2\.block1|stage4\.block2\.2)/;
  const chosen = parameters.filter(({ name, shape }) => wanted.test(name) && sizeOf(shape) < 100);
  expect(chosen.length).toBeGreaterThan(10);
  const nodes = chosen.map(({ node }) => node);
  const found = evaluate(gradients(embeddings, nodes, up), new Map([...feeds, [up, weights]]));
  for (const [i, { name }] of chosen.entries()) {
    const expected = finiteDifferences(embeddings, weights, nodes[i], feeds);
    expectClose(found[i], expected, { relative: 1e-4, absolute: 1e-6, note: name });
  }
});
