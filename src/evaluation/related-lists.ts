/** How long lists of related items are, and how far down what belongs with an item is looked for. */
export const LIST = 60;
export const FAR = 100;

/** How good whole lists of related items are, as those of recommenders are judged: one number, or one for each query. */
export interface RelatedMeasures<T> {
  readonly ndcgAt60: T;
  readonly mapAt60: T;
  /** The share of what belongs with the query that is found; unlike Recall@1 and Recall@10, which ask for one. */
  readonly recallAt100: T;
}

/**
 * AP@k = sum over relevant ranks r <= k of (how many relevant up to r) / r, divided by the smaller of k and R: 1 where all that fits is
 * relevant, or all R come first.
 *
 * @param ranks of the R relevant candidates, from 1, rising; R above 0
 */
export function averagePrecisionAt(ranks: Int32Array, k: number): number {
  let sum = 0;
  for (let j = 0; j < ranks.length && ranks[j] <= k; j++) sum += (j + 1) / ranks[j];
  return sum / Math.min(k, ranks.length);
}

/** The share of the relevant candidates whose rank is k or less. */
export function shareWithin(ranks: Int32Array, k: number): number {
  let found = 0;
  while (found < ranks.length && ranks[found] <= k) found++;
  return found / ranks.length;
}
