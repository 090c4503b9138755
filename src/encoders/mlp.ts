import { z } from 'zod';
import { dropout } from '../graph/dropout.ts';
import type { Node } from '../graph/node.ts';
import { relu } from '../graph/ops/relu.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { defineEncoder } from './define.ts';
import { glorotUniform } from './initializers.ts';
import { flatten, linear } from './layers.ts';

const share = z.number().min(0).lt(1).default(0);

/**
 * A multilayer perceptron: linear layers with ReLU of the given `hidden` sizes, a linear one to `dimension`, unit norm unless
 * `unitNorm` is false, as it should be where a score is learned from embeddings. Columns of vectors are centred and scaled before it, inside the
 * model, unless `standardise` is false, as it should be where they have been weighted with care (tf-idf). Training leaves out a share
 * `inputDropout` of the columns of each item and `dropout` of what each hidden layer gives.
 *
 * With `pca` vectors become that many principal components of the training items behind this, inside the model: of the correlations of columns
 * where they are scaled, else of their covariances. They are fixed before training. With `whiten` each has variance 1.
 */
export const mlp = defineEncoder({
  name: 'mlp',
  options: z.strictObject({
    dimension: z.int().positive().default(128).describe('size of the embedding'),
    hidden: z.array(z.int().positive()).default([512, 256]).describe('sizes of the hidden layers'),
    standardise: z.boolean().default(true).describe('whether columns of vectors are centred and scaled first'),
    pca: z.int().positive().optional().describe('principal components that vectors are reduced to first'),
    whiten: z.boolean().default(false).describe('whether principal components are scaled to variance 1'),
    inputDropout: share.describe('share of the values of an item that training leaves out'),
    dropout: share.describe('share of the results of a hidden layer that training leaves out'),
    unitNorm: z.boolean().default(true).describe('whether embeddings are scaled to length 1'),
  }),
  open({ hidden, dimension, standardise, pca, whiten, inputDropout, dropout: between, unitNorm: unit }) {
    return {
      ...(!standardise && { unscaled: true }),
      ...(pca !== undefined && { reduce: { components: pca, whiten } }),
      apply(scope, x) {
        const dropped = (value: Node, rate: number) =>
          scope.training && rate > 0 ? dropout(value, scope.noise(value.shape as number[]), rate) : value;
        const features = hidden.reduce(
          (value, out, i) => dropped(relu(linear(scope, `hidden${i + 1}`, value, out)), between),
          dropped(flatten(x), inputDropout),
        );
        const vectors = linear(scope, 'head', features, dimension, glorotUniform);
        return unit ? unitNorm(vectors) : vectors;
      },
    };
  },
});
