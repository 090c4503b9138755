import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { scoreTiles } from '../onnx/score-tiles.ts';
import { RankCounter } from './relevant-ranks.ts';

/** Embeddings `[items, dimension]` and the group of each item. */
export interface Labelled {
  readonly embeddings: Matrix;
  readonly labels: Int32Array;
}

export interface RetrievalOptions extends Labelled {
  readonly metric: Metric;
  /** The k of Recall@k and NDCG@k. Default 1 and 10. */
  readonly at?: readonly number[];
  /** What is searched. Default: the queries themselves, an item never being its own candidate. */
  readonly candidates?: Labelled;
  /** Called after each tile of queries. */
  readonly progress?: (done: number, total: number) => void;
}

/** One number per measure; `recallAt[k]`, `ndcgAt[k]`. All are between 0 and 1, higher is better. */
export interface RetrievalMeasures<T> {
  readonly recallAt: Readonly<Record<number, T>>;
  readonly mapAtR: T;
  readonly rPrecision: T;
  readonly ndcgAt: Readonly<Record<number, T>>;
}

export interface Retrieval {
  readonly metric: Metric;
  /** Queries that were counted. */
  readonly queries: number;
  /** Queries left out, because no candidate belongs to them. */
  readonly skipped: number;
  /** Candidates that each query searched, itself not counted. */
  readonly candidates: number;
  /** Means over the counted queries. */
  readonly means: RetrievalMeasures<number>;
  readonly perQuery: RetrievalMeasures<Float64Array> & {
    /** Position of each counted query, ascending: value `i` of the other arrays belongs to query `query[i]`. */
    readonly query: Int32Array;
    /** R: how many candidates belong to the query. */
    readonly relevant: Int32Array;
  };
}

/**
 * How well nearest neighbours agree with groups, over every query that has a candidate of its own group.
 *
 * With `R` relevant candidates, `rel(i)` = 1 where the candidate at rank `i` is of the query's group, and `P(i)` the
 * share of relevant candidates among the first `i`:
 *
 * - Recall@k, as metric learning counts it: 1 if at least one of the first `k` is relevant, else 0. (It is not the
 *   share of the relevant candidates that were found.)
 * - MAP@R = 1/R sum over i <= R of P(i) rel(i). (Musgrave, Belongie, Lim, "A Metric Learning Reality Check", 2020.)
 * - R-precision = P(R).
 * - NDCG@k = sum over i <= k of rel(i) / log2(i + 1), divided by the same sum for `min(k, R)` relevant ones in front.
 *
 * Ties are pessimistic: among equal scores, candidates of other groups come first. A query without a relevant candidate
 * is left out and counted in `skipped`. Scores come a tile of queries at a time: memory is `O(tile * candidates)`.
 *
 * @throws KindredError if sizes disagree, if a score is not a number, or if every query would be skipped
 */
