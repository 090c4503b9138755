import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { must } from '../core/error.ts';
import { bootstrapDifference, type Interval } from '../evaluation/bootstrap.ts';
import { type Measure, measures, type QualityName } from '../evaluation/measures.ts';
import { randomisationTest } from '../evaluation/randomisation.ts';
import { differingSettings, type Setting } from './differing-settings.ts';
import { openRun, readJson, runFiles } from './files.ts';
import type { RunMetrics } from './metrics.ts';
import type { Series } from './overlay-chart.ts';
import { type Queries, readQueries } from './queries.ts';
import { measureIn } from './words.ts';

export interface ComparedRun {
  /** The folder, as it was named. */
  readonly run: string;
  readonly metrics: RunMetrics;
  /** Training loss of every step. */
  readonly loss: Series;
  /** The main quality of the measure on the validation part. */
  readonly validation: Series;
}

/** How much better than the first run; zero outside of the interval means that one of the two is better. */
export interface Difference extends Interval {
  /** A run, or a baseline. */
  readonly name: string;
  /** How probable a difference as large is, either way, if the two are alike: see `randomisationTest`. */
  readonly p: number;
}

export interface Comparison {
  readonly measure: Measure;
  readonly metric: QualityName;
  /** How many queries there are (or pairs, or anchors of triplets): the same for every run. */
  readonly queries: number;
  /** Items that each query searched, where there are queries. */
  readonly candidates?: number;
  readonly runs: readonly ComparedRun[];
  /** Of every run but the first, in order. */
  readonly differences: readonly Difference[];
  /** Of the features as they are, as the first run measured them. */
  readonly baseline: Difference;
  /** What the recipes and the numbers of threads differ in. */
  readonly settings: readonly Setting[];
}

/**
 * Compares finished runs that were tested on the same queries, pairs or triplets: what was measured, their curves, what
 * their recipes differ in, and by how much each, and the first run's baseline, differs from the first in `metric`: the
 * main quality of their measure unless given.
 *
 * Differences are means over the queries (pairs, anchors), with 95 % bootstrap intervals in which every query stays paired with itself.
 * They say how a difference would move with other queries, not with other seeds. Each interval stands for itself: of many
 * runs that are in truth equal, one in twenty looks different. p is that of a paired randomisation test over the same differences.
 *
 * @throws KindredError for fewer than two runs, a folder that is no finished run, and runs with different measures or
 *   queries
 */
export function compareRuns(folders: readonly string[], asked?: QualityName): Comparison {
  const distinct = new Set(folders.map((folder) => resolve(folder))).size;
  must(folders.length >= 2 && distinct === folders.length, () => ({
    rule: 'Two runs or more are compared, each named once',
    received: folders.join(', '),
    next: 'Name the folders that `kindred train` wrote',
    exitCode: 2,
  }));
  const opened = folders.map((run) => {
    const { recipe } = openRun(run);
    const metrics = readJson<RunMetrics>(runFiles(run).metrics);
    return { run, recipe, metrics, queries: readQueries(run) };
  });
  const [first, ...others] = opened;
  const measure = measureIn(first.queries);
  for (const { run, queries } of others) {
    must(measureIn(queries) === measure, () => ({
      rule: 'Runs are compared by what was measured for all of them',
      received: `${measure} in ${first.run}, ${measureIn(queries)} in ${run}`,
      next: 'Compare runs that learned from relations of one kind',
    }));
  }
  const metric = asked ?? measures[measure].main;
  const { seed } = first.metrics;
  const valuesIn = (run: string, values: Queries['run']): readonly number[] => {
    const found = values[metric];
    must(found !== undefined, () => ({
      rule: `Runs are compared in a quality that was measured: ${Object.keys(values).join(', ')}`,
      received: `${metric}, which ${run} does not have`,
      next: 'Name another with --metric',
      exitCode: 2,
    }));
    return found;
  };
  const reference = Float64Array.from(valuesIn(first.run, first.queries.run));
  const against = (name: string, given: readonly number[]): Difference => {
    const values = Float64Array.from(given);
    // As many exchanges as the interval has draws: there may be many queries.
    const { p } = randomisationTest(values, reference, { seed, samples: 1000 });
    return { name, ...bootstrapDifference(values, reference, { seed }), p };
  };
  return {
    measure,
    metric,
    queries: first.queries.ids.length,
    ...(first.queries.candidates !== undefined && { candidates: first.queries.candidates }),
    runs: opened.map(({ run, metrics }) => ({ run, metrics, ...readCurves(run, measures[measure].main) })),
    differences: others.map((other) => {
      const values = valuesIn(other.run, other.queries.run);
      return against(
        other.run,
        pairing(first, other, measure).map((place) => values[place]),
      );
    }),
    baseline: against(first.metrics.baseline.name, valuesIn(first.metrics.baseline.name, first.queries.baseline)),
    settings: differingSettings(
      opened.map(({ recipe: { description: _, ...recipe }, metrics }) => ({ ...recipe, threads: metrics.threads })),
    ),
  };
}

