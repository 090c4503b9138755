import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { scoreTiles } from '../onnx/score-tiles.ts';
import { discountedGain } from './discounted-gain.ts';
import { type Judge, judgeByLabels, judgeByLists, positionsByLabel } from './judge.ts';
import { averagePrecisionAt, FAR, LIST, type RelatedMeasures, shareWithin } from './related-lists.ts';
import type { Relevance } from './relevance.ts';
import { RankCounter } from './relevant-ranks.ts';

/** Embeddings `[items, dimension]` and the group of each item. */
export interface Labelled {
  readonly embeddings: Matrix;
  readonly labels: Int32Array;
}

interface ByLabels extends Labelled {
  /** What is searched. Default: the queries themselves, an item never being its own candidate. */
  readonly candidates?: Labelled;
}

interface ByLists {
  readonly embeddings: Matrix;
  /** What belongs with each query. */
  readonly relevance: Relevance;
  /** What is searched, as for labels. */
  readonly candidates?: Matrix;
}

export type RetrievalOptions = (ByLabels | ByLists) & {
  readonly metric: Metric;
  /** The k of Recall@k and NDCG@k. Default 1 and 10. */
  readonly at?: readonly number[];
  /** Also how good whole lists are: `related`. */
  readonly lists?: boolean;
  /** Called after each tile of queries. */
  readonly progress?: (done: number, total: number) => void;
};

/** One number per measure; `recallAt[k]`, `ndcgAt[k]`. All are between 0 and 1, higher is better. */
export interface RetrievalMeasures<T> {
  readonly recallAt: Readonly<Record<number, T>>;
  readonly mapAtR: T;
  readonly rPrecision: T;
  readonly ndcgAt: Readonly<Record<number, T>>;
  /** Where `lists` asks for it. */
  readonly related?: RelatedMeasures<T>;
}

