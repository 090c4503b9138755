import { matrix, row } from '../../core/matrix.ts';
import { inverseOf } from '../inverse.ts';
import type { Recommender } from './measure.ts';

/** EASE inverts a matrix of this size at most. */
export const MOST_FOR_EASE = 3000;

/** The size of the matrix that it inverts: how many people there are, or items that they have seen, whichever is less. */
export const sizeOfEase = (histories: readonly Int32Array[]): number =>
  Math.min(histories.length, seenBy(histories).size);

const seenBy = (histories: readonly Int32Array[]): Set<number> => {
  const seen = new Set<number>();
  for (const own of histories) for (const item of own) seen.add(item);
  return seen;
};

/**
 * EASE: the linear model of items by each other that reproduces the histories best, `min |X - X B|^2 + lambda |B|^2` with `diag(B) = 0`, in closed form:
 * with `P = (X^T X + lambda I)^-1`, `B_ij = -P_ij / P_jj`. A person `x` who has not seen `j` gets `(x B)_j = -(x P)_j / P_jj`.
 *
 * Where there are fewer people than items their matrix is inverted instead: `P = (I - X^T K X) / lambda` with `K = (X X^T + lambda I)^-1`, which gives
 * the same. Scores of what was seen mean nothing. Float64.
 *
 * Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019).
 *
 * @param histories items of each person, each once: `X` is 1 there and 0 elsewhere
 */
export function byEase(histories: readonly Int32Array[], items: number, lambda: number): Recommender {
  const solve =
    histories.length < seenBy(histories).size
      ? amongPeople(histories, items, lambda)
      : amongItems(histories, items, lambda);
  return async (people, candidates) => {
    const scores = matrix(people.length, candidates.length);
    people.forEach((history, i) => {
      const own = solve(history);
      row(scores, i).set(Float32Array.from(candidates, (item) => own[item]));
    });
    return scores;
  };
}

type Scores = (history: Int32Array) => Float64Array;

function amongItems(histories: readonly Int32Array[], items: number, lambda: number): Scores {
  // An item that nobody has seen is like none: its row and column of B are 0.
  const seenOnes = Int32Array.from(seenBy(histories));
  const n = seenOnes.length;
  const places = new Int32Array(items).fill(-1);
  seenOnes.forEach((item, place) => {
    places[item] = place;
  });
  const gram = new Float64Array(n * n);
  for (const own of histories) for (const a of own) for (const b of own) gram[places[a] * n + places[b]]++;
  for (let i = 0; i < n; i++) gram[i * n + i] += lambda;
  const p = inverseOf(gram, n);
  return (history) => {
    const sums = new Float64Array(n);
    for (const seen of history) {
      const at = places[seen];
      if (at >= 0) for (let j = 0; j < n; j++) sums[j] -= p[at * n + j];
    }
    return Float64Array.from(places, (j) => (j < 0 ? 0 : sums[j] / p[j * n + j]));
  };
}

function amongPeople(histories: readonly Int32Array[], items: number, lambda: number): Scores {
  const n = histories.length;
  const fans: number[][] = Array.from({ length: items }, () => []);
  histories.forEach((own, person) => {
    for (const item of own) fans[item].push(person);
  });
  const shared = new Float64Array(n * n);
  for (const own of fans) for (const a of own) for (const b of own) shared[a * n + b]++;
  for (let i = 0; i < n; i++) shared[i * n + i] += lambda;
  const k = inverseOf(shared, n);
  // lambda P_jj = 1 - x_j^T K x_j, where x_j are the people of item j.
  const diagonal = Float64Array.from(fans, (own) => {
    let sum = 0;
    for (const a of own) for (const b of own) sum += k[a * n + b];
    return 1 - sum;
  });
  return (history) => {
    const alike = new Float64Array(n);
    for (const seen of history) for (const person of fans[seen]) alike[person]++;
    const weights = new Float64Array(n);
    for (let a = 0; a < n; a++) {
      if (alike[a] === 0) continue;
      for (let b = 0; b < n; b++) weights[b] += alike[a] * k[a * n + b];
    }
    const scores = new Float64Array(items);
    histories.forEach((own, person) => {
      for (const item of own) scores[item] += weights[person];
    });
    return scores.map((score, j) => score / diagonal[j]);
  };
}