interface Tested {
  readonly run: string;
  readonly queries: Queries;
}

/** What is paired, and drawn again for an interval. */
export const unitsOf: Readonly<Record<Measure, string>> = {
  retrieval: 'queries',
  verification: 'pairs',
  triplets: 'anchors',
  ranking: 'queries',
  preferences: 'queries',
};

/** Where each query of `a` stands in `b`. */
function pairing(a: Tested, b: Tested, measure: Measure): number[] {
  const places = new Map(keysOf(b.queries).map((key, i) => [key, i]));
  const found = keysOf(a.queries).map((key) => places.get(key));
  const shared = found.filter((place) => place !== undefined);
  const sizes = [a, b].map(({ run, queries }) => `${queries.ids.length} of ${run}`).join(' and the ');
  const searched = [a, b].map(({ queries }) => queries.candidates);
  const next = 'Train both on the same data; where data.split parts it, with the same split and seed';
  const by = a.queries.classes === undefined ? 'how many belong with each' : 'class';
  must(shared.length === a.queries.ids.length && shared.length === b.queries.ids.length, () => ({
    rule: `Runs are compared over the same ${unitsOf[measure]}`,
    received: `${shared.length} ${unitsOf[measure]} are shared by the ${sizes}, by id and ${by}`,
    next,
  }));
  must(searched[0] === searched[1], () => ({
    rule: 'Runs are compared where each query searched the same items',
    received: `${searched[0]} items in ${a.run}, ${searched[1]} in ${b.run}`,
    next,
  }));
  return shared;
}

/** What tells the queries of a run apart; those that are there twice (pairs may be) by their turn. */
function keysOf({ ids, classes, others, relevant }: Queries): string[] {
  const turns = new Map<string, number>();
  return ids.map((id, i) => {
    const key = JSON.stringify([id, classes?.[i], others?.[i], relevant?.[i]]);
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    return `${key} ${turn}`;
  });
}

/** What `curve.jsonl` holds, as far as it is drawn. */
type Line =
  | { readonly kind: 'step'; readonly step: number; readonly loss: number; readonly stage: string }
  | { readonly kind: 'evaluation'; readonly step: number; readonly metrics: Readonly<Record<string, number>> };

function readCurves(run: string, main: QualityName): { readonly loss: Series; readonly validation: Series } {
  const path = runFiles(run).curve;
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  const events = lines.map((line) => JSON.parse(line) as Line);
  const steps = events.filter((event) => event.kind === 'step');
  const looks = events.filter((event) => event.kind === 'evaluation');
  return {
    loss: {
      name: run,
      steps: steps.map(({ step }) => step),
      values: steps.map(({ loss }) => loss),
      breaks: steps.flatMap(({ stage }, i) => (i > 0 && stage !== steps[i - 1].stage ? [i] : [])),
    },
    validation: {
      name: run,
      steps: looks.map(({ step }) => step),
      values: looks.map(({ metrics }) => metrics[main] ?? Number.NaN),
    },
  };
}
