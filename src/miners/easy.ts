import { argMax } from '../graph/ops/arg-max.ts';
import { neg } from '../graph/ops/neg.ts';
import { where } from '../graph/ops/where.ts';
import { type TripletMiner, tripletMiner } from '../objective/miner.ts';
import { FAR, forEachPositive } from './one-negative.ts';

/** The easiest negative: the farthest candidate that is different, for every anchor and positive. A gentle start. */
export const easy = (): TripletMiner =>
  tripletMiner('easy', (comparison, distances) =>
    forEachPositive(comparison, argMax(where(comparison.different, distances, neg(FAR)), 1)),
  );
