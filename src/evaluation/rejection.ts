import { type Matrix, takeRows } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import type { Random } from '../core/random.ts';
import { distanceBetween } from './distance-between.ts';

/** How many of the next best people a query is compared with by `near`. */
const NEAR = 10;

/**
 * Scores of a query by its distances to the people that are known, the nearest item of each, rising: the smaller, the more likely it is one of
 * them. `flat` is one cutoff for all queries. The others ask how far the best stands out of what this very query finds in others, for
 * some pictures are close to everybody: `ratio` to the next best, `gap` before it, `all` in standard deviations from all others (as z-norm), and
 * `near` from the ten next best (as adaptive s-norm).
 */
export const rejectionScores = {
  flat: (d: Float64Array) => d[0],
  ratio: (d: Float64Array) => (d[1] > 0 ? d[0] / d[1] : 1),
  gap: (d: Float64Array) => d[0] - d[1],
  all: (d: Float64Array) => standing(d, d.length),
  near: (d: Float64Array) => standing(d, NEAR + 1),
} as const;

export type RejectionScore = keyof typeof rejectionScores;
export const perQueryScores = ['ratio', 'gap', 'all', 'near'] as const satisfies readonly RejectionScore[];

/** Below so many people a query has no others to be compared with. */
export const leastKnown = 3;

function standing(d: Float64Array, end: number): number {
  const others = d.subarray(1, end);
  const mean = others.reduce((sum, value) => sum + value, 0) / others.length;
  const variance = others.reduce((sum, value) => sum + (value - mean) ** 2, 0) / others.length;
  return (d[0] - mean) / Math.sqrt(variance + 1e-12);
}

/** The people of a gallery by their nearest item to row `query` of `queries`, the nearest first. */
export function nearestPeople(
  gallery: Matrix,
  person: ArrayLike<number>,
  queries: Matrix,
  query: number,
  metric: Metric,
): { readonly people: number[]; readonly distances: Float64Array; readonly items: number[] } {
  const between = distanceBetween(queries, metric, gallery);
  const best = new Map<number, { readonly distance: number; readonly item: number }>();
  for (let item = 0; item < gallery.rows; item++) {
    const distance = between(query, item);
    const before = best.get(person[item]);
    if (before === undefined || distance < before.distance) best.set(person[item], { distance, item });
  }
  const order = [...best].sort(([, x], [, y]) => x.distance - y.distance || x.item - y.item);
  return {
    people: order.map(([each]) => each),
    distances: Float64Array.from(order, ([, { distance }]) => distance),
    items: order.map(([, { item }]) => item),
  };
}

/** Queries of people who are in a gallery and of people who are not: their distances to the people in it. */
export interface OpenSet {
  readonly known: readonly Float64Array[];
  readonly unknown: readonly Float64Array[];
}

/**
 * Half of the people are known: half of the items of each are the gallery, and the others are queries, as are all items of the people who are not
 * known. People are dealt out anew `draws` times. At most `most` items of each person are taken.
 *
 * @returns undefined where fewer than {@link leastKnown} people would be known, or nobody unknown
 */
export function openSet(
  embeddings: Matrix,
  person: ArrayLike<number>,
  {
    random,
    metric,
    draws = 4,
    most = 20,
  }: { readonly random: Random; readonly metric: Metric; readonly draws?: number; readonly most?: number },
): OpenSet | undefined {
  const items = new Map<number, number[]>();
  for (let i = 0; i < embeddings.rows; i++) items.set(person[i], [...(items.get(person[i]) ?? []), i]);
  const several = [...items.values()].filter(({ length }) => length > 1);
  const half = Math.floor(several.length / 2);
  if (half < leastKnown) return undefined;
  const known: Float64Array[] = [];
  const unknown: Float64Array[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const own = random.split(draw);
    const people = own.shuffle([...several]).map((each) => own.shuffle([...each]).slice(0, most));
    const places = people.slice(0, half).flatMap((each) => each.slice(0, each.length >> 1));
    const gallery = takeRows(embeddings, places);
    const owners = places.map((item) => person[item]);
    const ask = (item: number) => nearestPeople(gallery, owners, embeddings, item, metric).distances;
    for (const each of people.slice(0, half)) known.push(...each.slice(each.length >> 1).map(ask));
    for (const each of people.slice(half)) unknown.push(...each.map(ask));
  }
  return { known, unknown };
}

/** The probability that a known query has a smaller score than an unknown one; a tie counts half. Half is chance. */
export function knownAgainstUnknown({ known, unknown }: OpenSet, score: RejectionScore): number {
  const all = [
    ...known.map((d) => ({ value: rejectionScores[score](d), known: true })),
    ...unknown.map((d) => ({ value: rejectionScores[score](d), known: false })),
  ];
  all.sort((x, y) => x.value - y.value);
  let [before, wins] = [0, 0];
  for (let i = 0; i < all.length; ) {
    let [here, others] = [0, 0];
    const { value } = all[i];
    for (; i < all.length && all[i].value === value; i++) {
      if (all[i].known) here++;
      else others++;
    }
    wins += others * (before + here / 2);
    before += here;
  }
  return wins / known.length / unknown.length;
}

/** The largest score at which no more than this share of the unknown queries is taken for somebody. */
export function rejectionThreshold({ unknown }: OpenSet, score: RejectionScore, share: number): number {
  const values = Float64Array.from(unknown, rejectionScores[score]).sort();
  const allowed = Math.floor(share * values.length);
  // Halfway to the first that has to be rejected, since equal ones are accepted together.
  let last = allowed - 1;
  while (last >= 0 && values[last] === values[allowed]) last--;
  return last < 0 ? values[0] - 1e-9 : (values[last] + values[last + 1]) / 2;
}

/** The share of queries that is taken for somebody. */
export const acceptedShare = (queries: readonly Float64Array[], score: RejectionScore, threshold: number): number =>
  queries.filter((d) => rejectionScores[score](d) <= threshold).length / queries.length;
