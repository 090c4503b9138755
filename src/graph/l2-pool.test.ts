import { expect, test } from 'vitest';
import { expectClose, runOnnx } from '../../test/laws/compare.ts';
import { lawsOf } from '../../test/laws/laws.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradient.ts';
import { l2Pool } from './l2-pool.ts';
import { input } from './ops/input.ts';
import { sum } from './ops/sum.ts';
import type { PoolingOptions } from './pooling.ts';
import { tensor } from './tensor.ts';

lawsOf<PoolingOptions>({
  name: 'l2Pool',
  build: ([x], options) => l2Pool(x, options),
  samples: [
    { inputs: [{ shape: [2, 2, 4, 5] }], attributes: { kernel: 2 } },
    { inputs: [{ shape: [1, 1, 5, 5] }], attributes: { kernel: 3, stride: 2, padding: 1 } },
    { inputs: [{ shape: [0, 1, 2, 2] }], attributes: { kernel: 2 } },
  ],
  reference: ([x], { kernel, stride = kernel, padding = 0 }) => {
    const [n, c, h, w] = x.shape;
    const out = [h, w].map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1);
    const values: number[] = [];
    for (let plane = 0; plane < n * c; plane++) {
      for (let row = 0; row < out[0]; row++) {
        for (let column = 0; column < out[1]; column++) {
          let total = 0;
          let count = 0;
          for (let y = Math.max(0, row * stride - padding); y < Math.min(h, row * stride - padding + kernel); y++) {
            for (
              let z = Math.max(0, column * stride - padding);
              z < Math.min(w, column * stride - padding + kernel);
              z++
            ) {
              total += x.data[plane * h * w + y * w + z] ** 2;
              count++;
            }
          }
          values.push(Math.sqrt(total / count));
        }
      }
    }
    return tensor([n, c, ...out], values);
  },
});

test('a window of zeros gives 0 and gradient 0; one of 3 and 4 gives the root of 12.5', async () => {
  const wide = input('wide', [1, 1, 2, 4]);
  const pooled = l2Pool(wide, { kernel: 2 });
  const outputs = [pooled, ...gradients(sum(pooled), [wide])];
  const feeds = new Map([[wide, tensor([1, 1, 2, 4], [0, 0, 3, 4, 0, 0, 4, 3])]]);
  for (const [value, slope] of [evaluate(outputs, feeds), await runOnnx(outputs, feeds)]) {
    expect(value.data[0]).toBe(0);
    expect(value.data[1]).toBeCloseTo(Math.sqrt(12.5), 6);
    // x / (4 sqrt(12.5)).
    expectClose(slope, tensor([1, 1, 2, 4], [0, 0, 0.212132, 0.2828427, 0, 0, 0.2828427, 0.212132]));
  }
});
