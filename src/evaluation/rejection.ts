import { type Matrix, matrix, takeRows } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import type { Random } from '../core/random.ts';
import { galleryOf, itemsOfPeople, type NearPerson, nearestPeople } from './gallery.ts';

/** How many of the next best people a query is compared with by `near`. */
const NEAR = 10;

/** Whom a query shows, if anybody; the smaller the score, the more likely. */
export interface Best {
  readonly score: number;
  readonly near: NearPerson;
}

/**
 * Scores of a query by the people that are known, the nearest first. `flat` is one cutoff for all queries, at the nearest item. The
 * others depend on what this very query finds. `spread` is the distance to a person's mean in terms of how far the pictures of that person, and of people on
 * average, lie apart; `two` and `three` ask that several pictures of the person are near, by the mean distance to the
 * two or three nearest, since a stranger is close to one picture by chance; the rest ask how far the best stands out of what the query finds in
 * others, for some pictures are close to everybody: `ratio` to the next best, `gap` before it, `all` in standard deviations from all others
 * (as t-norm), and `near` from the ten next best (as adaptive s-norm).
 */
export const rejectionScores = {
  flat: (people: readonly NearPerson[]) => nearestBy(people, 1),
  spread: (people: readonly NearPerson[]) => leastBy(people, ({ relative }) => relative),
  two: (people: readonly NearPerson[]) => nearestBy(people, 2),
  three: (people: readonly NearPerson[]) => nearestBy(people, 3),
  ratio: (people: readonly NearPerson[]) => firstBy(people, (d) => (d[1] > 0 ? d[0] / d[1] : 1)),
  gap: (people: readonly NearPerson[]) => firstBy(people, (d) => d[0] - d[1]),
  all: (people: readonly NearPerson[]) => firstBy(people, (d) => standing(d, d.length)),
  near: (people: readonly NearPerson[]) => firstBy(people, (d) => standing(d, NEAR + 1)),
} as const;

export type RejectionScore = keyof typeof rejectionScores;
export const perQueryScores = [
  'spread',
  'two',
  'three',
  'ratio',
  'gap',
  'all',
  'near',
] as const satisfies readonly RejectionScore[];

/** Below so many people a query has no others to be compared with. */
export const leastKnown = 3;

function leastBy(people: readonly NearPerson[], score: (near: NearPerson) => number): Best {
  const scored = people.map((near) => ({ near, score: score(near) }));
  return scored.reduce((best, each) => (each.score < best.score ? each : best));
}

/** The person with the smallest mean distance to so many of its items, or to all where it has fewer. */
const nearestBy = (people: readonly NearPerson[], items: number): Best =>
  leastBy(people, ({ distances }) => {
    const few = distances.slice(0, items);
    return few.reduce((sum, value) => sum + value, 0) / few.length;
  });

const firstBy = (people: readonly NearPerson[], score: (distances: readonly number[]) => number): Best => ({
  near: people[0],
  score: score(people.map(({ distances }) => distances[0])),
});

function standing(d: readonly number[], end: number): number {
  const others = d.slice(1, end);
  const mean = others.reduce((sum, value) => sum + value, 0) / others.length;
  const variance = others.reduce((sum, value) => sum + (value - mean) ** 2, 0) / others.length;
  return (d[0] - mean) / Math.sqrt(variance + 1e-12);
}

/** What each score says of a query. */
export type Scored = Readonly<Record<RejectionScore, number>>;

/** Queries of people who are in a gallery and of people who are not. */
export interface OpenSet {
  readonly known: readonly Scored[];
  readonly unknown: readonly Scored[];
}

/**
 * Half of the people are known: half of the items of each are the gallery, and the others are queries, as are all items of the people who are not
 * known. People are dealt out anew `draws` times. At most `most` items of each person are taken.
 *
 * @param options.others people who are known in every draw and never asked for: the more are known, the closer comes the nearest to a stranger, so
 *   that a threshold holds for about as many people as it was chosen with
 * @returns undefined where fewer than {@link leastKnown} people would be known, or nobody unknown
 */
export function openSet(
  embeddings: Matrix,
  person: ArrayLike<number>,
  {
    random,
    metric,
    others,
    draws = 4,
    most = 20,
  }: {
    readonly random: Random;
    readonly metric: Metric;
    readonly others?: { readonly embeddings: Matrix; readonly person: ArrayLike<number> };
    readonly draws?: number;
    readonly most?: number;
  },
): OpenSet | undefined {
  const several = [...itemsOfPeople(person, embeddings.rows).values()].filter(({ length }) => length > 1);
  const half = Math.floor(several.length / 2);
  if (half < leastKnown) return undefined;
  const known: Scored[] = [];
  const unknown: Scored[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const own = random.split(draw);
    const dealt = own.shuffle([...several]).map((each) => own.shuffle([...each]).slice(0, most));
    const places = dealt.slice(0, half).flatMap((each) => each.slice(0, each.length >> 1));
    const chosen = takeRows(embeddings, places);
    const items = others === undefined ? chosen : stacked(chosen, others.embeddings);
    const owners = [...places.map((item) => person[item]), ...Array.from(others?.person ?? [])];
    const near = nearestPeople(galleryOf(items, owners, metric), embeddings);
    const ask = (item: number) => scoredBy(near(item));
    for (const each of dealt.slice(0, half)) known.push(...each.slice(each.length >> 1).map(ask));
    for (const each of dealt.slice(half)) unknown.push(...each.map(ask));
  }
  return { known, unknown };
}

function stacked(a: Matrix, b: Matrix): Matrix {
  const both = matrix(a.rows + b.rows, a.columns);
  both.data.set(a.data);
  both.data.set(b.data, a.data.length);
  return both;
}

const scoredBy = (people: readonly NearPerson[]) =>
  Object.fromEntries(
    Object.entries(rejectionScores).map(([name, of]) => [name, of(people).score]),
  ) as unknown as Scored;

/** The probability that a known query has a smaller score than an unknown one; a tie counts half. Half is chance. */
export function knownAgainstUnknown({ known, unknown }: OpenSet, score: RejectionScore): number {
  const all = [
    ...known.map((d) => ({ value: d[score], known: true })),
    ...unknown.map((d) => ({ value: d[score], known: false })),
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
  const values = Float64Array.from(unknown, (d) => d[score]).sort();
  const allowed = Math.floor(share * values.length);
  // Halfway to the first that has to be rejected, since equal ones are accepted together.
  let last = allowed - 1;
  while (last >= 0 && values[last] === values[allowed]) last--;
  return last < 0 ? values[0] - 1e-9 : (values[last] + values[last + 1]) / 2;
}

/** The share of queries that is taken for somebody. */
export const acceptedShare = (queries: readonly Scored[], score: RejectionScore, threshold: number): number =>
  queries.filter((d) => d[score] <= threshold).length / queries.length;
