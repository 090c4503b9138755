import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import type { Node } from '../graph/node.ts';
import { stopGradient } from '../graph/ops/stop-gradient.ts';
import type { Comparison } from './comparison.ts';
import { asDistance, type Measure } from './distance.ts';
import { type Mined, type MinerStage, type NearestChoice, type TripletMiner, tripletMiner } from './miner.ts';
import type { Objective, ObjectiveStage, Rows, Stats } from './objective.ts';
import { minedBy, type OverPairs } from './pair-miner.ts';
import { weighsGroups, withAnchorWeights } from './reducer.ts';
import { type Softmax, softmaxRows } from './softmax.ts';
import { withSurvivors } from './survivors.ts';
import { givenTriplets, type Triplets, tripletsOf } from './triplets.ts';

/** A loss over all that a comparison holds: called with options, it is an objective. */
export interface LossDefinition<Schema extends z.ZodType> {
  (options?: z.input<Schema>): OverPairs;
  readonly definition: 'loss';
  readonly options: Schema;
  readonly breaks: BrokenLaws;
}

/** The laws of losses that one has to break, each with the reason. */
export interface BrokenLaws {
  /** The gradient is that of the value. */
  readonly gradient?: string;
  /** Nothing depends on the order of items in a batch. */
  readonly order?: string;
}

/** Triplets come from a miner, or as they are from relations that are triplets. */
export interface OverTriplets {
  mining(miner: TripletMiner): Objective;
  given(): Objective;
}

/** A loss over triplets: it becomes an objective with a miner that chooses the negatives. */
export interface TripletLossDefinition<Schema extends z.ZodType> {
  (options?: z.input<Schema>): OverTriplets;
  readonly definition: 'triplet-loss';
  readonly options: Schema;
}

export interface TripletMinerDefinition<Schema extends z.ZodType> {
  (options?: z.input<Schema>): TripletMiner;
  readonly definition: 'triplet-miner';
  readonly options: Schema;
  readonly draws: boolean;
}

const listOf = (rows: Rows | readonly Rows[]): readonly Rows[] => (Array.isArray(rows) ? rows : [rows as Rows]);

/**
 * Defines a loss in one file: its name (that of the file), its options, and what it says about each anchor, `rows`.
 *
 * A loss that has to know more than one row at a time gives `stats` as well, sums over anchors of any shape; `rows` then gets
 * those of the whole batch, with their gradient, and `finish` may add what follows from them alone.
 */
export function defineLoss<Schema extends z.ZodType>(parts: {
  readonly name: string;
  readonly options: Schema;
  stats?(comparison: Comparison, options: z.output<Schema>): Stats;
  rows?(comparison: Comparison, options: z.output<Schema>, stats: Stats): Rows | readonly Rows[];
  /** Instead of `rows`, where a softmax over the candidates and the positives are all that it looks at. */
  softmax?(options: z.output<Schema>): Softmax | undefined;
  finish?(stats: Stats, options: z.output<Schema>): Node;
  /** Modalities of items that it looks at beside embeddings, if any. */
  beside?(options: z.output<Schema>): readonly string[];
  readonly breaks?: BrokenLaws;
}): LossDefinition<Schema> {
  const make = (given: unknown = {}): OverPairs => {
    const options = parseOptions(parts.name, parts.options, given);
    const softmax = parts.softmax?.(options);
    const stage: ObjectiveStage = {
      name: parts.name,
      until: 1,
      ...(parts.stats && { stats: (comparison) => parts.stats?.(comparison, options) ?? {} }),
      rows(comparison, stats) {
        const weighed = withAnchorWeights(options, comparison);
        const over = parts.softmax?.(weighed);
        return listOf(over ? softmaxRows(comparison, over) : (parts.rows?.(comparison, weighed, stats) ?? []));
      },
      ...(softmax && !weighsGroups(options) && { softmax }),
      ...(parts.finish && { finish: (stats) => parts.finish?.(stats, options) as Node }),
    };
    const objective: Objective = {
      name: described(parts.name, parts.options, options),
      stages: [stage],
      ...(parts.beside && { beside: parts.beside(options) }),
    };
    return { ...objective, mining: (miner) => minedBy(miner, objective) };
  };
  return Object.assign(make, { definition: 'loss' as const, options: parts.options, breaks: parts.breaks ?? {} });
}

