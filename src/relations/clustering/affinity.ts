import { z } from 'zod';
import { must } from '../../core/error.ts';
import { parseOptions } from '../../core/options.ts';
import { defaultThreads } from '../../core/threads.ts';
import { Duck, type Progress } from '../graph-building/duck.ts';
import type { Graph } from '../relations.ts';
import { UnionFind } from '../union-find.ts';
import * as sql from './affinity/sql.ts';
import { wholeWeights } from './affinity/whole-weights.ts';
import { type ClusterTree, clusterTree } from './tree.ts';

export const affinityOptions = z.strictObject({
  rounds: z.int().min(1).max(30).default(3).describe('how often clusters join, and how many levels there are'),
  threshold: z.number().nonnegative().default(0).describe('the weight between clusters below which they do not join'),
  minimum: z
    .int()
    .min(1)
    .default(1)
    .describe('smaller clusters join what they are linked with, whatever the threshold'),
  maximum: z.int().min(2).optional().describe('items that a cluster may have; any number unless given'),
  memory: z.int().min(64).default(1024).describe('megabytes that DuckDB may hold; more goes to the disk'),
  threads: z.int().min(1).default(defaultThreads()),
  temporary: z
    .string()
    .min(1)
    .optional()
    .describe("the folder for what does not fit into memory; the system's unless given"),
});

/**
 * Affinity clustering: in each round every cluster, at first an item, joins its strongest neighbour, and what joined is one cluster of
 * the next level. The weight between the clusters X and Y is the mean over their pairs of items,
 *
 *     w(X, Y) = sum of the weights of the links between X and Y / (|X| |Y|)
 *
 * Of equally strong neighbours a cluster joins the one with the lowest first item. With `maximum` the choice is among those that fit,
 * and choices are carried out from the strongest on, as long as what comes together still fits. After each round, clusters
 * below `minimum` items join again, whatever the `threshold`, until none of them can. A directed link counts as one without direction,
 * several between two items as one of their sum. Items without a link are in no cluster.
 *
 * The tree is the same for any order of the links and any number of threads: weights are first brought to whole numbers by a
 * power of two, so that all sums are exact; of n links, a weight below 2^-52 n times the greatest is rounded up to that.
 *
 * The links lie in DuckDB, within `memory`; here are 20 bytes an item, and what is loaded at a time.
 *
 * Bateni et al.: Affinity Clustering: Hierarchical Clustering at Scale (2017), for the rounds; Lee et al.: Large Scale Video
 * Representation Learning via Relational Graph Clustering (2020), for the weight and the use.
 *
 * @throws KindredError where nothing is linked, or memory or disk do not suffice.
 */
export async function affinity(
  graph: Graph,
  options: z.input<typeof affinityOptions> = {},
  onProgress?: (progress: Progress) => void,
): Promise<ClusterTree> {
  const {
    rounds,
    threshold,
    minimum,
    maximum = Math.max(graph.items, minimum),
    ...limits
  } = parseOptions('affinity', affinityOptions, options);
  must(minimum <= maximum, () => ({
    rule: 'The minimum size of clusters is not above the maximum',
    received: `minimum ${minimum}, maximum ${maximum}`,
    next: 'Change one of them',
    exitCode: 2,
  }));
  const linked = linkedOf(graph);
  must(linked.length > 0, () => ({
    rule: 'Clusters of a graph need a link between two items',
    received: `${graph.items} items and none`,
    next: 'Add links',
  }));
  const duck = await Duck.open({ ...limits, temporary: limits.temporary, onProgress });
  try {
    const run = new Rounds(duck, graph.items, linked, maximum);
    const scale = await run.load(graph);
    const levels: Int32Array[] = [];
    for (let round = 1; round <= rounds; round++) {
      await run.join(`round ${round} of ${rounds}`, { threshold: threshold * scale });
      while (minimum > 1 && (await run.join(`round ${round} of ${rounds}`, { minimum })) > 0);
      levels.push(run.level());
    }
    return clusterTree(levels);
  } finally {
    duck.close();
  }
}

