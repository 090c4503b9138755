import { argMin } from '../graph/ops/arg-min.ts';
import { where } from '../graph/ops/where.ts';
import { type TripletMiner, tripletMiner } from '../objective/miner.ts';
import { FAR, forEachPositive } from './one-negative.ts';

/**
 * The hardest negative: the nearest candidate that is different, for every anchor and positive. From the start of
 * training this tends to collapse all embeddings into one point (Schroff et al. 2015, section 3.2).
 */
export const hard = (): TripletMiner =>
  tripletMiner('hard', (comparison, distances) =>
    forEachPositive(comparison, argMin(where(comparison.different, distances, FAR), 1)),
  );
