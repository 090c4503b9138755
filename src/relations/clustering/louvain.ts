import graphology from 'graphology';
import communities from 'graphology-communities-louvain';
import { z } from 'zod';
import { must } from '../../core/error.ts';
import { parseOptions } from '../../core/options.ts';
import { Random } from '../../core/random.ts';
import { adjacency } from '../adjacency.ts';
import type { Graph } from '../relations.ts';
import { type ClusterTree, clusterTree } from './tree.ts';

export const louvainOptions = z.strictObject({
  resolution: z.number().positive().default(1).describe('above 1: more and smaller clusters'),
  seed: z.int().nonnegative().default(1).describe('of the order in which items are looked at'),
});

/**
 * Louvain's method: items move to the neighbouring cluster that raises modularity most until none does, the clusters become items,
 * and again; a level for each round of that, as many as there turn out to be. Links have no direction here. Items without
 * a link are in no cluster. In memory: some hundred bytes a link.
 *
 * Blondel et al.: Fast unfolding of communities in large networks (2008), as graphology has it.
 *
 * @throws KindredError where nothing is linked.
 */
export function louvain(graph: Graph, options: z.input<typeof louvainOptions> = {}): ClusterTree {
  const { resolution, seed } = parseOptions('louvain', louvainOptions, options);
  const { offsets, neighbours, weights } = adjacency({ ...graph, weight: graph.weight, symmetric: true });
  const network = new graphology.UndirectedGraph();
  const nodes: number[] = [];
  for (let item = 0; item < graph.items; item++) {
    if (offsets[item] === offsets[item + 1]) continue;
    nodes.push(item);
    network.addNode(item);
  }
  must(nodes.length > 0, () => ({
    rule: 'Clusters of a graph need a link between two items',
    received: `${graph.items} items and none`,
    next: 'Add links',
  }));
  for (const item of nodes) {
    for (let k = offsets[item]; k < offsets[item + 1]; k++) {
      if (neighbours[k] > item) network.addEdge(item, neighbours[k], { weight: weights?.[k] ?? 1 });
    }
  }
  const random = Random.seeded(seed);
  // Its types say default where CommonJS has the function itself.
  const { detailed } = communities as unknown as typeof communities.default;
  const { dendrogram } = detailed(network, { resolution, rng: () => random.uniform() });
  // The first partition is that of the items alone.
  const levels = dendrogram.slice(dendrogram.length > 1 ? 1 : 0).map((partition) => {
    const level = new Int32Array(graph.items).fill(-1);
    nodes.forEach((item, i) => {
      level[item] = partition[i];
    });
    return level;
  });
  return clusterTree(levels);
}
