import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { and } from '../graph/ops/and.ts';
import { cast } from '../graph/ops/cast.ts';
import { scalar } from '../graph/ops/constant.ts';
import { greater } from '../graph/ops/greater.ts';
import { mul } from '../graph/ops/mul.ts';
import { relu } from '../graph/ops/relu.ts';
import { stopGradient } from '../graph/ops/stop-gradient.ts';
import { sub } from '../graph/ops/sub.ts';
import { sum } from '../graph/ops/sum.ts';
import { takeAlong } from '../graph/ops/take-along.ts';
import type { Comparison } from '../objective/comparison.ts';
import { squaredEuclidean } from '../objective/distance.ts';
import type { TripletMiner } from '../objective/miner.ts';
import type { Objective, Rows } from '../objective/objective.ts';

export const options = z.strictObject({
  margin: z.number().positive().default(0.2).describe('how much farther a negative must be than the positive'),
});

/**
 * Triplet loss: `max(0, |a - p|^2 - |a - n|^2 + margin)`, for every anchor-positive pair with the negative that the miner
 * chooses; the mean over the triplets above zero.
 *
 * On the unit sphere squared distances are 0 to 4. Anchors without a positive or a negative have no term; without any
 * triplet above zero the loss is 0.
 *
 * Schroff, Kalenichenko, Philbin: FaceNet (2015), equation 3.
 */
export function triplet(given: z.input<typeof options> = {}) {
  const { margin } = parseOptions('triplet', options, given);
  return {
    mining: (miner: TripletMiner): Objective => ({
      name: `triplet (margin ${margin}, ${miner.name})`,
      stages: miner.stages.map(({ name, until, choose }) => ({
        name,
        until,
        rows(comparison) {
          const distances = comparison.distances(squaredEuclidean);
          const { negatives, valid } = choose(comparison, stopGradient(distances));
          return hinges(comparison, distances, negatives, valid, margin);
        },
      })),
    }),
  };
}

function hinges({ positives }: Comparison, distances: Node, negatives: Node, valid: Node, margin: number): Rows {
  const gap = sub(takeAlong(distances, positives, 1), takeAlong(distances, negatives, 1));
  const counted = cast(valid, 'float32');
  const terms = mul(relu(add(gap, scalar(margin))), counted);
  const active = sum(cast(and(valid, greater(terms, scalar(0))), 'float32'), [1]);
  return {
    total: sum(terms, [1]),
    count: active,
    shares: { active: { over: sum(active), of: sum(counted) } },
  };
}
