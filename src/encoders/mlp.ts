import { z } from 'zod';
import { relu } from '../graph/ops/relu.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { defineEncoder } from './define.ts';
import { glorotUniform } from './initializers.ts';
import { flatten, linear } from './layers.ts';

/**
 * A multilayer perceptron: linear layers with ReLU of the given `hidden` sizes, a linear one to `dimension`, unit norm unless
 * `unitNorm` is false, as it should be where a score is learned from embeddings. Columns of vectors are centred and scaled before it, inside the
 * model, unless `standardise` is false, as it should be where they have been weighted with care (tf-idf).
 */
export const mlp = defineEncoder({
  name: 'mlp',
  options: z.strictObject({
    dimension: z.int().positive().default(128).describe('size of the embedding'),
    hidden: z.array(z.int().positive()).default([512, 256]).describe('sizes of the hidden layers'),
    standardise: z.boolean().default(true).describe('whether columns of vectors are centred and scaled first'),
    unitNorm: z.boolean().default(true).describe('whether embeddings are scaled to length 1'),
  }),
  open({ hidden, dimension, standardise, unitNorm: unit }) {
    return {
      ...(!standardise && { unscaled: true }),
      apply(scope, x) {
        const features = hidden.reduce(
          (value, out, i) => relu(linear(scope, `hidden${i + 1}`, value, out)),
          flatten(x),
        );
        const vectors = linear(scope, 'head', features, dimension, glorotUniform);
        return unit ? unitNorm(vectors) : vectors;
      },
    };
  },
});
