import { expect, test } from 'vitest';
import { matrix } from '../../core/matrix.ts';
import { Random } from '../../core/random.ts';
import { mlp } from '../../encoders/mlp.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { gradients } from '../../graph/gradient.ts';
import { input } from '../../graph/ops/input.ts';
import { tensor } from '../../graph/tensor.ts';
import { adam } from '../../optimizers/adam.ts';
import { cosine } from '../../optimizers/schedules.ts';
import { densityLoss, fitDensity } from './fit-density.ts';
import { gaussian, logNormalizer } from './gaussian.ts';
import { normalNoise } from './noise.ts';

/** `x = m + A z` of normal `z`: the precision is that of `A A'`, and `-log Z` is `-d/2 log(2 pi) - log |det A|`. */
function drawn(items: number, seed: number) {
  const random = Random.seeded(seed);
  const mix = [
    [1, 0, 0],
    [0.5, 0.6, 0],
    [-0.3, 0.4, 0.8],
  ];
  const at = [0.5, -1, 0.2];
  const data = matrix(items, 3);
  for (let i = 0; i < items; i++) {
    const z = [random.normal(), random.normal(), random.normal()];
    mix.forEach((row, k) => {
      data.data[3 * i + k] = at[k] + row.reduce((sum, a, j) => sum + a * z[j], 0);
    });
  }
  return { data, at, precise: -1.5 * Math.log(2 * Math.PI) - Math.log(0.6 * 0.8) };
}

const noise = normalNoise({ mean: [0, 0, 0], deviation: [1.5, 1.5, 1.5] });
const settings = { model: gaussian, noise, draws: 5, steps: 500, seed: 1, threads: 1 } as const;
const rate = cosine(0.1);

test('the normaliser of a Gaussian is within 0.05 of the true one, and mean and precision are those of the data', async () => {
  const { data, at, precise } = drawn(10_000, 3);
  const { normalizer, parameters, losses } = await fitDensity({ ...settings, data, optimizer: adam({ rate }) });
  expect(Math.abs(normalizer - precise)).toBeLessThan(0.05);
  // What was learned as a number is also the integral of what was learned as a function.
  expect(Math.abs(normalizer + logNormalizer(parameters.root, 3))).toBeLessThan(0.05);
  for (const [k, value] of at.entries()) expect(Math.abs(parameters.mean[k] - value)).toBeLessThan(0.05);
  const root = parameters.root;
  // Of the inverse of A A', by hand: the last number is 1 / 0.8^2.
  const last = root.slice(6).reduce((sum, value) => sum + value * value, 0);
  expect(Math.abs(last - 1 / 0.64)).toBeLessThan(0.1);
  expect(losses[losses.length - 1]).toBeLessThan(losses[0] - 0.1);
});

test('any network is a density', async () => {
  const random = Random.seeded(5);
  // Two heaps at -2 and 2: the density at 0 is far below that at either.
  const data = matrix(
    2000,
    1,
    Float32Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 2 : -2) + 0.5 * random.normal()),
  );
  const model = mlp({ hidden: [16], dimension: 1, unitNorm: false });
  const wide = normalNoise({ mean: [0], deviation: [2.5] });
  const estimate = await fitDensity({ ...settings, model, noise: wide, data, optimizer: adam({ rate }) });
  const x = input('x', [101, 1]);
  const { logits, nodes } = scoresOf(model, x);
  const grid = Array.from({ length: 101 }, (_, i) => -5 + i / 10);
  const feeds = new Map([[x, tensor([101, 1], grid)]]);
  for (const { name, node } of nodes) feeds.set(node, tensor(node.shape as number[], estimate.parameters[name]));
  const density = [...evaluate([logits], feeds)[0].data].map((score) => Math.exp(score + estimate.normalizer));
  expect(Math.abs(density.reduce((sum, value) => sum + value / 10, 0) - 1)).toBeLessThan(0.1);
  expect(density[50]).toBeLessThan(0.1 * Math.min(density[30], density[70]));
});

function scoresOf(model: ReturnType<typeof mlp>, x: ReturnType<typeof input>) {
  const nodes: { name: string; node: ReturnType<typeof input> }[] = [];
  const scope = {
    training: false,
    parameter(name: string, shape: readonly number[]) {
      const node = input(name, shape);
      nodes.push({ name, node });
      return node;
    },
  };
  return { logits: model.apply(scope as unknown as Parameters<typeof model.apply>[0], x), nodes };
}

