import type { Matrix } from '../core/matrix.ts';
import { clusteringQuality, type PrecisionRecall } from '../evaluation/clustering.ts';
import { averageLinkage, cutAtDistance } from './average-linkage.ts';

/** How many thresholds are tried, at most. */
const TRIED = 100;

/** Up to which mean distance groups join, and how good they are then. */
export interface LinkageThreshold {
  readonly threshold: number;
  readonly bCubed: PrecisionRecall;
}

/**
 * The mean cosine distance up to which groups join, chosen on items whose classes are known: of up to 100 thresholds, each halfway between two
 * merges that follow each other and evenly spread over all merges, the one with the largest F1 of B-cubed; the smallest of equal ones.
 *
 * @returns undefined where there is nothing to choose: fewer than two classes, or none with two items
 */
export async function linkageThreshold(items: Matrix, truth: ArrayLike<number>): Promise<LinkageThreshold | undefined> {
  const classes = new Set(Array.from(truth));
  if (classes.size < 2 || classes.size === items.rows) return undefined;
  const merges = await averageLinkage(items, { metric: 'cosine' });
  const count = Math.min(TRIED, merges.length - 1);
  let best: LinkageThreshold | undefined;
  for (let k = 0; k < count; k++) {
    const at = Math.round((k * (merges.length - 2)) / Math.max(1, count - 1));
    const threshold = (merges[at].distance + merges[at + 1].distance) / 2;
    const { bCubed } = clusteringQuality(truth, cutAtDistance(items.rows, merges, threshold));
    if (best === undefined || bCubed.f1 > best.bCubed.f1) best = { threshold, bCubed };
  }
  return best;
}
