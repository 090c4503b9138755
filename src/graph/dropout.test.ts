import { expect, test } from 'vitest';
import { lawsOf } from '../../test/laws/laws.ts';
import { KindredError } from '../core/error.ts';
import { Random } from '../core/random.ts';
import { dropout } from './dropout.ts';
import { evaluate } from './evaluate.ts';
import { constant } from './ops/constant.ts';
import { input } from './ops/input.ts';
import { tensor } from './tensor.ts';

// Noise is no quantity that anything is differentiated by, so it is fixed here; 0.5 itself is kept.
const noise = [0.1, 0.9, 0.5, 0.499];

lawsOf<{ rate: number }>({
  name: 'dropout',
  build: ([x], { rate }) => dropout(x, constant(noise, [4]), rate),
  samples: [0, 0.25, 0.5].map((rate) => ({ inputs: [{ shape: [2, 4] }], attributes: { rate } })),
  reference: ([x], { rate }) =>
    tensor(
      x.shape,
      x.data.map((value, i) => (noise[i % 4] < rate ? 0 : value / (1 - rate))),
    ),
});

test('noise for each channel drops whole channels; on average nothing changes', () => {
  const [n, c, size] = [1000, 4, 3];
  const x = input('x', [n, c, size]);
  const random = Random.seeded(1);
  const values = constant(
    Array.from({ length: n * c }, () => random.uniform()),
    [n, c, 1],
  );
  const [found] = evaluate(
    [dropout(x, values, 0.4)],
    new Map([[x, tensor([n, c, size], new Float64Array(n * c * size).fill(1))]]),
  );
  const mean = found.data.reduce((a, b) => a + b, 0) / found.data.length;
  // The standard deviation of the mean is 0.013.
  expect(mean).toBeGreaterThan(0.95);
  expect(mean).toBeLessThan(1.05);
  for (let i = 0; i < found.data.length; i += size) expect(new Set(found.data.subarray(i, i + size)).size).toBe(1);
});

test('a rate that keeps nothing is refused', () => {
  const x = input('x', [2]);
  for (const rate of [1, -0.1, Number.NaN]) expect(() => dropout(x, x, rate)).toThrow(KindredError);
});
