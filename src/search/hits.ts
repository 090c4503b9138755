import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';

/** One answer to a query. */
export interface Hit {
  readonly id: string;
  /** The row of the item in the embeddings that the index was made from. */
  readonly position: number;
  /**
   * - `cosine`: `1 - cos(query, item)`, 0 to 2; 1 where either is the zero vector.
   * - `squared-euclidean`: `|query - item|^2`, at least 0.
   * - `dot`: `1 - query . item`, which is the cosine distance where both have length 1, and may be negative elsewhere.
   */
  readonly distance: number;
}

/** Items that can be searched by their embeddings. */
export interface Index {
  /** How many items. */
  readonly size: number;
  readonly dimension: number;
  readonly metric: Metric;
  /**
   * For each row of `queries` the `min(k, size)` closest items, closest first; of items at the same distance the one
   * with the lower position comes first.
   *
   * @throws KindredError when `k` is not an integer of at least 1, when the queries have another dimension, or when
   * one of their values is not finite.
   */
  search(queries: Matrix, k: number): Promise<Hit[][]>;
}

/** A hit before it has a name. */
export type Neighbour = Omit<Hit, 'id'>;

/** An index before it has names: what the exact and the approximate search each implement. */
export interface Neighbours {
  readonly size: number;
  readonly dimension: number;
  readonly metric: Metric;
  /** As {@link Index.search}; `queries` fit and `1 <= k <= size`. */
  find(queries: Matrix, k: number): Promise<Neighbour[][]>;
}

/** Checks the queries, asks `neighbours`, and names what it finds. `ids` is called with the first search that hits. */
export function named(neighbours: Neighbours, ids: () => Promise<readonly string[]>): Index {
  const { size, dimension, metric } = neighbours;
  return {
    size,
    dimension,
    metric,
    async search(queries, k) {
      must(Number.isInteger(k) && k >= 1, () => ({
        rule: 'A search asks for a whole number of neighbours, 1 or more',
        received: `${k}`,
        next: 'Ask for 10, for example',
        exitCode: 2,
      }));
      must(queries.columns === dimension, () => ({
        rule: `This index holds embeddings of dimension ${dimension}`,
        received: `queries of dimension ${queries.columns}`,
        next: 'Embed the queries with the encoder that made the index',
      }));
      mustBeFinite(queries, 'query', 'Embed the query again, and look for damaged input');
      if (size === 0 || queries.rows === 0) return Array.from({ length: queries.rows }, () => []);
      const [found, names] = await Promise.all([neighbours.find(queries, Math.min(k, size)), ids()]);
      return found.map((row) => row.map((hit) => ({ id: names[hit.position], ...hit })));
    },
  };
}

/** Closest first, and the lower position first of those at the same distance. */
export function byDistance(a: Neighbour, b: Neighbour): number {
  return a.distance - b.distance || a.position - b.position;
}

/** Refuses what cannot be indexed: no dimension, values that are not finite, ids that are missing or given twice. */
export function mustBeIndexable(embeddings: Matrix, ids: readonly string[]): void {
  must(embeddings.columns >= 1, () => ({
    rule: 'An embedding has at least one value',
    received: `embeddings of dimension ${embeddings.columns}`,
    next: 'Give the encoder a dimension of 1 or more',
  }));
  must(ids.length === embeddings.rows, () => ({
    rule: 'Every embedding has one id',
    received: `${embeddings.rows} embeddings and ${ids.length} ids`,
    next: 'Give one id for each row',
  }));
  const seen = new Set<string>();
  for (const id of ids) {
    must(!seen.has(id), () => ({
      rule: 'An id names one item',
      received: `'${id}' twice`,
      next: 'Rename or leave out one of the two',
    }));
    seen.add(id);
  }
  mustBeFinite(embeddings, 'embedding', 'Training has probably diverged: lower the learning rate');
}

function mustBeFinite(vectors: Matrix, what: string, next: string): void {
  const at = vectors.data.findIndex((value) => !Number.isFinite(value));
  must(at === -1, () => ({
    rule: `The values of every ${what} are finite`,
    received: `${vectors.data[at]} in ${what} ${Math.floor(at / vectors.columns)}`,
    next,
  }));
}
