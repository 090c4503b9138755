import { z } from 'zod';
import { mul } from '../graph/ops/mul.ts';
import { sum } from '../graph/ops/sum.ts';
import { differences, flipOption, surprise } from '../objective/list-parts.ts';
import { defineRankingLoss } from '../objective/ranking.ts';

/**
 * The Bradley-Terry model: `P(i preferred to j) = 1 / (1 + e^(s_j - s_i))`; the mean of `-log P` over all judgements, each as often as it
 * was made.
 *
 * - `flip`: the share e of judgements that are the wrong way round: `P' = (1 - 2e) P + e`. One that is far from holding then
 *   costs `-log e` at most and has no slope: it is taken for a mistake. Without flips a term grows without bound.
 *
 * Graded lists count as judgements too: an item of a larger grade is preferred.
 *
 * Bradley, Terry: Rank Analysis of Incomplete Block Designs (1952).
 */
export const bradleyTerry = defineRankingLoss({
  name: 'bradley-terry',
  options: z.strictObject({ flip: flipOption }),
  rows({ scores, above }, { flip }) {
    const terms = surprise(differences(scores), flip);
    return { total: sum(mul(above, terms), [1, 2]), count: sum(above, [1, 2]) };
  },
});