/** Items that have a link to another one, rising. */
function linkedOf({ items, from, to }: Graph): Int32Array {
  const has = new Uint8Array(items);
  from.forEach((a, row) => {
    if (a !== to[row]) has[a] = has[to[row]] = 1;
  });
  const linked: number[] = [];
  has.forEach((is, item) => {
    if (is === 1) linked.push(item);
  });
  return Int32Array.from(linked);
}

/** Links that are copied at a time. */
const BLOCK = 1 << 20;

/** The clusters so far: which there are is known here, what links them lies in the database. */
class Rounds {
  readonly #duck: Duck;
  readonly #sets: UnionFind;
  readonly #sizes: Float64Array;
  readonly #linked: Int32Array;
  readonly #maximum: number;
  /** Clusters by their lowest items. */
  #clusters: Int32Array;

  constructor(duck: Duck, items: number, linked: Int32Array, maximum: number) {
    this.#duck = duck;
    this.#sets = new UnionFind(items);
    this.#sizes = new Float64Array(items).fill(1);
    this.#linked = linked;
    this.#clusters = linked;
    this.#maximum = maximum;
  }

  /** Brings the links in, and tells by what their weights are multiplied. */
  async load({ from, to, weight }: Graph): Promise<number> {
    for (const statement of sql.create) await this.#duck.run('load links', statement);
    const { scale, of } = wholeWeights(weight);
    for (let start = 0; start < from.length; start += BLOCK) {
      const end = Math.min(from.length, start + BLOCK);
      const s = Float64Array.from({ length: end - start }, (_, i) => of(start + i));
      await this.#duck.append('loaded', [from.subarray(start, end), to.subarray(start, end), s]);
    }
    await this.#duck.run('load links', sql.gather);
    await this.#duck.run('load links', sql.drop('loaded'));
    await this.#fillSizes();
    return scale;
  }

  /** Lets clusters join once; tells how many are gone by it. */
  async join(stage: string, choosing: Parameters<typeof sql.best>[0]): Promise<number> {
    const run = (statement: string) => this.#duck.run(stage, statement);
    await run(sql.weigh(this.#maximum));
    await run(sql.best(choosing));
    await run(sql.choose);
    await this.#duck.stream(sql.choices, (_, [x, y]) => {
      for (let i = 0; i < x.length; i++) this.#unite(x[i] as number, y[i] as number);
    });
    for (const table of ['weighed', 'best', 'chosen']) await run(sql.drop(table));
    const now = this.#clusters.map((cluster) => this.#sets.find(cluster));
    const left = this.#clusters.filter((cluster, i) => cluster === now[i]);
    const gone = this.#clusters.length - left.length;
    if (gone === 0) return 0;
    await run(sql.empty('moved'));
    await this.#duck.append('moved', [this.#clusters, now]);
    await run(sql.contract);
    await run(sql.drop('links'));
    await run(sql.renameContracted);
    this.#clusters = left;
    await run(sql.empty('sizes'));
    await this.#fillSizes();
    return gone;
  }

  /** The cluster of each item; -1 of those without a link. */
  level(): Int32Array {
    const level = new Int32Array(this.#sizes.length).fill(-1);
    for (const item of this.#linked) level[item] = this.#sets.find(item);
    return level;
  }

  #fillSizes(): Promise<void> {
    return this.#duck.append('sizes', [this.#clusters, Float64Array.from(this.#clusters, (at) => this.#sizes[at])]);
  }

  #unite(x: number, y: number): void {
    const [a, b] = [this.#sets.find(x), this.#sets.find(y)];
    const size = this.#sizes[a] + this.#sizes[b];
    if (a === b || size > this.#maximum) return;
    this.#sets.join(a, b);
    this.#sizes[Math.min(a, b)] = size;
  }
}
