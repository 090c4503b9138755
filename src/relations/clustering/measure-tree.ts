import type { Graph } from '../relations.ts';
import type { ClusterTree } from './tree.ts';

/** One level of a tree, and what the links of a graph say of it. */
export interface LevelMeasure {
  readonly clusters: number;
  readonly sizes: { readonly least: number; readonly median: number; readonly most: number };
  /** The weight of the links between clusters: the sum, and its share of all. Links of an item with itself count as none. */
  readonly cut?: { readonly weight: number; readonly share: number };
  /**
   * `sum over clusters of in / m - (degrees / (2 m))^2`, where `m` is the weight of all links, `in` that of those within the
   * cluster, and `degrees` the sum over its items of the weights of their links (Newman and Girvan 2004). Links have no
   * direction here. Items in no cluster count as one each.
   */
  readonly modularity?: number;
}

/** Each level of a tree, with what the links say where there is a graph. */
export function measureTree({ levels }: ClusterTree, graph?: Graph): readonly LevelMeasure[] {
  const linked = graph && measureLinks(graph);
  return levels.map((level) => {
    const sizes = sizesOf(level);
    const sorted = sizes.slice().sort();
    return {
      clusters: sizes.length,
      sizes: {
        least: sorted[0] ?? 0,
        median: sorted[Math.floor(sorted.length / 2)] ?? 0,
        most: sorted[sorted.length - 1] ?? 0,
      },
      ...linked?.(level, sizes.length),
    };
  });
}

function measureLinks({ items, from, to, weight }: Graph) {
  const degrees = new Float64Array(items);
  let total = 0;
  from.forEach((a, row) => {
    if (a === to[row]) return;
    const w = weight?.[row] ?? 1;
    degrees[a] += w;
    degrees[to[row]] += w;
    total += w;
  });
  return (level: Int32Array, clusters: number): Pick<LevelMeasure, 'cut' | 'modularity'> => {
    const sums = new Float64Array(clusters);
    let alone = 0;
    level.forEach((cluster, item) => {
      if (cluster >= 0) sums[cluster] += degrees[item];
      else alone += degrees[item] ** 2;
    });
    let cut = 0;
    from.forEach((a, row) => {
      const b = to[row];
      if (a !== b && (level[a] !== level[b] || level[a] < 0)) cut += weight?.[row] ?? 1;
    });
    const squares = sums.reduce((sum, each) => sum + each ** 2, alone);
    return {
      cut: { weight: cut, share: total > 0 ? cut / total : 0 },
      modularity: total > 0 ? (total - cut) / total - squares / (2 * total) ** 2 : 0,
    };
  };
}

/** How many items each cluster of a level has. */
export function sizesOf(level: Int32Array): Int32Array {
  const sizes: number[] = [];
  for (const cluster of level) {
    if (cluster < 0) continue;
    while (sizes.length <= cluster) sizes.push(0);
    sizes[cluster]++;
  }
  return Int32Array.from(sizes);
}
