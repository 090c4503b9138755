import { z } from 'zod';
import { cast } from '../graph/ops/cast.ts';
import { scalar } from '../graph/ops/constant.ts';
import { div } from '../graph/ops/div.ts';
import { exp } from '../graph/ops/exp.ts';
import { greater } from '../graph/ops/greater.ts';
import { log } from '../graph/ops/log.ts';
import { max } from '../graph/ops/max.ts';
import { maximum } from '../graph/ops/maximum.ts';
import { or } from '../graph/ops/or.ts';
import { stopGradient } from '../graph/ops/stop-gradient.ts';
import { sub } from '../graph/ops/sub.ts';
import { sum } from '../graph/ops/sum.ts';
import { where } from '../graph/ops/where.ts';
import { defineLoss } from '../objective/define.ts';
import { cosine } from '../objective/distance.ts';

/**
 * Supervised contrastive loss: for each anchor the mean over its positives of
 * `-log( exp(s(a,p) / t) / sum over c of exp(s(a,c) / t) )`, with cosine `s` and `c` every other item that is the same
 * or different; the mean over the anchors that have a positive.
 *
 * Anchors without a positive have no term. Exponentials are shifted by the row's largest, so any temperature is safe.
 *
 * Khosla et al.: Supervised Contrastive Learning (2020), equation 2 (L_out).
 */
export const supCon = defineLoss({
  name: 'supcon',
  options: z.strictObject({
    temperature: z
      .number()
      .positive()
      .default(0.1)
      .describe('divides the cosines; smaller looks harder at the nearest'),
  }),
  rows({ same, different, distances }, { temperature }) {
    // The constant 1 of the distance cancels in the softmax.
    const logits = div(distances(cosine), scalar(-temperature));
    const counted = or(same, different);
    const shift = stopGradient(max(where(counted, logits, scalar(-1e30)), [1], { keep: true }));
    const shifted = sub(logits, shift);
    // Left out before exp, not after: an item's cosine with itself may exceed the largest by so much that exp overflows.
    const mass = sum(exp(where(counted, shifted, scalar(-1e30))), [1], { keep: true });
    const normaliser = log(maximum(mass, scalar(1e-30)));
    const positives = sum(cast(same, 'float32'), [1]);
    const surprise = sum(where(same, sub(normaliser, shifted), scalar(0)), [1]);
    return {
      total: div(surprise, maximum(positives, scalar(1))),
      count: cast(greater(positives, scalar(0)), 'float32'),
    };
  },
});