/**
 * Defines a loss over triplets in one file: its name (that of the file), its options, the distance of which its formula speaks, and
 * what it says about the triplets of each anchor. One formula serves those that a miner chose, those that are given, and all
 * of them: see {@link Triplets}. A similarity counts as a distance, with its sign turned; the miner chooses by the same distance.
 */
export function defineTripletLoss<Schema extends z.ZodType>(parts: {
  readonly name: string;
  readonly options: Schema;
  distance(options: z.output<Schema>): Measure;
  /** Given the comparison as well, for what it has to learn. */
  rows(triplets: Triplets, options: z.output<Schema>, comparison: Comparison): Rows | readonly Rows[];
}): TripletLossDefinition<Schema> {
  const make = (given: unknown = {}): OverTriplets => {
    const options = parseOptions(parts.name, parts.options, given);
    const name = described(parts.name, parts.options, options);
    const distance = asDistance(parts.distance(options));
    const rowsOf = (comparison: Comparison, choose: MinerStage['choose']) => {
      const distances = comparison.distances(distance);
      const mined = choose(comparison, stopGradient(distances));
      const triplets = tripletsOf(comparison, distance, mined);
      return withSurvivors(
        listOf(parts.rows(triplets, withAnchorWeights(options, comparison), comparison)),
        comparison,
        mined,
      );
    };
    // Rows that take the comparison too look at more than triplets.
    const measure = parts.rows.length < 3 && !weighsGroups(options) ? distance.byProducts : undefined;
    const rows = (triplets: Triplets) => listOf(parts.rows(triplets, options, undefined as never));
    return {
      mining: (miner: TripletMiner): Objective => ({
        name: `${name}, ${miner.name}`,
        stages: miner.stages.map(({ choose, nearest: choice, ...stage }) => ({
          ...stage,
          rows: (comparison) => rowsOf(comparison, choose),
          ...(choice && measure && { nearest: { choice, measure, rows } }),
        })),
      }),
      given: (): Objective => ({
        name: `${name}, given triplets`,
        stages: [{ name: 'given', until: 1, rows: (comparison) => rowsOf(comparison, givenTriplets) }],
      }),
    };
  };
  return Object.assign(make, { definition: 'triplet-loss' as const, options: parts.options });
}

/** Defines a miner in one file: its name (that of the file), its options, and how it chooses. */
export function defineTripletMiner<Schema extends z.ZodType>(parts: {
  readonly name: string;
  readonly options: Schema;
  choose(comparison: Comparison, distances: Node, options: z.output<Schema>): Mined;
  /** The same choice in words, where it is one of the nearest. */
  readonly nearest?: NearestChoice;
  /** Whether it draws: then what is chosen depends on where items stand in the batch. */
  readonly draws?: true;
}): TripletMinerDefinition<Schema> {
  const make = (given: unknown = {}): TripletMiner => {
    const options = parseOptions(parts.name, parts.options, given);
    const choose: MinerStage['choose'] = (comparison, distances) => parts.choose(comparison, distances, options);
    return tripletMiner(parts.name, choose, parts.nearest);
  };
  return Object.assign(make, {
    definition: 'triplet-miner' as const,
    options: parts.options,
    draws: parts.draws ?? false,
  });
}

/** `triplet (margin 0.2)`: its numbers, and of words, switches and the like those that are not as usual. */
function described(name: string, schema: z.ZodType, options: unknown): string {
  const usual = schema.safeParse({}).data as Record<string, unknown> | undefined;
  const values = Object.entries(options as object).flatMap(([key, value]) => {
    const shown = typeof value === 'object' ? JSON.stringify(value) : `${value}`;
    return typeof value === 'number' || !isDeepStrictEqual(value, usual?.[key]) ? [`${key} ${shown}`] : [];
  });
  return values.length === 0 ? name : `${name} (${values.join(', ')})`;
}
