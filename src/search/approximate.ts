import { setImmediate } from 'node:timers/promises';
import { BatchMatches, Index as Graph, type Matches, MetricKind, ScalarKind } from 'usearch';
import { type Matrix, row, takeRows } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { exactNeighbours } from './exact.ts';
import { byDistance, type Index, mustBeIndexable, type Neighbour, type Neighbours, named } from './hits.ts';

const kinds = { cosine: MetricKind.Cos, 'squared-euclidean': MetricKind.L2sq, dot: MetricKind.IP };
/** Items between two turns of the event loop, so that progress is shown while a large graph is built. */
const addedAtOnce = 1000;

/**
 * An index over a graph of near neighbours (HNSW, by usearch): about `O(log items)` comparisons a query, and now and
 * then it misses a neighbour. Distances are float32. With `dot` it suits embeddings of about equal length only: the
 * graph is made for distances that obey the triangle inequality, and the dot product of long vectors does not.
 *
 * Built by one thread, so that the same embeddings give the same graph: about 0.3 ms an item of dimension 128.
 *
 * Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small
 * World graphs", 2016.
 *
 * @param embeddings - `[items, dimension]`, finite; kept, not copied.
 * @param ids - One per item, each of them once.
 */
export async function approximateIndex(options: {
  embeddings: Matrix;
  ids: readonly string[];
  metric: Metric;
}): Promise<Index> {
  const { embeddings, ids, metric } = options;
  mustBeIndexable(embeddings, ids);
  const graph = await buildGraph(embeddings, metric);
  const exact = exactNeighbours(embeddings, metric);
  return named(
    approximateNeighbours(graph, metric, async () => exact),
    async () => ids,
  );
}

/** A graph without items, set up as all of ours are. */
export function emptyGraph(dimension: number, metric: Metric): Graph {
  return new Graph({
    dimensions: dimension,
    metric: kinds[metric],
    quantization: ScalarKind.F32,
    connectivity: 16,
    expansion_add: 128,
    expansion_search: 128,
    multi: false,
  });
}

/** The graph over `embeddings`; its keys are their positions. */
export async function buildGraph(embeddings: Matrix, metric: Metric): Promise<Graph> {
  const graph = emptyGraph(embeddings.columns, metric);
  for (let start = 0; start < embeddings.rows; start += addedAtOnce) {
    const end = Math.min(start + addedAtOnce, embeddings.rows);
    const keys = BigUint64Array.from({ length: end - start }, (_, i) => BigInt(start + i));
    graph.add(keys, embeddings.data.subarray(start * embeddings.columns, end * embeddings.columns), 1);
    await setImmediate();
  }
  return graph;
}

/**
 * {@link approximateIndex} without names.
 *
 * @param exact - Asked where the graph finds too few: where hundreds of items are equal, parts of it cannot be reached.
 */
export function approximateNeighbours(graph: Graph, metric: Metric, exact: () => Promise<Neighbours>): Neighbours {
  const dimension = graph.dimensions();
  return {
    size: graph.size(),
    dimension,
    metric,
    async find(queries, k) {
      const found = search(graph, queries, k).map((neighbours, i) => {
        const zero = metric === 'cosine' && row(queries, i).every((value) => value === 0);
        for (const neighbour of neighbours) {
          // usearch puts two zero vectors at cosine distance 0, and rounding makes some distances negative.
          if (zero) neighbour.distance = 1;
          else if (metric !== 'dot') neighbour.distance = Math.max(0, neighbour.distance);
        }
        return neighbours.sort(byDistance) as Neighbour[];
      });
      const short = [...found.keys()].filter((i) => found[i].length < k);
      if (short.length > 0) {
        const complete = await (await exact()).find(takeRows(queries, short), k);
        for (const [i, query] of short.entries()) found[query] = complete[i];
      }
      return found;
    },
  };
}

function search(graph: Graph, queries: Matrix, k: number): { position: number; distance: number }[][] {
  // One thread: a graph serves no more threads at once than it was built by, and fails now and then when asked to.
  // One query is answered by its matches, several by a batch of them, whatever the declared type says.
  const answer: Matches | BatchMatches = graph.search(queries.data, k, 1);
  return Array.from({ length: queries.rows }, (_, i) => {
    const { keys, distances } = answer instanceof BatchMatches ? answer.get(i) : answer;
    return Array.from(distances, (distance, j) => ({ position: Number(keys[j]), distance }));
  });
}
