import { must } from '../../core/error.ts';

/**
 * Clusters of items within clusters: a level is a partition, and each cluster lies whole in one of the next level. Above the last
 * level stands all together.
 */
export interface ClusterTree {
  readonly items: number;
  /**
   * From the finest to the coarsest: the cluster of each item, numbered by their first items, so that cluster 0 holds the first
   * item that has one; -1 of an item that is in none, on every level.
   */
  readonly levels: readonly Int32Array[];
}

/** A tree of partitions that are numbered anyhow; -1 stays. */
export function clusterTree(levels: readonly Int32Array[]): ClusterTree {
  const items = levels[0].length;
  const numbered = levels.map((level) => {
    const numbers = new Map<number, number>();
    return level.map((cluster) => {
      if (cluster < 0) return -1;
      const number = numbers.get(cluster) ?? numbers.size;
      numbers.set(cluster, number);
      return number;
    });
  });
  for (let level = 1; level < numbered.length; level++) {
    const above = parents(numbered[level - 1], numbered[level]);
    const apart = numbered[level].findIndex((cluster, item) => cluster !== (above[numbered[level - 1][item]] ?? -1));
    must(apart < 0, () => ({
      rule: 'A cluster lies whole in one cluster of the next level',
      received: `item ${apart} leaves those of its cluster between the levels ${level - 1} and ${level}`,
      next: 'Give partitions that join, from the finest to the coarsest',
    }));
  }
  return { items, levels: numbered };
}

/** The cluster above each of a level: that of its first item. */
export function parents(level: Int32Array, above: Int32Array): Int32Array {
  const found: number[] = [];
  level.forEach((cluster, item) => {
    if (cluster === found.length) found.push(above[item]);
  });
  return Int32Array.from(found);
}
