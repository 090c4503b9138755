import { z } from 'zod';
import { relu } from '../graph/ops/relu.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { ngramOptions, ngrams as tokensOf } from '../readers/tokens/ngrams.ts';
import { defineEncoder } from './define.ts';
import { embeddingBag } from './embedding-bag.ts';
import type { Encoder, Initializer } from './encoder.ts';
import { glorotUniform } from './initializers.ts';
import { linear } from './layers.ts';

/**
 * Texts by their words and pieces of words: the mean of a learned row for each hashed n-gram, linear layers with ReLU of the
 * given `hidden` sizes, a linear one to `dimension`, unit norm. Knows nothing before it is trained, and nothing of order
 * beyond the n-grams; small, quick, and at home in every language that puts spaces between words.
 *
 * With `rarity` the row of an n-gram starts at the length log(texts / texts with it) of the training texts, and all of them alike without: so the
 * embeddings are, before anything is learned, random projections of tf-idf.
 *
 * Joulin et al.: Bag of Tricks for Efficient Text Classification (2017).
 */
export const ngrams = defineEncoder({
  name: 'ngrams',
  options: ngramOptions.extend({
    dimension: z.int().positive().default(128).describe('size of the embedding'),
    rows: z.int().positive().default(64).describe('numbers that are learned for each n-gram'),
    hidden: z.array(z.int().positive()).default([]).describe('sizes of the hidden layers'),
    rarity: z
      .boolean()
      .default(false)
      .describe('whether rows of rare n-grams start longer, as in tf-idf; learning goes on from there'),
  }),
  open({ dimension, rows, hidden, rarity, ...options }) {
    const tokens = tokensOf(options);
    const applied =
      (initial: Initializer): Encoder['apply'] =>
      (scope, ids) => {
        const bag = embeddingBag(scope, 'bag', ids, undefined, {
          rows: tokens.vocabulary,
          dimension: rows,
          padding: tokens.padding,
          initial,
        });
        const features = hidden.reduce((value, out, i) => relu(linear(scope, `hidden${i + 1}`, value, out)), bag);
        return unitNorm(linear(scope, 'head', features, dimension, glorotUniform));
      };
    return {
      tokens,
      apply: applied(small),
      ...(rarity && {
        byRarity: (lengths: () => Float64Array) =>
          applied((values, shape, random) => {
            small(values, shape, random);
            const own = lengths();
            for (let i = 0; i < values.length; i++) values[i] *= own[Math.floor(i / shape[1])];
          }),
      }),
    };
  },
});

/** Normal with variance 1 / columns: a row has length 1 or so, whatever its size. */
const small: Initializer = (values, [, columns], random) => {
  for (let i = 0; i < values.length; i++) values[i] = random.normal() / Math.sqrt(columns);
};
