import type { ClusterTree } from '../relations/clustering/tree.ts';
import type { Known } from '../relations/known.ts';
import type { Relations } from '../relations/relations.ts';

/** One batch: positions of items, and what is known between them. */
export interface Batch {
  readonly items: Int32Array;
  readonly known: Known;
}

/** An endless, seeded stream of batches, which can be stopped and continued to the same bits. */
export interface Sampler<B extends Batch = Batch> {
  next(): B;
  /** The state, as JSON can hold it, to be stored in a checkpoint. */
  save(): unknown;
  /** Continues from a saved state: the next batch is the one that followed `save`. */
  restore(state: unknown): void;
  /** Items in every batch. */
  readonly batchSize: number;
  /** So many draws of items are one epoch: all that there is to draw, once. */
  readonly itemsPerEpoch: number;
}

/**
 * What a sampler draws from. Where only some items may be drawn, `items` are their positions, and kinds with rows have
 * only rows between these.
 */
export interface Source {
  readonly relations: Relations;
  readonly items?: Int32Array;
  /** Clusters of these items, where the recipe has some. */
  readonly tree?: ClusterTree | undefined;
}
