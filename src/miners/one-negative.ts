import type { Node } from '../graph/node.ts';
import { and } from '../graph/ops/and.ts';
import { broadcastTo } from '../graph/ops/broadcast-to.ts';
import { scalar } from '../graph/ops/constant.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { takeAlong } from '../graph/ops/take-along.ts';
import type { Comparison } from '../objective/comparison.ts';
import type { MinedNegatives } from '../objective/miner.ts';

/** Farther than any distance. */
export const FAR = scalar(1e30);

/** One negative for an anchor, `[A]`, whatever the positive. An anchor without anything different has no triplet. */
export function forEachPositive({ positives, filled, different }: Comparison, chosen: Node): MinedNegatives {
  const negatives = broadcastTo(reshape(chosen, [chosen.shape[0], 1]), positives.shape);
  return { negatives, valid: and(filled, takeAlong(different, negatives, 1)) };
}
