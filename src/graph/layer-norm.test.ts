import { lawsOf } from '../../test/laws/laws.ts';
import { layerNorm } from './layer-norm.ts';
import { tensor } from './tensor.ts';

lawsOf<{ epsilon?: number }>({
  name: 'layerNorm',
  build: ([x, scale, offset], options) => layerNorm(x, scale, offset, options),
  samples: [
    { inputs: [{ shape: [3, 5] }, { shape: [5] }, { shape: [5] }], attributes: {} },
    { inputs: [{ shape: [2, 3, 4] }, { shape: [4] }, { shape: [4] }], attributes: { epsilon: 0.1 } },
    { inputs: [{ shape: [0, 3] }, { shape: [3] }, { shape: [3] }], attributes: {} },
    { inputs: [{ shape: [2, 1] }, { shape: [1] }, { shape: [1] }], attributes: {} },
  ],
  reference: ([x, scale, offset], { epsilon = 1e-5 }) => {
    const width = scale.data.length;
    const result = new Float64Array(x.data.length);
    for (let start = 0; start < x.data.length; start += width) {
      const row = x.data.subarray(start, start + width);
      const mean = row.reduce((a, b) => a + b, 0) / width;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      row.forEach((value, i) => {
        result[start + i] = (scale.data[i] * (value - mean)) / Math.sqrt(variance + epsilon) + offset.data[i];
      });
    }
    return tensor(x.shape, result);
  },
});
