import type { Random } from '../core/random.ts';
import type { PeoplePairs } from './identity-pairs.ts';

/** Pairs in folds: as many same as different ones in each, for accuracy. */
export interface FoldedPairs {
  /** Positions of pairs. */
  readonly folds: readonly Int32Array[];
}

/**
 * Folds of pairs such that no person is in two of them: people are shuffled and dealt out, and pairs across folds are left out. Each fold
 * has as many different as same pairs, drawn where there are more of a kind, so that accuracy has chance 0.5.
 *
 * Ten folds, or as many as there are two people with pairs for; fewer than two folds are none.
 */
export function foldsOfPeople(pairs: PeoplePairs, random: Random, most = 1000): FoldedPairs {
  const { people, same, first, second } = pairs;
  const several = new Set(first.filter((_, i) => same[i] === 1));
  const count = Math.min(10, Math.floor(several.size / 2));
  if (count < 2) return { folds: [] };
  const order = [
    ...random.shuffle([...several]),
    ...Array.from({ length: people }, (_, i) => i).filter((i) => !several.has(i)),
  ];
  const foldOf = new Int32Array(people);
  for (const [place, person] of order.entries()) foldOf[person] = place % count;
  const kinds = Array.from({ length: count }, (): [number[], number[]] => [[], []]);
  for (let i = 0; i < same.length; i++) {
    if (foldOf[first[i]] === foldOf[second[i]]) kinds[foldOf[first[i]]][same[i]].push(i);
  }
  const folds = kinds.map(([unlike, alike]) => {
    const size = Math.min(alike.length, unlike.length, most);
    return Int32Array.from([alike, unlike].flatMap((each) => random.shuffle(each).slice(0, size)));
  });
  return { folds: folds.filter(({ length }) => length > 0) };
}

/**
 * The share of each fold that is judged right by the threshold that is right for most pairs of the other folds (Huang et al.: Labeled Faces
 * in the Wild, 2007). The value is the mean over folds, and its standard error `s / sqrt(folds)`.
 */
export function accuracyOverFolds(
  distances: Float64Array,
  same: Uint8Array,
  { folds }: FoldedPairs,
): { readonly value: number; readonly standardError: number; readonly folds: number } {
  const shares = folds.map((fold, at) => {
    const others = Int32Array.from(folds.flatMap((each, i) => (i === at ? [] : [...each])));
    const threshold = bestOf(others, distances, same);
    const right = fold.filter((i) => Number(distances[i] <= threshold) === same[i]).length;
    return right / fold.length;
  });
  const value = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - value) ** 2, 0) / (shares.length - 1);
  return { value, standardError: Math.sqrt(variance / shares.length), folds: shares.length };
}

/** Halfway to the next distance, the smallest of several that are right for most. */
function bestOf(pairs: Int32Array, distances: Float64Array, same: Uint8Array): number {
  const order = pairs.slice().sort((i, j) => distances[i] - distances[j]);
  let [right, most, threshold] = [0, 0, distances[order[0]] - 1];
  for (const [k, i] of order.entries()) {
    right += same[i] === 1 ? 1 : -1;
    const next = distances[order[k + 1]];
    if (right > most && next !== distances[i]) {
      most = right;
      threshold = next === undefined ? distances[i] : (distances[i] + next) / 2;
    }
  }
  return threshold;
}
