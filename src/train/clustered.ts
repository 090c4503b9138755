import { feedOf } from '../encoders/feed-of.ts';
import type { Data } from '../recipes/data.ts';
import type { Recipe } from '../recipes/schema.ts';
import { clustersOf } from '../relations/clustering/clusters.ts';
import { clusterGroups } from '../relations/clustering/to-groups.ts';
import type { ClusterTree } from '../relations/clustering/tree.ts';
import type { Part } from '../relations/split-parts.ts';

/**
 * What is trained on: the training part, with its clusters where the recipe has some, or these as the groups that are learned. Clusters
 * are made of the training part alone, so nothing of what is tested goes into them.
 */
export async function clustered(
  { clusters }: Pick<Recipe, 'clusters'>,
  { items, parts: { train } }: Pick<Data, 'items' | 'parts'>,
  threads: number,
): Promise<Part & { readonly tree?: ClusterTree }> {
  if (clusters === undefined) return train;
  const { items: positions, relations } = train;
  // Opened only by those that look at features.
  const features = async (at: Int32Array) => {
    const feed = feedOf(items, { trained: positions });
    try {
      return feed.features(at);
    } finally {
      await feed.close?.();
    }
  };
  const tree = await clustersOf({ relations, positions, features }, clusters, { threads });
  return clusters.learn === undefined ? { ...train, tree } : clusterGroups(tree, clusters.learn);
}
