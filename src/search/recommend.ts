import { must } from '../core/error.ts';
import { type Matrix, matrix, row, toUnitLength } from '../core/matrix.ts';
import { dot } from './exact.ts';

/** The rows of embeddings, each scaled to length 1; a row of zeros stays. */
export function unitRows(embeddings: Matrix): Matrix {
  const scaled = matrix(embeddings.rows, embeddings.columns, embeddings.data.slice());
  for (let i = 0; i < scaled.rows; i++) toUnitLength(row(scaled, i));
  return scaled;
}

/**
 * What a person is, from what they have seen: the mean of the unit vectors of these items, the oldest first, each weighing `decay` times the
 * one after it. The product with the unit vector of an item is then its mean cosine to what was seen.
 *
 * @param vectors rows of length 1
 * @throws KindredError for an empty history
 */
export function profile(vectors: Matrix, history: ArrayLike<number>, decay = 1): Float32Array {
  must(history.length > 0, () => ({
    rule: 'Items are recommended by what was seen before',
    received: 'an empty history',
    next: 'Give one item at least; for somebody who has seen nothing, show what is popular',
    exitCode: 2,
  }));
  const sums = new Float64Array(vectors.columns);
  let total = 0;
  for (let place = 0; place < history.length; place++) {
    const weight = decay ** (history.length - 1 - place);
    total += weight;
    const own = row(vectors, history[place]);
    for (let k = 0; k < sums.length; k++) sums[k] += weight * own[k];
  }
  return Float32Array.from(sums, (sum) => sum / total);
}

/** The product of every row with a profile. */
export function scoresBy(vectors: Matrix, by: Float32Array): Float64Array {
  return Float64Array.from({ length: vectors.rows }, (_, i) => dot(row(vectors, i), by));
}

export interface Neighbourly {
  /** How many people are asked. */
  readonly people: number;
  /** Their tastes are those most like this profile; see {@link scoresByPeople}. */
  readonly profiles: Matrix;
  /** What each of them liked. */
  readonly liked: readonly ArrayLike<number>[];
}

/**
 * What people of similar taste liked: of the `people` whose profiles have the largest cosines `c_p` above 0 with this one, an item scores
 * `sum of c_p over those who liked it / sum of c_p`. Where no cosine is above 0, every score is 0.
 */
export function scoresByPeople(
  by: Float32Array,
  items: number,
  { people, profiles, liked }: Neighbourly,
): Float64Array {
  const scores = new Float64Array(items);
  const length = Math.sqrt(dot(by, by)) || 1;
  const near = Array.from({ length: profiles.rows }, (_, person) => {
    const own = row(profiles, person);
    return { person, cosine: dot(own, by) / (length * (Math.sqrt(dot(own, own)) || 1)) };
  })
    .filter(({ cosine }) => cosine > 0)
    .sort((a, b) => b.cosine - a.cosine || a.person - b.person)
    .slice(0, people);
  const total = near.reduce((sum, { cosine }) => sum + cosine, 0);
  for (const { person, cosine } of near) {
    const own = liked[person];
    for (let i = 0; i < own.length; i++) scores[own[i]] += cosine / total;
  }
  return scores;
}

/**
 * The first `k` of the allowed items by score, the earlier position first among equals. With `diversity` each next item is the one with the
 * largest `(1 - diversity) score - diversity * (largest cosine to those chosen before)` (maximal marginal relevance).
 *
 * Carbonell and Goldstein: The Use of MMR, Diversity-Based Reranking (1998).
 *
 * @param vectors rows of length 1
 */
export function choose(
  scores: ArrayLike<number>,
  allowed: (item: number) => boolean,
  { k, diversity = 0, vectors }: { readonly k: number; readonly diversity?: number; readonly vectors: Matrix },
): number[] {
  const order = Array.from({ length: scores.length }, (_, item) => item)
    .filter(allowed)
    .sort((a, b) => scores[b] - scores[a] || a - b);
  if (diversity === 0) return order.slice(0, k);
  const nearest = new Float64Array(scores.length).fill(Number.NEGATIVE_INFINITY);
  const left = new Set(order);
  const chosen: number[] = [];
  while (chosen.length < k && left.size > 0) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const item of left) {
      const likeness = chosen.length === 0 ? 0 : nearest[item];
      const worth = (1 - diversity) * scores[item] - diversity * likeness;
      if (worth > most) [best, most] = [item, worth];
    }
    chosen.push(best);
    left.delete(best);
    for (const item of left) nearest[item] = Math.max(nearest[item], dot(row(vectors, item), row(vectors, best)));
  }
  return chosen;
}
