import { existsSync } from 'node:fs';
import { must } from '../core/error.ts';
import type { Retrieval } from '../evaluation/retrieval.ts';
import { readJson, runFiles } from './files.ts';

/** What is measured for each query, as `metrics.json` names it. */
export const qualities = ['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10'] as const;
export type QualityName = (typeof qualities)[number];

/** One value a query and quality; each between 0 and 1. */
export type QueryValues = Readonly<Record<QualityName, readonly number[]>>;

/** `queries.json`: what was measured for each query of the test part, so that runs can be compared query by query. */
export interface Queries {
  readonly version: 1;
  /** The items that were searched for: id and class. Value `i` of every list below belongs to query `i`. */
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** Items that each of them searched. */
  readonly candidates: number;
  readonly run: QueryValues;
  /** Raw pixels, as in `metrics.json`. */
  readonly baseline: QueryValues;
}

/**
 * The queries of two measurements of the same items.
 *
 * @param ids of the test items, `classes` of them
 */
export function queriesOf(
  found: { readonly run: Retrieval; readonly baseline: Retrieval },
  { ids, classes }: { readonly ids: readonly string[]; readonly classes: readonly string[] },
): Queries {
  const { query } = found.run.perQuery;
  return {
    version: 1,
    ids: Array.from(query, (item) => ids[item]),
    classes: Array.from(query, (item) => classes[item]),
    candidates: found.run.candidates,
    run: valuesOf(found.run),
    baseline: valuesOf(found.baseline),
  };
}

const valuesOf = ({ perQuery: { recallAt, mapAtR, ndcgAt } }: Retrieval): QueryValues => ({
  recallAt1: [...recallAt[1]],
  recallAt10: [...recallAt[10]],
  mapAtR: [...mapAtR],
  ndcgAt10: [...ndcgAt[10]],
});

/** What {@link queriesOf} gave for a run. */
export function readQueries(folder: string): Queries {
  const path = runFiles(folder).queries;
  must(existsSync(path), () => ({
    rule: 'A run is compared by what was measured for each query',
    received: `there is no ${path}`,
    next: 'Train it again: its release did not write that file',
  }));
  return readJson<Queries>(path);
}
