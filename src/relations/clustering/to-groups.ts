import { must } from '../../core/error.ts';
import { groups } from '../groups.ts';
import type { GroupRelations } from '../relations.ts';
import type { ClusterTree } from './tree.ts';

/**
 * The clusters of a level as groups, and the items that have one. Every item has a group: what is in no cluster is in the last one, and
 * not among `items`.
 *
 * @throws KindredError where the tree has no such level.
 */
export function clusterGroups(
  { levels }: ClusterTree,
  level: number,
): { readonly relations: GroupRelations; readonly items: Int32Array } {
  must(level < levels.length, () => ({
    rule: `Clusters are those of a level, from 0 to ${levels.length - 1}`,
    received: `clusters.learn ${level}`,
    next: 'Name one of these',
    exitCode: 2,
  }));
  const of = levels[level];
  const count = of.reduce((most, cluster) => Math.max(most, cluster), -1) + 1;
  return {
    relations: groups({
      labels: of.map((cluster) => (cluster < 0 ? count : cluster)),
      names: Array.from({ length: count + 1 }, (_, cluster) => (cluster < count ? `cluster ${cluster}` : 'no cluster')),
    }),
    items: Int32Array.from(of.keys()).filter((item) => of[item] >= 0),
  };
}
