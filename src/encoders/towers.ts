import { z } from 'zod';
import { KindredError, must } from '../core/error.ts';
import { parseOptions } from '../core/options.ts';
import { relu } from '../graph/ops/relu.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import type { Encoder } from './encoder.ts';
import { type Fusion, fuse, fusions } from './fusion.ts';
import { glorotUniform } from './initializers.ts';
import { linear } from './layers.ts';

const options = z.strictObject({
  towers: z
    .record(z.string(), z.looseObject({ name: z.string() }))
    .describe('for each modality, by its name, the encoder that sees it'),
  fusion: z.enum(fusions).default('concatenate').describe('how what the towers see becomes one'),
  hidden: z.array(z.int().positive()).default([]).describe('sizes of hidden layers behind the fusion'),
  dimension: z.int().positive().default(128).describe('size of the embedding'),
  bias: z.number().default(0.1).describe('where the biases of factors and terms start'),
  drop: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('share of modalities that training hides, at random; never the last one'),
});

/** As a library names it: the towers are made already. */
interface Given {
  readonly towers: Readonly<Record<string, Encoder>>;
  readonly fusion?: Fusion;
  readonly hidden?: readonly number[];
  readonly dimension?: number;
  readonly bias?: number;
  readonly drop?: number;
}

const settings = options.omit({ towers: true });

/**
 * One encoder for each modality of the items (a tower), and one embedding of what they see together: their results fused
 * ({@link fuse}), `hidden` layers with ReLU, where there are any a linear one to `dimension`, unit norm. Modalities that an item lacks
 * take no part; an item that lacks all of them is embedded somewhere, the same for all such.
 *
 * Early fusion is `concatenate` with `hidden` layers behind it; late fusion is every other one, with layers in the towers.
 *
 * Lee et al.: Collaborative Deep Metric Learning for Video Understanding (2018).
 */
const make = ({ towers, ...rest }: Given): Encoder => {
  const { fusion, hidden, dimension, bias, drop } = parseOptions('towers', settings, rest);
  const names = Object.keys(towers);
  must(names.length > 0, () => ({
    rule: 'towers names an encoder for each modality that it looks at',
    received: 'none',
    next: 'Write, for example, towers: { title: { name: ngrams }, tags: { name: ngrams } }',
    exitCode: 2,
  }));
  return {
    name: 'towers',
    parts: {
      towers,
      drop,
      fuse(scope, seen) {
        const width = hidden.length === 0 ? dimension : hidden[0];
        let value = fuse(scope, seen, { fusion, dimension: width, bias });
        if (hidden.length > 0) {
          value = hidden
            .slice(1)
            .reduce((below, out, i) => relu(linear(scope, `hidden${i + 2}`, below, out)), relu(value));
          value = linear(scope, 'head', value, dimension, glorotUniform);
        }
        return unitNorm(value);
      },
    },
    apply() {
      throw new KindredError({
        rule: 'The encoder towers sees several modalities of items',
        received: 'one input',
        next: `Give items with ${names.join(', ')}`,
        exitCode: 2,
      });
    },
  };
};

export const towers = Object.assign(make, { definition: 'towers' as const, options });
