import { z } from 'zod';
import { argMin } from '../graph/ops/arg-min.ts';
import { where } from '../graph/ops/where.ts';
import { defineTripletMiner } from '../objective/define.ts';
import { FAR, forEachPositive } from './one-negative.ts';

/**
 * The hardest negative: the nearest candidate that is different, for every anchor and positive. From the start of
 * training this tends to collapse all embeddings into one point (Schroff et al. 2015, section 3.2).
 */
export const hard = defineTripletMiner({
  name: 'hard',
  options: z.strictObject({}),
  choose: (comparison, distances) =>
    forEachPositive(comparison, argMin(where(comparison.different, distances, FAR), 1)),
});
