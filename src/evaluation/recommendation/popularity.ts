import { matrix, row } from '../../core/matrix.ts';
import type { Recommender } from './measure.ts';

/** How many of these people had to do with each item. */
export function popularityOf(histories: readonly Int32Array[], items: number): Float64Array {
  const counts = new Float64Array(items);
  for (const own of histories) for (const item of own) counts[item]++;
  return counts;
}

/** What most people had to do with, the same for everybody. */
export const byPopularity =
  (counts: Float64Array): Recommender =>
  async (histories, candidates) => {
    const scores = matrix(histories.length, candidates.length);
    const own = Float32Array.from(candidates, (item) => counts[item]);
    for (let i = 0; i < scores.rows; i++) row(scores, i).set(own);
    return scores;
  };
