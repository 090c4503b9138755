import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import type { Node } from '../graph/node.ts';
import { scalar } from '../graph/ops/constant.ts';
import { mul } from '../graph/ops/mul.ts';
import { relu } from '../graph/ops/relu.ts';
import { sizeOf } from '../graph/shape.ts';
import { normalized } from './blocks.ts';
import type { Encoder, Scope } from './encoder.ts';
import { glorotUniform } from './initializers.ts';
import { linear } from './layers.ts';

export const projectionOptions = z.strictObject({
  hidden: z
    .array(z.int().positive())
    .default([256])
    .describe('sizes of its hidden layers: one for a head of two layers, two for one of three, none for a linear one'),
  dimension: z.int().positive().default(128).describe('size of what the objective compares'),
  norm: z.boolean().default(false).describe('a batch norm before each ReLU'),
});

/**
 * An encoder whose objective looks at `z = g(h)` instead of the embedding `h`: hidden layers with ReLU, then a linear one to
 * `dimension`. `g` is learned beside the encoder and is no part of the model: what views make no difference to is lost in `z`, and
 * still there in `h`, so that `h` is what is exported, evaluated and searched.
 *
 * `h` comes with length 1 and enters `g` times the root of its size, so that its values are of size 1. `z` has no given length: losses
 * over cosines scale it themselves, and those over variances (VICReg, Barlow Twins) need it as it is.
 *
 * Chen, Kornblith, Norouzi, Hinton: A Simple Framework for Contrastive Learning of Visual Representations (2020), section 4.2.
 */
export function withProjection(encoder: Encoder, given: z.input<typeof projectionOptions> = {}): Encoder {
  const { hidden, dimension, norm } = parseOptions('head', projectionOptions, given);
  return {
    ...encoder,
    head(scope: Scope, embeddings: Node): Node {
      const size = sizeOf(embeddings.shape.slice(1));
      const last = hidden.reduce(
        (below, out, i) => {
          const name = `projection.hidden${i + 1}`;
          const sums = linear(scope, name, below, out);
          return relu(norm ? normalized(scope, `${name}.norm`, sums) : sums);
        },
        mul(embeddings, scalar(Math.sqrt(size))),
      );
      return linear(scope, 'projection.last', last, dimension, glorotUniform);
    },
  };
}
