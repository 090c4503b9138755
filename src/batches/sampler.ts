import type { Groups } from '../relations/groups.ts';

/** One batch: positions of items, and the group of each. */
export interface Batch {
  readonly items: Int32Array;
  readonly labels: Int32Array;
}

/** An endless, seeded stream of batches, which can be stopped and continued to the same bits. */
export interface Sampler {
  next(): Batch;
  /** The state, as JSON can hold it, to be stored in a checkpoint. */
  save(): unknown;
  /** Continues from a saved state: the next batch is the one that followed `save`. */
  restore(state: unknown): void;
  /** Items in every batch. */
  readonly batchSize: number;
  /** Items that are drawn from; so many draws are one epoch. */
  readonly itemsPerEpoch: number;
}

/** What a sampler draws from: items with their groups, all of them or those at the positions in `items`. */
export interface Source {
  readonly groups: Groups;
  readonly items?: Int32Array;
}
