import { z } from 'zod';
import { projectionOptions } from '../encoders/projection.ts';
import { rankingRules } from '../evaluation/ranking/ranking.ts';
import { corpusOptions } from '../miners/corpus/options.ts';
import { clusterOptions } from '../relations/clustering/clusters.ts';
import { dataSchema } from './data/schema.ts';
import { optimizerSchema, rate } from './optimizer.ts';

/** The version of the recipe format that this release reads. */
export const RECIPE_VERSION = 1;

const named = z.looseObject({ name: z.string().describe('which one; everything beside it are its options') });

/** A recipe: all that a run needs to know. One run is one recipe and one seed. */
export const recipeSchema = z.strictObject({
  version: z.literal(RECIPE_VERSION),
  description: z.string().optional(),
  seed: z.int().nonnegative().default(1),
  data: dataSchema,
  input: z
    .strictObject({
      modality: z.string().optional().describe('the one that the encoder sees, where items have several'),
      seconds: z.number().positive().max(600).optional().describe('of sounds: how much is looked at of each'),
      bands: z.int().min(8).max(256).optional().describe('of sounds: the rows of their spectrograms'),
    })
    .default({}),
  clusters: clusterOptions
    .optional()
    .describe('clusters within clusters of the training items: for batches of siblings, or as what is learned'),
  batches: z
    .looseObject({ name: z.string().default('groups-of') })
    .describe('which sampler; everything beside its name are its options'),
  views: z.array(named).default([]).describe('looks that are drawn of each item'),
  encoder: named,
  head: projectionOptions
    .nullish()
    .describe('a projection that the objective looks through, and that is no part of the model'),
  objective: z.strictObject({
    loss: named,
    miners: z
      .array(
        z.looseObject({
          name: z.string(),
          until: z.number().positive().max(1).default(1),
          below: z.number().positive().max(1).optional(),
        }),
      )
      .default([])
      .describe(
        'who chooses the negatives, or the pairs, each until a share of the steps; below: or until fewer terms are active',
      ),
    cached: z
      .strictObject({
        chunk: z.int().positive().describe('items that are embedded at a time'),
        tile: z
          .int()
          .positive()
          .optional()
          .describe('anchors that are compared at a time; as many as fit, at most 1024, unless given'),
      })
      .optional()
      .describe('bounds memory whatever the batch, by gradient caching'),
    memory: z
      .strictObject({
        size: z.int().positive().describe('embeddings of earlier items that are candidates too'),
        momentum: z
          .number()
          .min(0)
          .lt(1)
          .optional()
          .describe('they are those of an encoder that follows by this share'),
      })
      .optional()
      .describe('cross-batch memory'),
    classes: z
      .strictObject({
        sampler: z
          .looseObject({ name: z.string().default('uniform') })
          .default({ name: 'uniform' })
          .describe('who draws them; everything beside its name are its options'),
        samples: z.int().positive().describe('how many are drawn in each step'),
        rate: rate.describe('how far their vectors move, as the rate of an optimizer'),
        optimizer: z
          .enum(['sgd', 'adagrad', 'adam'])
          .default('adagrad')
          .describe('how they move; adam has one second moment for each class'),
        bias: z.boolean().default(false).describe('whether classes have biases'),
        folder: z.string().optional().describe('where the file of their vectors lies; they are in memory unless given'),
      })
      .optional()
      .describe('draws classes for each batch, where there are too many to look at all of them'),
    corpus: corpusOptions.optional().describe('hard negatives from the whole training part'),
  }),
  optimizer: optimizerSchema,
  steps: z.int().positive(),
  evaluate: z
    .strictObject({
      every: z
        .int()
        .positive()
        .optional()
        .describe('steps between looks at the validation part; a tenth of all unless given'),
      lists: rankingRules.optional().describe('of graded lists: the rules by which they are measured'),
    })
    .optional(),
  health: z
    .strictObject({
      every: z.int().positive().default(20).describe('steps between looks at the embeddings of a batch'),
      stop: z.boolean().default(false).describe('whether training ends where they have collapsed'),
    })
    .optional(),
  checkpoints: z
    .strictObject({
      every: z.int().positive().optional().describe('steps between checkpoints; a tenth of all unless given'),
      keep: z.int().positive().default(2).describe('how many of the last are kept, beside the best'),
    })
    .default({ keep: 2 }),
});

export type Recipe = z.output<typeof recipeSchema>;
