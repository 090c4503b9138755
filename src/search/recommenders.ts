import { type Matrix, matrix, row, takeRows } from '../core/matrix.ts';
import { product } from '../evaluation/product.ts';
import type { Recommender } from '../evaluation/recommendation/measure.ts';
import { profile, scoresByPeople } from './recommend.ts';

export interface ByHistory {
  /** Only the last so many items count; all unless given. */
  readonly recent?: number;
  readonly decay?: number;
}

/** Recommends what `kindred recommend` does: by the mean cosine to the history. `vectors` have length 1. */
export function byItems(vectors: Matrix, { recent, decay = 1 }: ByHistory = {}): Recommender {
  return async (histories, candidates) =>
    product(
      profilesOf(vectors, histories, { decay, ...(recent !== undefined && { recent }) }),
      takeRows(vectors, candidates),
    );
}

/** The same with people of similar taste: `liked` is what each of them took. What none of those asked liked is not recommended. */
export function byPeople(
  vectors: Matrix,
  {
    liked,
    profiles,
    people,
  }: { readonly liked: readonly Int32Array[]; readonly profiles: Matrix; readonly people: number },
): Recommender {
  return async (histories, candidates) => {
    const scores = matrix(histories.length, candidates.length);
    histories.forEach((history, i) => {
      const found = scoresByPeople(profile(vectors, history), vectors.rows, { people, profiles, liked });
      row(scores, i).set(
        Float32Array.from(candidates, (item) => (found[item] > 0 ? found[item] : Number.NEGATIVE_INFINITY)),
      );
    });
    return scores;
  };
}

/** What each person is: a row for each history, which is not empty. */
export function profilesOf(
  vectors: Matrix,
  histories: readonly ArrayLike<number>[],
  { recent, decay = 1 }: ByHistory = {},
): Matrix {
  const profiles = matrix(histories.length, vectors.columns);
  histories.forEach((history, i) => {
    row(profiles, i).set(profile(vectors, latest(history, recent), decay));
  });
  return profiles;
}

/** The last so many of a history; all of it unless given. */
export const latest = (history: ArrayLike<number>, recent = history.length): number[] =>
  Array.from(history).slice(Math.max(0, history.length - recent));
