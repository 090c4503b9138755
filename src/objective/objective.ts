import type { Node } from '../graph/node.ts';
import { scalar } from '../graph/ops/constant.ts';
import { div } from '../graph/ops/div.ts';
import { maximum } from '../graph/ops/maximum.ts';
import { sum } from '../graph/ops/sum.ts';
import type { Comparison } from './comparison.ts';

/**
 * What a loss says about each anchor: the sum of its terms and how many of them count. The loss of a batch is the sum of
 * all totals over the sum of all counts, so tiles of anchors can be added up before dividing.
 */
export interface Rows {
  /** `[A]` */
  readonly total: Node;
  /** `[A]`, without gradient */
  readonly count: Node;
  /** Shares worth watching, each a sum over a sum (`active`: terms above zero over all terms). No gradient. */
  readonly shares?: Readonly<Record<string, { readonly over: Node; readonly of: Node }>>;
}

/** Loss + miner: what is minimised. `stages` lets a curriculum change it in the course of training. */
export interface Objective {
  readonly name: string;
  readonly stages: readonly ObjectiveStage[];
}

export interface ObjectiveStage {
  /** What this stage is called on charts (`easy`, `semi-hard`). */
  readonly name: string;
  /** The share of all steps after which the next stage begins; 1 for the last. */
  readonly until: number;
  rows(comparison: Comparison): Rows;
}

/** The stage in force at a step (counted from 0) out of `steps`. */
export function stageAt(objective: Objective, step: number, steps: number): number {
  const found = objective.stages.findIndex(({ until }) => step < until * steps);
  return found < 0 ? objective.stages.length - 1 : found;
}

/** The mean over the terms that count; 0 when none does. */
export function reduce({ total, count }: Rows): Node {
  return div(sum(total), maximum(sum(count), scalar(1)));
}
