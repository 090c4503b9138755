import { z } from 'zod';
import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { constant, scalar } from '../graph/ops/constant.ts';
import { div } from '../graph/ops/div.ts';
import { exp } from '../graph/ops/exp.ts';
import { greater } from '../graph/ops/greater.ts';
import { log } from '../graph/ops/log.ts';
import { maximum } from '../graph/ops/maximum.ts';
import { mul } from '../graph/ops/mul.ts';
import { neg } from '../graph/ops/neg.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { sigmoid } from '../graph/ops/sigmoid.ts';
import { softplus } from '../graph/ops/softplus.ts';
import { sub } from '../graph/ops/sub.ts';
import { sum } from '../graph/ops/sum.ts';
import { takeAlong } from '../graph/ops/take-along.ts';
import { topK } from '../graph/ops/top-k.ts';
import { where } from '../graph/ops/where.ts';
import { sizeOf } from '../graph/shape.ts';
import type { Rows } from './objective.ts';
import type { RankedLists } from './ranking.ts';

// What losses over ranked lists are made of. `Q` lists with room for `L` items.

/** Stands for the score of a place that is not filled: below all others, and its exponential is 0. */
const LOWEST = -1e30;

/** Room for items in each list: `L`. */
export const roomOf = ({ scores }: RankedLists): number => sizeOf(scores.shape.slice(1));

/** `[Q, L]`: scores, and {@link LOWEST} where there is no item. */
export const filledScores = ({ scores, filled }: RankedLists): Node => where(filled, scores, scalar(LOWEST));

/** `[Q, L]`: values, and 0 where there is no item. */
export const orZero = ({ filled }: RankedLists, values: Node): Node => where(filled, values, scalar(0));

/** `[Q, L]`, int64: places by falling `values`; of equals the first one first. No gradient. */
export const falling = (values: Node): Node => topK(values, sizeOf(values.shape.slice(1)), { axis: 1 }).indices;

/** `[Q, L, L]`: for each two items of a list `values` of the first less those of the second. */
export function differences(values: Node): Node {
  const [lists, room] = values.shape;
  return sub(reshape(values, [lists, room, 1]), reshape(values, [lists, 1, room]));
}

export const flipOption = z
  .number()
  .min(0)
  .lt(0.5)
  .default(0)
  .describe('share of the judgements that are the wrong way round');

/**
 * `-log P` that the first is preferred to the second, by the margin of its score: `P = (1 - 2e) / (1 + e^-margin) + e`, of which a share `e` of
 * the judgements is the wrong way round.
 */
export const surprise = (margin: Node, flip: number): Node =>
  flip === 0 ? softplus(neg(margin)) : neg(log(add(mul(sigmoid(margin), scalar(1 - 2 * flip)), scalar(flip))));

/** One row for each place: `[1, L]`. */
export const perPlace = (room: number, value: (place: number) => number): Node =>
  constant(
    Float64Array.from({ length: room }, (_, place) => value(place)),
    [1, room],
  );

/** One value for each two places: `[1, L, L]`. */
export const betweenPlaces = (room: number, value: (i: number, j: number) => number): Node =>
  constant(
    Float64Array.from({ length: room * room }, (_, at) => value(Math.floor(at / room), at % room)),
    [1, room, room],
  );

/** `1 / log2(1 + rank)` for ranks from 1, `[1, L]`; 0 after rank k. */
export const discounts = (room: number, k = room): Node =>
  perPlace(room, (place) => (place < k ? 1 / Math.log2(place + 2) : 0));

/** The gain of a grade: itself, or `2^grade - 1`. */
export const gainOption = z
  .enum(['linear', 'exponential'])
  .default('exponential')
  .describe('the gain of a grade: the grade, or 2^grade - 1');

export const truncationOption = z
  .int()
  .positive()
  .optional()
  .describe('only the first k ranks count; all of them where left out');

export const gainsOf = (grades: Node, gain: 'linear' | 'exponential'): Node =>
  gain === 'linear' ? grades : sub(exp(mul(grades, scalar(Math.LN2))), scalar(1));

/** `[Q, 1]`: the largest DCG that a list can have, and 1 where it is 0, so that gains can be divided by it. */
export function idealGain(gains: Node, k?: number): Node {
  const best = sum(mul(takeAlong(gains, falling(gains), 1), discounts(sizeOf(gains.shape.slice(1)), k)), [1], {
    keep: true,
  });
  return positiveOrOne(best);
}

/** `[Q, L]`: `values` over their sum in each list; all 0 where that is 0. */
export function shares(values: Node): Node {
  return div(values, positiveOrOne(sum(values, [1], { keep: true })));
}

/** One term for each list that has an item: the mean over lists. */
export const perList = ({ filled }: RankedLists, total: Node): Rows => ({
  total,
  count: cast(greater(sum(cast(filled, 'float32'), [1]), scalar(0)), 'float32'),
});

/** One term for each list in which something is relevant: the mean over these. */
export const perRelevantList = (gains: Node, total: Node): Rows => ({
  total,
  count: cast(greater(sum(gains, [1]), scalar(0)), 'float32'),
});

/** Terms of pairs `[Q, L, L]`, and which of them count: the mean over pairs. */
export function perPair(terms: Node, counts: Node): Rows {
  const counted = greater(counts, scalar(0));
  return { total: sum(where(counted, terms, scalar(0)), [1, 2]), count: sum(cast(counted, 'float32'), [1, 2]) };
}

/** `[Q, L, 1]`: what each item weighs as the better one of a pair, or nothing where all weigh the same. */
export function weightsOfFirst({ weights }: RankedLists): Node | undefined {
  return weights && reshape(weights, [...weights.shape, 1]);
}

/** What is divided by: 1 instead of 0. */
export const positiveOrOne = (values: Node): Node => where(greater(values, scalar(0)), values, scalar(1));

/** At least a little, for what is divided by or taken the logarithm of. */
export const atLeast = (values: Node, least: number): Node => maximum(values, scalar(least));
