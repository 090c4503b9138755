import { z } from 'zod';
import { and } from '../graph/ops/and.ts';
import { argMin } from '../graph/ops/arg-min.ts';
import { greater } from '../graph/ops/greater.ts';
import { neg } from '../graph/ops/neg.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { takeAlong } from '../graph/ops/take-along.ts';
import { where } from '../graph/ops/where.ts';
import { defineTripletMiner } from '../objective/define.ts';
import { FAR } from './one-negative.ts';

/**
 * The nearest negative that is farther than the positive: `argmin over n of d(a, n), d(a, n) > d(a, p)`, for every anchor
 * and positive. A positive that every negative is nearer than has no triplet.
 *
 * Schroff, Kalenichenko, Philbin: FaceNet (2015), equation 4. That the negative lies inside the margin needs no check:
 * outside, the hinge is 0.
 */
export const semiHard = defineTripletMiner({
  name: 'semi-hard',
  options: z.strictObject({}),
  choose: ({ positives, filled, different }, distances) => {
    const [anchors, candidates] = distances.shape;
    const places = positives.shape[1];
    const toPositive = takeAlong(distances, positives, 1);
    // What is not different can never be farther than a positive: one comparison settles both conditions.
    const allowed = reshape(where(different, distances, neg(FAR)), [anchors, 1, candidates]);
    const farther = greater(allowed, reshape(toPositive, [anchors, places, 1]));
    const negatives = argMin(where(farther, reshape(distances, [anchors, 1, candidates]), FAR), 2);
    const found = and(greater(takeAlong(distances, negatives, 1), toPositive), takeAlong(different, negatives, 1));
    return { negatives, valid: and(filled, found) };
  },
});
