import { expect, test } from 'vitest';
import { expectClose, runOnnx } from '../../test/laws/compare.ts';
import { lawsOf } from '../../test/laws/laws.ts';
import { type BatchNormOptions, batchNorm, fixedBatchNorm } from './batch-norm.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradient.ts';
import { constant } from './ops/constant.ts';
import { input } from './ops/input.ts';
import { mul } from './ops/mul.ts';
import { sum } from './ops/sum.ts';
import { everyIndex, type Tensor, tensor } from './tensor.ts';

const samples: { inputs: { shape: number[]; fill?: 'positive' }[]; attributes: BatchNormOptions }[] = [
  { inputs: [{ shape: [5, 3] }, { shape: [3] }, { shape: [3] }], attributes: {} },
  { inputs: [{ shape: [2, 3, 4, 3] }, { shape: [3] }, { shape: [3] }], attributes: { epsilon: 1e-3 } },
  { inputs: [{ shape: [2, 2, 3, 5] }, { shape: [5] }, { shape: [5] }], attributes: { axis: -1 } },
  { inputs: [{ shape: [1, 2, 3] }, { shape: [2] }, { shape: [2] }], attributes: {} },
];

/** The values of each channel, and each value's channel. */
function channels(x: Tensor, axis: number): { lists: number[][]; of: number[] } {
  const lists: number[][] = Array.from({ length: x.shape.at(axis) as number }, () => []);
  const of: number[] = [];
  everyIndex(x.shape, (offset, index) => {
    const channel = index.at(axis) as number;
    lists[channel].push(x.data[offset]);
    of.push(channel);
  });
  return { lists, of };
}

lawsOf<BatchNormOptions>({
  name: 'batchNorm',
  build: ([x, scale, offset], options) => batchNorm(x, scale, offset, options).y,
  samples,
  reference: ([x, scale, offset], { epsilon = 1e-5, axis = 1 }) => {
    const { lists, of } = channels(x, axis);
    const statistics = lists.map((list) => {
      const mean = list.reduce((a, b) => a + b, 0) / list.length;
      return { mean, variance: list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length };
    });
    return tensor(
      x.shape,
      x.data.map((value, i) => {
        const { mean, variance } = statistics[of[i]];
        return (scale.data[of[i]] * (value - mean)) / Math.sqrt(variance + epsilon) + offset.data[of[i]];
      }),
    );
  },
});

lawsOf<BatchNormOptions>({
  name: 'fixedBatchNorm',
  build: ([x, scale, offset, mean, variance], options) => fixedBatchNorm(x, scale, offset, { mean, variance }, options),
  samples: [...samples, { inputs: [{ shape: [0, 2] }, { shape: [2] }, { shape: [2] }], attributes: {} }].map(
    ({ inputs, attributes }) => ({
      inputs: [...inputs, inputs[1], { shape: inputs[1].shape, fill: 'positive' as const }],
      attributes,
    }),
  ),
  reference: ([x, scale, offset, mean, variance], { epsilon = 1e-5, axis = 1 }) => {
    const { of } = channels(x, axis);
    return tensor(
      x.shape,
      x.data.map((value, i) => {
        const c = of[i];
        return (scale.data[c] * (value - mean.data[c])) / Math.sqrt(variance.data[c] + epsilon) + offset.data[c];
      }),
    );
  },
});

test('by hand: 1, 3 and 5 have mean 3 and variance 8/3; both are given and carry no gradient', () => {
  const x = input('x', [3, 1]);
  const { y, mean, variance } = batchNorm(x, constant([2], [1]), constant([10], [1]), { epsilon: 0 });
  const outputs = [y, mean, variance, ...gradients(sum(mul(mean, variance)), [x])];
  const [shaped, centre, spread, none] = evaluate(outputs, new Map([[x, tensor([3, 1], [1, 3, 5])]]));
  const step = 2 * Math.sqrt(1.5);
  expectClose(shaped, tensor([3, 1], [10 - step, 10, 10 + step]), { relative: 1e-12 });
  expect([...centre.data]).toEqual([3]);
  expect(spread.data[0]).toBeCloseTo(8 / 3, 12);
  expect([...none.data]).toEqual([0, 0, 0]);
});

test('a channel of equal values becomes its offset, and its gradient is finite', async () => {
  const x = input('x', [4, 2]);
  const { y } = batchNorm(x, constant([3, 1], [2]), constant([7, 0], [2]));
  const outputs = [y, ...gradients(sum(mul(y, x)), [x])];
  const feeds = new Map([[x, tensor([4, 2], [5, 1, 5, 2, 5, 3, 5, 4])]]);
  for (const [value, slope] of [evaluate(outputs, feeds), await runOnnx(outputs, feeds)]) {
    expect([0, 2, 4, 6].map((i) => value.data[i])).toEqual([7, 7, 7, 7]);
    expect(slope.data.every(Number.isFinite)).toBe(true);
  }
});