export interface Retrieval {
  readonly measure: 'retrieval';
  readonly metric: Metric;
  /** Queries that were counted. */
  readonly queries: number;
  /** Queries left out, because no candidate belongs to them. */
  readonly skipped: number;
  /** Candidates that each query searched, itself not counted, those counted that a query leaves out. */
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
 * How well nearest neighbours agree with what belongs together, over every query that something belongs with: the
 * candidates of its group, or those that `relevance` lists.
 *
 * With `R` relevant candidates, `rel(i)` = 1 where the candidate at rank `i` is relevant, and `P(i)` the share of relevant
 * candidates among the first `i`:
 *
 * - Recall@k, as metric learning counts it: 1 if at least one of the first `k` is relevant, else 0. (It is not the
 *   share of the relevant candidates that were found.)
 * - MAP@R = 1/R sum over i <= R of P(i) rel(i). (Musgrave, Belongie, Lim, "A Metric Learning Reality Check", 2020.)
 * - R-precision = P(R).
 * - NDCG@k = sum over i <= k of gain(i) / log2(i + 1), divided by the largest such sum. A gain is 1 for what is relevant,
 *   or what `relevance` says.
 *
 * Ties are pessimistic: among equal scores, candidates that are not relevant come first, and then the smaller gains. A
 * query without a relevant candidate is left out and counted in `skipped`. Scores come a tile of queries at a time:
 * memory is `O(tile * candidates)`.
 *
 * @throws KindredError if sizes disagree, if a score is not a number, or if every query would be skipped
 */
export async function retrieval(options: RetrievalOptions): Promise<Retrieval> {
  const { embeddings, metric, progress } = options;
  const leaveOneOut = options.candidates === undefined;
  const { candidates, judge, counted } = 'labels' in options ? byLabels(options) : byLists(options);
  const at = [...new Set([...(options.at ?? [1, 10]), ...(options.lists ? [LIST] : [])])];
  for (const k of at) {
    must(Number.isSafeInteger(k) && k >= 1, () => ({
      rule: 'Recall@k and NDCG@k need a whole k from 1',
      received: String(k),
      next: 'Ask for example for at: [1, 10]',
      exitCode: 2,
    }));
  }

  const perQuery = {
    query: new Int32Array(counted),
    relevant: new Int32Array(counted),
    recallAt: arrays(at, counted),
    mapAtR: new Float64Array(counted),
    rPrecision: new Float64Array(counted),
    ndcgAt: arrays(at, counted),
  };
  const [mapAt60, recallAt100] = [new Float64Array(counted), new Float64Array(counted)];
  const deepest = Math.min(Math.max(0, ...at), candidates.rows);
  const discounted = discountedGain(deepest);
  const counter = new RankCounter();
  let next = 0;
  for await (const tile of scoreTiles(embeddings, candidates, { metric })) {
    for (let i = 0; i < tile.rows; i++) {
      const query = tile.start + i;
      const scores = tile.scores.subarray(i * candidates.rows, (i + 1) * candidates.rows);
      const { relevant, gains, marks, mark, self } = judge(query);
      const { ranks, broken } = counter.count(scores, relevant, marks, mark, self);
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
      const ndcgAt = discounted(ranks, scores, relevant, gains);
      for (const k of at) {
        perQuery.recallAt[k][next] = ranks[0] <= k ? 1 : 0;
        perQuery.ndcgAt[k][next] = ndcgAt(k);
      }
      mapAt60[next] = averagePrecisionAt(ranks, LIST);
      recallAt100[next] = shareWithin(ranks, FAR);
      next++;
    }
    progress?.(tile.start + tile.rows, embeddings.rows);
  }
  const related = options.lists ? { ndcgAt60: perQuery.ndcgAt[LIST], mapAt60, recallAt100 } : undefined;
  return {
    measure: 'retrieval',
    metric,
    queries: counted,
    skipped: embeddings.rows - counted,
    candidates: candidates.rows - (leaveOneOut ? 1 : 0),
    means: {
      recallAt: means(perQuery.recallAt),
      mapAtR: mean(perQuery.mapAtR),
      rPrecision: mean(perQuery.rPrecision),
      ndcgAt: means(perQuery.ndcgAt),
      ...(related && {
        related: {
          ndcgAt60: mean(related.ndcgAt60),
          mapAt60: mean(related.mapAt60),
          recallAt100: mean(related.recallAt100),
        },
      }),
    },
    perQuery: { ...perQuery, ...(related && { related }) },
  };
}

/** How one search is judged: what is searched, by what, and how many queries count. */
interface Search {
  readonly candidates: Matrix;
  readonly judge: Judge;
  readonly counted: number;
}

function byLabels(options: ByLabels): Search {
  const { embeddings, labels } = options;
  const candidates = options.candidates ?? options;
  for (const { embeddings, labels } of [options, candidates]) {
    must(embeddings.rows === labels.length, () => ({
      rule: 'Every embedding needs one label',
      received: `${embeddings.rows} embeddings and ${labels.length} labels`,
      next: 'Pass one label per row',
    }));
  }
  mustBeComparable(embeddings, candidates.embeddings);
  const counted = countQueries(labels, options.candidates?.labels);
  must(counted > 0, () => ({
    rule: 'Retrieval needs at least one query with a candidate of its own group',
    received: `${labels.length} queries and ${candidates.labels.length} candidates without one`,
    next: 'Evaluate on items of which at least two belong to the same group',
  }));
  const judge = judgeByLabels(labels, candidates.labels, options.candidates === undefined);
  return { candidates: candidates.embeddings, judge, counted };
}

function byLists(options: ByLists): Search {
  const { embeddings, relevance, candidates = embeddings } = options;
  must(embeddings.rows === relevance.queries && candidates.rows === relevance.candidates, () => ({
    rule: 'Relevance speaks of as many queries and candidates as there are embeddings',
    received: `${relevance.queries} and ${relevance.candidates}, embeddings of ${embeddings.rows} and ${candidates.rows}`,
    next: 'Pass the relevance of these rows',
  }));
  mustBeComparable(embeddings, candidates);
  const counted = countRelevant(relevance);
  must(counted > 0, () => ({
    rule: 'Retrieval needs at least one query that a candidate belongs with',
    received: `${embeddings.rows} queries and ${candidates.rows} candidates without one`,
    next: 'Evaluate on items of which at least two belong together',
  }));
  return { candidates, judge: judgeByLists(relevance, options.candidates === undefined), counted };
}

/** How many queries have a relevant candidate: what {@link retrieval} would count, known from the labels alone. */
export function countQueries(labels: Int32Array, candidates?: Int32Array): number {
  const groups = positionsByLabel(candidates ?? labels);
  const self = candidates === undefined ? 1 : 0;
  return labels.reduce((count, label) => count + ((groups.get(label)?.length ?? 0) > self ? 1 : 0), 0);
}

/** How many queries of `relevance` have a relevant candidate. */
export function countRelevant(relevance: Relevance): number {
  let counted = 0;
  for (let query = 0; query < relevance.queries; query++) if (relevance.of(query).positions.length > 0) counted++;
  return counted;
}

function mustBeComparable(queries: Matrix, candidates: Matrix): void {
  must(queries.columns === candidates.columns, () => ({
    rule: 'Queries and candidates must come from the same encoder',
    received: `${queries.columns} and ${candidates.columns} dimensions`,
    next: 'Embed both with one encoder',
  }));
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
