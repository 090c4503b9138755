import { z } from 'zod';
import { abs } from '../graph/ops/abs.ts';
import { scalar } from '../graph/ops/constant.ts';
import { mul } from '../graph/ops/mul.ts';
import { differences, flipOption, perPair, surprise, weightsOfFirst } from '../objective/list-parts.ts';
import { defineRankingLoss, gradesOf } from '../objective/ranking.ts';

/**
 * RankNet: `log(1 + e^(-sigma (s_i - s_j)))` for each two items of a list of which the first is to stand above the second; the mean over
 * all such pairs of the batch. Lists in which nothing is above anything have no term.
 *
 * - `weight`: `grade-difference` multiplies each term by `y_i - y_j`.
 * - `flip`: the share e of judgements that are the wrong way round: `-log((1 - 2e) / (1 + e^(-sigma (s_i - s_j))) + e)`. One that is far from
 *   holding then costs `-log e` at most and has no slope.
 *
 * Of preferences, each two items count as often as the first was preferred: the mean is over the pairs. Weights of items multiply the
 * terms of those that are the better ones. With 1 / propensity that takes from clicks the bias of where the better item stood; what was
 * not seen still counts as worse.
 *
 * Burges et al.: Learning to Rank using Gradient Descent (2005), equation 3 with target 1.
 */
export const rankNet = defineRankingLoss({
  name: 'rank-net',
  options: z.strictObject({
    sigma: z.number().positive().default(1).describe('multiplies differences of scores'),
    weight: z.enum(['equal', 'grade-difference']).default('equal').describe('how much each pair counts'),
    flip: flipOption,
  }),
  rows(lists, { sigma, weight, flip }) {
    const terms = mul(lists.above, surprise(mul(differences(lists.scores), scalar(sigma)), flip));
    const weighted = weight === 'equal' ? terms : mul(terms, abs(differences(gradesOf(lists, 'rank-net'))));
    const first = weightsOfFirst(lists);
    return perPair(first ? mul(weighted, first) : weighted, lists.above);
  },
});
