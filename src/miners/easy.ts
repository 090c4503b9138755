import { z } from 'zod';
import { argMax } from '../graph/ops/arg-max.ts';
import { neg } from '../graph/ops/neg.ts';
import { where } from '../graph/ops/where.ts';
import { defineTripletMiner } from '../objective/define.ts';
import { FAR, forEachPositive } from './one-negative.ts';

/** The easiest negative: the farthest candidate that is different, for every anchor and positive. A gentle start. */
export const easy = defineTripletMiner({
  name: 'easy',
  options: z.strictObject({}),
  choose: (comparison, distances) =>
    forEachPositive(comparison, argMax(where(comparison.different, distances, neg(FAR)), 1)),
});
