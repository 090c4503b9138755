import { and } from '../graph/ops/and.ts';
import { cast } from '../graph/ops/cast.ts';
import { constant } from '../graph/ops/constant.ts';
import { equal } from '../graph/ops/equal.ts';
import { greaterEqual } from '../graph/ops/greater-equal.ts';
import { sum } from '../graph/ops/sum.ts';
import type { Comparison } from './comparison.ts';
import type { Mined } from './miner.ts';
import type { Rows } from './objective.ts';

/** The share of the assigned negatives that a miner keeps: `surviving`. */
export const SURVIVING = 'surviving';

/**
 * Rows that also tell which share of the negatives that were assigned the miner chose itself, for the same anchor and positive. Of
 * triplets without a negative none survives. Miners that take every triplet choose none.
 */
export function withSurvivors(rows: readonly Rows[], { assigned }: Comparison, mined: Mined): readonly Rows[] {
  if (assigned === undefined || mined.negatives === 'every' || rows.length === 0) return rows;
  const kept = and(mined.valid, equal(mined.negatives, assigned));
  const share = {
    over: sum(cast(kept, 'float32')),
    of: sum(cast(greaterEqual(assigned, constant([0], [], 'int64')), 'float32')),
  };
  const [first, ...others] = rows;
  return [{ ...first, shares: { ...first.shares, [SURVIVING]: share } }, ...others];
}
