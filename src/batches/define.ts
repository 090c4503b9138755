import type { z } from 'zod';
import { must } from '../core/error.ts';
import { parseOptions } from '../core/options.ts';
import { Random } from '../core/random.ts';
import type { ClusterTree } from '../relations/clustering/tree.ts';
import { knownOf } from '../relations/known-of.ts';
import type { RelationKind, Relations } from '../relations/relations.ts';
import type { Batch, Sampler, Source } from './sampler.ts';

/** A sampler as recipes and code name it: called with options, it gives what makes a sampler of relations and a seed. */
export interface SamplerDefinition<Schema extends z.ZodType, B extends Batch = Batch> {
  (options: z.input<Schema>): (source: Source, random: Random) => Sampler<B>;
  readonly definition: 'sampler';
  readonly options: Schema;
  /** The kinds of relations that it draws from. */
  readonly kinds: readonly RelationKind[];
}

/** A sampler over certain relations. */
export interface Draws<Drawn, B extends Batch = Batch> {
  readonly batchSize: number;
  readonly itemsPerEpoch: number;
  /** Draws from the start on: the same for the same random numbers. */
  begin(random: Random): () => Drawn;
  /** The batch of what was drawn. */
  batch(drawn: Drawn): B;
}

/** Which samplers draw from a kind of relations, the most usual first. */
export const samplersOf: Readonly<Record<RelationKind, readonly string[]>> = {
  groups: ['groups-of', 'hierarchical', 'two-views'],
  tags: ['groups-of', 'two-views'],
  pairs: ['all-pairs', 'two-views'],
  triplets: ['triplet-list', 'two-views'],
  graph: ['neighbours', 'siblings', 'walks', 'all-pairs', 'two-views'],
  views: ['two-views'],
  preferences: ['lists-by-query', 'two-views'],
  lists: ['lists-by-query', 'two-views'],
};

interface State {
  readonly sampler: string;
  readonly batches: number;
  readonly random: ReturnType<Random['save']>;
  readonly items: number;
}

/**
 * Defines a sampler in one file: its name (that of the file), its options, the kinds of relations it takes, and how it
 * draws. Its state is small whatever the data: how many batches were drawn; `restore` draws them again, without looking up
 * what is known of them (a million batches of 256 take about ten seconds).
 */
export function defineSampler<
  Schema extends z.ZodType,
  Kind extends RelationKind,
  Drawn,
  B extends Batch = Batch,
>(parts: {
  readonly name: string;
  readonly options: Schema;
  readonly kinds: readonly Kind[];
  /** `items`: the positions that may be drawn; all of them where absent. */
  open(
    relations: Extract<Relations, { kind: Kind }>,
    items: Int32Array | undefined,
    options: z.output<Schema>,
    tree?: ClusterTree,
  ): Draws<Drawn, B>;
}): SamplerDefinition<Schema, B> {
  const make = (given: unknown) => {
    const options = parseOptions(parts.name, parts.options, given);
    const described = JSON.stringify({ name: parts.name, ...(options as object) });
    return ({ relations, items, tree }: Source, random: Random): Sampler<B> => {
      must((parts.kinds as readonly RelationKind[]).includes(relations.kind), () => ({
        rule: `Batches by ${parts.name} are drawn from ${parts.kinds.join(' or ')}`,
        received: `relations of the kind ${relations.kind}`,
        next: `From these ${samplersOf[relations.kind].join(', ')} can draw`,
        exitCode: 2,
      }));
      const draws = parts.open(relations as Extract<Relations, { kind: Kind }>, items, options, tree);
      return resumable(described, draws, random);
    };
  };
  return Object.assign(make, { definition: 'sampler' as const, options: parts.options, kinds: parts.kinds });
}

function resumable<Drawn, B extends Batch>(described: string, draws: Draws<Drawn, B>, random: Random): Sampler<B> {
  const { batchSize, itemsPerEpoch } = draws;
  let start = random.save();
  let draw = draws.begin(Random.restore(start));
  let batches = 0;
  return {
    batchSize,
    itemsPerEpoch,
    next() {
      batches++;
      return draws.batch(draw());
    },
    save: (): State => ({ sampler: described, batches, random: start, items: itemsPerEpoch }),
    restore(state) {
      const saved = state as State;
      must(saved.sampler === described && saved.items === itemsPerEpoch, () => ({
        rule: 'A run continues with the data and the batches that it began with',
        received: `${saved.sampler} over ${saved.items} items an epoch, now ${described} over ${itemsPerEpoch}`,
        next: 'Continue with the same data and recipe, or start a new run',
      }));
      start = saved.random;
      draw = draws.begin(Random.restore(start));
      for (batches = 0; batches < saved.batches; batches++) draw();
    },
  };
}

/** Makes a batch of drawn items, with what the relations know between them. */
export function withKnown(relations: Relations): (items: Int32Array) => Batch {
  const known = knownOf(relations);
  return (items) => ({ items, known: known(items) });
}
