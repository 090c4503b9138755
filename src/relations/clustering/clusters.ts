import { z } from 'zod';
import { KindredError } from '../../core/error.ts';
import type { Matrix } from '../../core/matrix.ts';
import type { Progress } from '../graph-building/duck.ts';
import type { Relations } from '../relations.ts';
import { affinity, affinityOptions } from './affinity.ts';
import { kMeansOptions, kMeansTree } from './k-means.ts';
import { louvain, louvainOptions } from './louvain.ts';
import type { ClusterTree } from './tree.ts';

const method = <Name extends string>(name: Name) => ({
  method: z.literal(name),
  learn: z
    .int()
    .min(0)
    .optional()
    .describe('the level whose clusters are learned, as groups, instead of the relations; 0 is the finest'),
});

/** How items are clustered: the first two by the links of a graph, the last by their features. */
export const clusterOptions = z.discriminatedUnion('method', [
  affinityOptions.omit({ threads: true, temporary: true }).extend(method('affinity')),
  louvainOptions.extend(method('louvain')),
  kMeansOptions.extend(method('k-means')),
]);

export type ClusterOptions = z.output<typeof clusterOptions>;

/** What is clustered. */
export interface Clustered {
  /** Only what may be learned from: the links between training items. */
  readonly relations: Relations;
  /** The items that may be clustered. */
  readonly positions: Int32Array;
  /** Their features, a row each. */
  features(positions: Int32Array): Matrix | Promise<Matrix>;
}

/** The clusters of items, by any of the methods. */
export async function clustersOf(
  { relations, positions, features }: Clustered,
  options: ClusterOptions,
  { threads, onProgress }: { readonly threads?: number; readonly onProgress?: (progress: Progress) => void } = {},
): Promise<ClusterTree> {
  if (options.method === 'k-means') {
    const { method: _, learn: __, ...rest } = options;
    return kMeansTree(await features(positions), { items: relations.items, positions }, rest);
  }
  if (relations.kind !== 'graph') {
    throw new KindredError({
      rule: `Clusters by ${options.method} are those of a graph: links, or a log`,
      received: `relations of the kind ${relations.kind}`,
      next: 'Give links or a log, or cluster the features by k-means',
      exitCode: 2,
    });
  }
  if (options.method === 'louvain') {
    const { method: _, learn: __, ...rest } = options;
    return louvain(relations, rest);
  }
  const { method: _, learn: __, ...rest } = options;
  return affinity(relations, { ...rest, ...(threads !== undefined && { threads }) }, onProgress);
}
