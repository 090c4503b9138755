import { z } from 'zod';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { mul } from '../graph/ops/mul.ts';
import { neg } from '../graph/ops/neg.ts';
import { sum } from '../graph/ops/sum.ts';
import { filledScores, gainOption, gainsOf, orZero, perRelevantList, shares } from '../objective/list-parts.ts';
import { defineRankingLoss, gradesOf } from '../objective/ranking.ts';

/**
 * Softmax cross-entropy over a list: `- sum over i of w_i g_i / G * log softmax(s)_i` with gains `g` and weights `w` of items; the mean over
 * the lists in which something is relevant. With one relevant item it is the log-likelihood that this one is chosen, and a bound on
 * its reciprocal rank.
 *
 * - `lists`: `equal` divides by the gains of the list, `G = sum of g`, so that lists count the same; `by-gain` does not, `G = 1`.
 *
 * With weights 1 / propensity, `by-gain` and linear gains, clicks that are biased by where items stood give in expectation what clicks
 * without that bias would (Joachims, Swaminathan, Schnabel 2017).
 *
 * Bruch, Wang, Bendersky, Najork: An Analysis of the Softmax Cross Entropy Loss for Learning-to-Rank (2019), equation 4.
 */
export const listSoftmax = defineRankingLoss({
  name: 'list-softmax',
  options: z.strictObject({
    gain: gainOption.default('linear'),
    lists: z.enum(['equal', 'by-gain']).default('equal').describe('how much each list counts'),
  }),
  rows(lists, { gain, lists: counting }) {
    const gains = orZero(lists, gainsOf(gradesOf(lists, 'list-softmax'), gain));
    const target = counting === 'equal' ? shares(gains) : gains;
    const weighted = lists.weights ? mul(target, lists.weights) : target;
    const terms = mul(weighted, neg(orZero(lists, logSoftmax(filledScores(lists)))));
    return perRelevantList(gains, sum(terms, [1]));
  },
});
