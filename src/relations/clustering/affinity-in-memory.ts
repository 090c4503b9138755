import type { Graph } from '../relations.ts';
import { wholeWeights } from './affinity/whole-weights.ts';
import { type ClusterTree, clusterTree } from './tree.ts';

/**
 * The definition of affinity clustering in plain loops, for small graphs: what `affinity` does with a database has to equal this. Clusters
 * are lists of items, and every round looks at all pairs of items.
 */
export function affinityInMemory(
  { items, from, to, weight }: Graph,
  { rounds = 3, threshold = 0, minimum = 1, maximum = items } = {},
): ClusterTree {
  const { scale, of } = wholeWeights(weight);
  const between = Array.from({ length: items }, () => new Float64Array(items));
  from.forEach((a, row) => {
    const b = to[row];
    if (a === b) return;
    between[a][b] += of(row);
    between[b][a] += of(row);
  });
  const linked = Array.from(between.keys()).filter((item) => between[item].some((sum) => sum > 0));
  let clusters = linked.map((item) => [item]);
  const strength = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, a) => sum + y.reduce((inner, b) => inner + between[a][b], 0), 0) / (x.length * y.length);

  /** Every cluster that may chooses; tells whether any joined. */
  const join = (mayChoose: (size: number, strongest: number) => boolean): boolean => {
    const choices: { strength: number; low: number; high: number }[] = [];
    for (const x of clusters) {
      let chosen: (typeof choices)[number] | undefined;
      for (const y of clusters) {
        const found = strength(x, y);
        if (x === y || found === 0 || x.length + y.length > maximum || !mayChoose(x.length, found)) continue;
        if (chosen === undefined || found > chosen.strength)
          chosen = { strength: found, low: Math.min(x[0], y[0]), high: Math.max(x[0], y[0]) };
      }
      if (chosen !== undefined) choices.push(chosen);
    }
    choices.sort((p, q) => q.strength - p.strength || p.low - q.low || p.high - q.high);
    let joined = false;
    for (const { low, high } of choices) {
      const [x, y] = [low, high].map((item) => clusters.find((cluster) => cluster.includes(item)) as number[]);
      if (x === y || x.length + y.length > maximum) continue;
      clusters = clusters.filter((cluster) => cluster !== x && cluster !== y);
      clusters.push([...x, ...y].sort((a, b) => a - b));
      joined = true;
    }
    clusters.sort((x, y) => x[0] - y[0]);
    return joined;
  };

  const levels: Int32Array[] = [];
  for (let round = 0; round < rounds; round++) {
    join((_, found) => found >= threshold * scale);
    while (minimum > 1 && join((size) => size < minimum));
    const level = new Int32Array(items).fill(-1);
    clusters.forEach((cluster, number) => {
      for (const item of cluster) level[item] = number;
    });
    levels.push(level);
  }
  return clusterTree(levels);
}
