import { z } from 'zod';
import { relu } from '../graph/ops/relu.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { normalized } from './blocks.ts';
import { defineEncoder } from './define.ts';
import { glorotUniform } from './initializers.ts';
import { convolution, flatten, linear } from './layers.ts';

/**
 * A small convolutional network: 3x3 convolutions with stride 2 and ReLU, one for each number of `channels`, then a
 * linear layer to `dimension` and unit norm. Each halves rows and columns, so 28x28 becomes 14x14, 7x7, 4x4. Takes
 * pictures `[batch, height, width, channels]`. With `norm` a batch norm stands between each convolution, then without a bias, and its ReLU.
 */
export const strided = defineEncoder({
  name: 'strided',
  options: z.strictObject({
    dimension: z.int().positive().default(128).describe('size of the embedding'),
    channels: z.array(z.int().positive()).min(1).default([32, 64, 128]).describe('features after each convolution'),
    norm: z.boolean().default(false).describe('whether a batch norm follows each convolution'),
  }),
  apply(scope, x, { channels, dimension, norm }) {
    const features = channels.reduce((value, out, i) => {
      const layer = { out, kernel: 3, stride: 2, padding: 1, bias: !norm };
      const filtered = convolution(scope, `conv${i + 1}`, value, layer);
      return relu(norm ? normalized(scope, `norm${i + 1}`, filtered) : filtered);
    }, x);
    return unitNorm(linear(scope, 'head', flatten(features), dimension, glorotUniform));
  },
});
