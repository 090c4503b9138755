// Every optimiser beside a float64 loop written from its formulas, over several steps and parameters of several kinds.
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { clipByNorm, clipByValue } from './clip.ts';
import { ema } from './ema.ts';
import { lamb } from './lamb.ts';
import { lars } from './lars.ts';
import { layoutOf } from './layout.ts';
import { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { cosine } from './schedules.ts';
import { sgd } from './sgd.ts';
import { chain, type Transform } from './transform.ts';
import { weightDecay } from './weight-decay.ts';

const layout = layoutOf([
  { name: 'dense.weight', shape: [5, 3] },
  { name: 'dense.bias', shape: [3], tags: ['bias'] },
  { name: 'norm.scale', shape: [2], tags: ['norm'] },
  { name: 'head.weight', shape: [3, 3] },
]);
const STEPS = 12;

/** One parameter in the naive loops. */
interface Part {
  w: number[];
  tagged: boolean;
  /** Whatever the loop keeps. */
  kept: Record<string, number[]>;
}

type Naive = (part: Part, g: number[], t: number, all: number[][]) => void;

const norm = (values: number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const kept = (part: Part, name: string, initial = 0) => {
  part.kept[name] ??= part.w.map(() => initial);
  return part.kept[name];
};

/** Runs both on the same gradients (a fixed pull towards 1 with noise) and compares after every step. */
function compare(transform: Transform, naive: Naive): { optimizer: Optimizer; parts: Part[] } {
  const random = Random.seeded(5);
  const optimizer = new Optimizer(transform, layout, { steps: STEPS });
  for (let i = 0; i < layout.size; i++) optimizer.parameters[i] = random.normal();
  const slice = (values: Float32Array, s: (typeof layout.slices)[number]) => [
    ...values.subarray(s.start, s.start + s.length),
  ];
  const parts = layout.slices.map((s) => ({
    w: slice(optimizer.parameters, s),
    tagged: (s.tags ?? []).length > 0,
    kept: {},
  }));
  for (let t = 1; t <= STEPS; t++) {
    const gradients = optimizer.parameters.map((w, i) => w - 1 + 0.5 * random.normal() + (i % 3));
    const all = layout.slices.map((s) => slice(gradients, s));
    parts.forEach((part, i) => {
      naive(part, all[i], t, all);
    });
    optimizer.step(optimizer.parameters, gradients);
    const expected = parts.flatMap((part) => part.w);
    expected.forEach((value, i) => {
      expect(Math.abs(optimizer.parameters[i] - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    });
  }
  return { optimizer, parts };
}

test.each([
  { momentum: 0, dampening: 0, nesterov: false },
  { momentum: 0.9, dampening: 0, nesterov: false },
  { momentum: 0.8, dampening: 0.3, nesterov: false },
  { momentum: 0.9, dampening: 0, nesterov: true },
])('sgd %o', (options) => {
  compare(sgd({ rate: 0.05, ...options }), (part, g, t) => {
    const buffer = kept(part, 'buffer');
    g.forEach((x, i) => {
      buffer[i] = t === 1 ? x : options.momentum * buffer[i] + (1 - options.dampening) * x;
      part.w[i] -= 0.05 * (options.nesterov ? x + options.momentum * buffer[i] : buffer[i]);
    });
  });
});

test.each([{ amsgrad: false }, { amsgrad: true }])('adam %o by a schedule', ({ amsgrad }) => {
  const transform = adam({ rate: cosine(0.1), beta1: 0.8, beta2: 0.9, epsilon: 1e-3, amsgrad });
  compare(transform, (part, g, t) => {
    const [m, v, largest] = [kept(part, 'm'), kept(part, 'v'), kept(part, 'largest')];
    const rate = 0.05 * (1 + Math.cos((Math.PI * (t - 1)) / STEPS));
    g.forEach((x, i) => {
      m[i] = 0.8 * m[i] + 0.2 * x;
      v[i] = 0.9 * v[i] + 0.1 * x ** 2;
      largest[i] = Math.max(largest[i], v[i]);
      const second = (amsgrad ? largest[i] : v[i]) / (1 - 0.9 ** t);
      part.w[i] -= (rate * (m[i] / (1 - 0.8 ** t))) / (Math.sqrt(second) + 1e-3);
    });
  });
});

test('adamw shrinks the weights beside the step, and spares tagged ones', () => {
  compare(adamw({ rate: 0.1, decay: 0.5, exclude: ['bias', 'norm'] }), (part, g, t) => {
    const [m, v] = [kept(part, 'm'), kept(part, 'v')];
    g.forEach((x, i) => {
      m[i] = 0.9 * m[i] + 0.1 * x;
      v[i] = 0.999 * v[i] + 0.001 * x ** 2;
      const step = m[i] / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
      part.w[i] = part.w[i] * (1 - 0.1 * (part.tagged ? 0 : 0.5)) - 0.1 * step;
    });
  });
});

test('adagrad from an initial sum', () => {
  compare(adagrad({ rate: 0.2, initial: 0.1, epsilon: 0.01 }), (part, g) => {
    const sum = kept(part, 'sum', 0.1);
    g.forEach((x, i) => {
      sum[i] += x ** 2;
      part.w[i] -= (0.2 * x) / (Math.sqrt(sum[i]) + 0.01);
    });
  });
});

test.each([
  { centered: false, momentum: 0, initial: 0 },
  { centered: true, momentum: 0, initial: 0 },
  { centered: false, momentum: 0.9, initial: 1 },
  { centered: true, momentum: 0.5, initial: 0 },
])('rmsprop %o', (options) => {
  compare(rmsprop({ rate: 0.01, smoothing: 0.9, epsilon: 0.01, ...options }), (part, g) => {
    const [square, mean, buffer] = [kept(part, 'square', options.initial), kept(part, 'mean'), kept(part, 'buffer')];
    g.forEach((x, i) => {
      square[i] = 0.9 * square[i] + 0.1 * x ** 2;
      mean[i] = 0.9 * mean[i] + 0.1 * x;
      const variance = square[i] - (options.centered ? mean[i] ** 2 : 0);
      buffer[i] = options.momentum * buffer[i] + x / (Math.sqrt(variance) + 0.01);
      part.w[i] -= 0.01 * buffer[i];
    });
  });
});

test('lars', () => {
  compare(lars({ rate: 2, trust: 0.02, decay: 0.1 }), (part, g) => {
    const velocity = kept(part, 'velocity');
    const d = g.map((x, i) => x + (part.tagged ? 0 : 0.1 * part.w[i]));
    const ratio = part.tagged ? 1 : (0.02 * norm(part.w)) / norm(d);
    d.forEach((x, i) => {
      velocity[i] = 0.9 * velocity[i] + 2 * ratio * x;
      part.w[i] -= velocity[i];
    });
  });
});

test('lamb', () => {
  compare(lamb({ rate: 0.05, decay: 0.1 }), (part, g, t) => {
    const [m, v] = [kept(part, 'm'), kept(part, 'v')];
    const r = g.map((x, i) => {
      m[i] = 0.9 * m[i] + 0.1 * x;
      v[i] = 0.999 * v[i] + 0.001 * x ** 2;
      const step = m[i] / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-6);
      return step + (part.tagged ? 0 : 0.1 * part.w[i]);
    });
    const ratio = part.tagged ? 1 : norm(part.w) / norm(r);
    r.forEach((x, i) => {
      part.w[i] -= 0.05 * ratio * x;
    });
  });
});

test('clipping the norm of all, then each value, then decay, then sgd', () => {
  const transform = chain(clipByNorm(3), clipByValue(0.8), weightDecay(0.1, { exclude: ['norm'] }), sgd({ rate: 0.1 }));
  compare(transform, (part, g, _, all) => {
    const length = norm(all.flat());
    expect(length).toBeGreaterThan(3);
    const spared = part.w.length === 2;
    g.forEach((x, i) => {
      const clipped = Math.sign(x) * Math.min(Math.abs((x * 3) / length), 0.8);
      part.w[i] -= 0.1 * (clipped + (spared ? 0 : 0.1 * part.w[i]));
    });
  });
});

test.each([{ warmup: false }, { warmup: true }])('ema %o averages what the parameters were', ({ warmup }) => {
  const { optimizer, parts } = compare(chain(ema({ decay: 0.7, warmup }), sgd({ rate: 0.1 })), (part, g, t) => {
    const average = kept(part, 'average');
    g.forEach((x, i) => {
      part.w[i] -= 0.1 * x;
      const decay = warmup ? Math.min(0.7, t / (9 + t)) : 0.7;
      average[i] = t === 1 ? part.w[i] : decay * average[i] + (1 - decay) * part.w[i];
    });
  });
  const expected = parts.flatMap((part) => part.kept.average);
  expect(expected.every((value, i) => Math.abs(value - optimizer.averaged![i]) < 1e-5)).toBe(true);
  expect(optimizer.averaged).not.toEqual(optimizer.parameters);
});
