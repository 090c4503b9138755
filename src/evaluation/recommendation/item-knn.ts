import { matrix, row } from '../../core/matrix.ts';
import type { Recommender } from './measure.ts';

/** Of a longer history the last so many items make pairs. */
const LONGEST = 1000;

/** The neighbours of each item, the nearest first: `of[offsets[i]]` to `of[offsets[i + 1] - 1]`. */
export interface ItemNeighbours {
  readonly offsets: Int32Array;
  readonly of: Int32Array;
  readonly likeness: Float64Array;
}

/**
 * The `most` items that are most like each item by who had to do with them: `n_ij / (sqrt(n_i n_j) + shrinkage)`, with `n_ij` people who had to
 * do with both. The shrinkage draws what few people say towards 0. Items without a common person are no neighbours; among equals the lower position
 * comes first.
 *
 * Deshpande and Karypis, "Item-based top-N recommendation algorithms" (2004); with the shrinkage of Bell and Koren, "Improved
 * neighborhood-based collaborative filtering" (2007).
 *
 * @param histories items of each person, each once
 */
export function itemNeighbours(
  histories: readonly Int32Array[],
  items: number,
  { most, shrinkage }: { readonly most: number; readonly shrinkage: number },
): ItemNeighbours {
  const fans: number[][] = Array.from({ length: items }, () => []);
  const counted = histories.map((own) => own.slice(-LONGEST));
  counted.forEach((own, person) => {
    for (const item of own) fans[item].push(person);
  });
  const offsets = new Int32Array(items + 1);
  const [of, likeness]: [number[], number[]] = [[], []];
  const both = new Int32Array(items);
  for (let item = 0; item < items; item++) {
    const others: number[] = [];
    for (const person of fans[item]) {
      for (const other of counted[person]) if (both[other]++ === 0) others.push(other);
    }
    const near = others
      .filter((other) => other !== item)
      .map((other) => ({
        other,
        like: both[other] / (Math.sqrt(fans[item].length * fans[other].length) + shrinkage),
      }))
      .sort((a, b) => b.like - a.like || a.other - b.other)
      .slice(0, most);
    for (const other of others) both[other] = 0;
    for (const { other, like } of near) {
      of.push(other);
      likeness.push(like);
    }
    offsets[item + 1] = of.length;
  }
  return { offsets, of: Int32Array.from(of), likeness: Float64Array.from(likeness) };
}

/**
 * An item scores the sum of its likeness to what was seen, over its `most` nearest neighbours; what has none of them among what was seen is not
 * recommended.
 */
export function byItemNeighbours({ offsets, of, likeness }: ItemNeighbours, most: number): Recommender {
  // By what was seen: the items that have it among their neighbours.
  const fits = new Map<number, { readonly item: number; readonly like: number }[]>();
  for (let item = 0; item + 1 < offsets.length; item++) {
    for (let at = offsets[item]; at < Math.min(offsets[item + 1], offsets[item] + most); at++) {
      const list = fits.get(of[at]);
      const entry = { item, like: likeness[at] };
      if (list === undefined) fits.set(of[at], [entry]);
      else list.push(entry);
    }
  }
  return async (histories, candidates) => {
    const scores = matrix(histories.length, candidates.length);
    const sums = new Float64Array(offsets.length - 1);
    histories.forEach((history, i) => {
      sums.fill(0);
      for (const seen of history) for (const { item, like } of fits.get(seen) ?? []) sums[item] += like;
      row(scores, i).set(
        Float32Array.from(candidates, (item) => (sums[item] > 0 ? sums[item] : Number.NEGATIVE_INFINITY)),
      );
    });
    return scores;
  };
}