export async function retrieval(options: RetrievalOptions): Promise<Retrieval> {
  const { embeddings, labels, metric, progress } = options;
  const leaveOneOut = options.candidates === undefined;
  const candidates = options.candidates ?? options;
  checkSizes(options, candidates);
  const at = [...new Set(options.at ?? [1, 10])];
  for (const k of at) {
    must(Number.isSafeInteger(k) && k >= 1, () => ({
      rule: 'Recall@k and NDCG@k need a whole k from 1',
      received: String(k),
      next: 'Ask for example for at: [1, 10]',
      exitCode: 2,
    }));
  }

  const groups = positions(candidates.labels);
  const none = new Int32Array(0);
  const counted = countQueries(labels, options.candidates?.labels);
  must(counted > 0, () => ({
    rule: 'Retrieval needs at least one query with a candidate of its own group',
    received: `${labels.length} queries and ${candidates.labels.length} candidates without one`,
    next: 'Evaluate on items of which at least two belong to the same group',
  }));

  const perQuery = {
    query: new Int32Array(counted),
    relevant: new Int32Array(counted),
    recallAt: arrays(at, counted),
    mapAtR: new Float64Array(counted),
    rPrecision: new Float64Array(counted),
    ndcgAt: arrays(at, counted),
  };
  const discounts = cumulativeDiscounts(Math.min(Math.max(0, ...at), candidates.labels.length));
  const counter = new RankCounter();
  let next = 0;
  for await (const tile of scoreTiles(embeddings, candidates.embeddings, { metric })) {
    for (let i = 0; i < tile.rows; i++) {
      const query = tile.start + i;
      const scores = tile.scores.subarray(i * candidates.labels.length, (i + 1) * candidates.labels.length);
      const group = groups.get(labels[query]) ?? none;
      const { ranks, broken } = counter.count(
        scores,
        group,
        candidates.labels,
        labels[query],
        leaveOneOut ? query : -1,
      );
      must(broken < 0, () => ({
        rule: 'Scores must be numbers',
        received: `NaN between query ${query} and candidate ${broken}`,
        next: 'Look for NaN or infinite values in the embeddings of these two items',
      }));
      if (ranks.length === 0) continue;
      perQuery.query[next] = query;
      perQuery.relevant[next] = ranks.length;
      let precisions = 0;
      let hits = 0;
      while (hits < ranks.length && ranks[hits] <= ranks.length) precisions += ++hits / ranks[hits - 1];
      perQuery.mapAtR[next] = precisions / ranks.length;
      perQuery.rPrecision[next] = hits / ranks.length;
      for (const k of at) {
        perQuery.recallAt[k][next] = ranks[0] <= k ? 1 : 0;
        let gain = 0;
        for (let j = 0; j < ranks.length && ranks[j] <= k; j++) gain += 1 / Math.log2(ranks[j] + 1);
        perQuery.ndcgAt[k][next] = gain / discounts[Math.min(k, ranks.length)];
      }
      next++;
    }
    progress?.(tile.start + tile.rows, labels.length);
  }
  return {
    metric,
    queries: counted,
    skipped: labels.length - counted,
    candidates: candidates.labels.length - (leaveOneOut ? 1 : 0),
    means: {
      recallAt: means(perQuery.recallAt),
      mapAtR: mean(perQuery.mapAtR),
      rPrecision: mean(perQuery.rPrecision),
      ndcgAt: means(perQuery.ndcgAt),
    },
    perQuery,
  };
}

/** How many queries have a relevant candidate: what {@link retrieval} would count, known from the labels alone. */
export function countQueries(labels: Int32Array, candidates?: Int32Array): number {
  const groups = positions(candidates ?? labels);
  const self = candidates === undefined ? 1 : 0;
  return labels.reduce((count, label) => count + ((groups.get(label)?.length ?? 0) > self ? 1 : 0), 0);
}

function checkSizes(queries: Labelled, candidates: Labelled): void {
  for (const { embeddings, labels } of [queries, candidates]) {
    must(embeddings.rows === labels.length, () => ({
      rule: 'Every embedding needs one label',
      received: `${embeddings.rows} embeddings and ${labels.length} labels`,
      next: 'Pass one label per row',
    }));
  }
  must(queries.embeddings.columns === candidates.embeddings.columns, () => ({
    rule: 'Queries and candidates must come from the same encoder',
    received: `${queries.embeddings.columns} and ${candidates.embeddings.columns} dimensions`,
    next: 'Embed both with one encoder',
  }));
}

function positions(labels: Int32Array): Map<number, Int32Array> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const groups = new Map([...counts].map(([label, count]) => [label, new Int32Array(count)]));
  for (let i = labels.length - 1; i >= 0; i--) {
    const left = (counts.get(labels[i]) as number) - 1;
    counts.set(labels[i], left);
    (groups.get(labels[i]) as Int32Array)[left] = i;
  }
  return groups;
}

/** `[0, 1/log2(2), 1/log2(2) + 1/log2(3), ...]`: the best DCG with that many relevant candidates. */
function cumulativeDiscounts(upTo: number): Float64Array {
  const sums = new Float64Array(upTo + 1);
  for (let i = 1; i <= upTo; i++) sums[i] = sums[i - 1] + 1 / Math.log2(i + 1);
  return sums;
}

function arrays(at: readonly number[], length: number): Record<number, Float64Array> {
  return Object.fromEntries(at.map((k) => [k, new Float64Array(length)]));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function means(values: Readonly<Record<number, Float64Array>>): Record<number, number> {
  return Object.fromEntries(Object.entries(values).map(([k, array]) => [k, mean(array)]));
}