test('loss and gradients are those of the formula', () => {
  const x = input('x', [6, 2]);
  const { loss, parameters } = densityLoss(gaussian, x, 2);
  const points = [0.3, -1, 1.2, 0.4, 2, 0.1, -0.7, 0.8, 0, 1, -1.5, -0.2];
  const expected = [-1, -2, -1.5, -0.5, -2.5, -3];
  // mean (2), root (4), normaliser (1)
  const start = [0.2, -0.3, 1.1, 0.2, -0.4, 0.9, 0.6];
  const byHand = ([m0, m1, a, b, c, d, shift]: number[]) => {
    const logit = (i: number) => {
      const [u, v] = [points[2 * i] - m0, points[2 * i + 1] - m1];
      return -0.5 * ((u * a + v * c) ** 2 + (u * b + v * d) ** 2) + shift - expected[i];
    };
    let sum = 0;
    for (let i = 0; i < 6; i++) sum += Math.log1p(Math.exp(i < 2 ? -logit(i) : logit(i)));
    return sum / 2;
  };
  const nodes = parameters.map(({ node }) => node);
  const expectedNode = findInput(loss, 'expected');
  const feeds = new Map([
    [x, tensor([6, 2], points)],
    [expectedNode, tensor([6], expected)],
    [nodes[0], tensor([1, 2], start.slice(0, 2))],
    [nodes[1], tensor([2, 2], start.slice(2, 6))],
    [nodes[2], tensor([1], start.slice(6))],
  ]);
  const [value, ...slopes] = evaluate([loss, ...gradients(loss, nodes)], feeds);
  expect(value.data[0]).toBeCloseTo(byHand(start), 12);
  const flat = slopes.flatMap(({ data }) => [...data]);
  flat.forEach((slope, i) => {
    const moved = (by: number) => byHand(start.map((each, k) => (k === i ? each + by : each)));
    expect(slope).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 8);
  });
});

function findInput(node: ReturnType<typeof input>, name: string): ReturnType<typeof input> {
  const open = [node];
  for (const each of open) {
    if (each.attributes.name === name) return each;
    open.push(...each.inputs);
  }
  throw new Error(name);
}

test('of the normal distribution in one dimension, log Z by hand', () => {
  expect(logNormalizer([1], 1)).toBeCloseTo(0.5 * Math.log(2 * Math.PI), 12);
  // det [[0, 2], [3, 1]] = -6
  expect(logNormalizer([0, 2, 3, 1], 2)).toBeCloseTo(Math.log(2 * Math.PI) - Math.log(6), 12);
  expect(logNormalizer([1, 2, 2, 4], 2)).toBe(Number.POSITIVE_INFINITY);
});

test('the density of noise, and what it draws', () => {
  const known = normalNoise({ mean: [1, -1], deviation: [2, 0.5] });
  const [log] = known.logDensity(matrix(1, 2, Float32Array.of(3, -1)));
  expect(log).toBeCloseTo(-Math.log(2 * Math.PI) - Math.log(2 * 0.5) - 0.5, 12);
  const { data } = known.draw(20_000, Random.seeded(1));
  const second = data.filter((_, i) => i % 2 === 1);
  const average = second.reduce((a, b) => a + b, 0) / second.length;
  // The standard error is 0.5 / sqrt(20,000) = 0.0035.
  expect(Math.abs(average + 1)).toBeLessThan(0.015);
});

test('bad wishes are answered', async () => {
  const { data } = drawn(10, 1);
  const all = { ...settings, data, optimizer: adam({ rate }) };
  await expect(fitDensity({ ...all, draws: 0 })).rejects.toThrow(/whole number of draws/);
  await expect(fitDensity({ ...all, data: matrix(0, 3) })).rejects.toThrow(/whole number of items/);
  await expect(fitDensity({ ...all, data: matrix(1, 3, Float32Array.of(1, Number.NaN, 0)) })).rejects.toThrow(/NaN/);
  await expect(fitDensity({ ...all, model: mlp({ hidden: [], dimension: 2 }) })).rejects.toThrow(/one number for each/);
  await expect(fitDensity({ ...all, noise: normalNoise({ mean: [0], deviation: [1] }) })).rejects.toThrow(
    /dimension of the data.*1 beside 3/,
  );
  expect(() => normalNoise({ mean: [0], deviation: [0] })).toThrow(/above 0/);
  expect(() => normalNoise({ mean: [0, 1], deviation: [1] })).toThrow(/2 means and 1 deviations/);
});
