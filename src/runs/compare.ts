import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { must } from '../core/error.ts';
import { bootstrapDifference, type Interval } from '../evaluation/bootstrap.ts';
import { differingSettings, type Setting } from './differing-settings.ts';
import { openRun, readJson, runFiles } from './files.ts';
import type { RunMetrics } from './metrics.ts';
import type { Series } from './overlay-chart.ts';
import { type QualityName, type Queries, readQueries } from './queries.ts';

export interface ComparedRun {
  /** The folder, as it was named. */
  readonly run: string;
  readonly metrics: RunMetrics;
  /** Training loss of every step. */
  readonly loss: Series;
  /** MAP@R on the validation part. */
  readonly validation: Series;
}

/** How much better than the first run; zero outside of the interval means that one of the two is better. */
export interface Difference extends Interval {
  /** A run, or a baseline. */
  readonly name: string;
}

export interface Comparison {
  readonly metric: QualityName;
  /** How many queries there are: the same for every run. */
  readonly queries: number;
  /** Items that each query searched. */
  readonly candidates: number;
  readonly runs: readonly ComparedRun[];
  /** Of every run but the first, in order. */
  readonly differences: readonly Difference[];
  /** Of raw pixels, as the first run measured them. */
  readonly baseline: Difference;
  /** What the recipes and the numbers of threads differ in. */
  readonly settings: readonly Setting[];
}

/**
 * Compares finished runs that were tested on the same queries: what was measured, their curves, what their recipes
 * differ in, and by how much each, and the first run's baseline, differs from the first in `metric`.
 *
 * Differences are means over the queries, with 95 % bootstrap intervals in which every query stays paired with itself.
 * They say how a difference would move with other queries, not with other seeds. Each interval stands for itself: of many
 * runs that are in truth equal, one in twenty looks different.
 *
 * @throws KindredError for fewer than two runs, a folder that is no finished run, and runs with different queries
 */
export function compareRuns(folders: readonly string[], metric: QualityName): Comparison {
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
    return { run, recipe, metrics, queries: readQueries(run), ...readCurves(run) };
  });
  const [first, ...others] = opened;
  const { seed } = first.metrics;
  const against = (name: string, values: readonly number[]): Difference => ({
    name,
    ...bootstrapDifference(Float64Array.from(values), Float64Array.from(first.queries.run[metric]), { seed }),
  });
  return {
    metric,
    queries: first.queries.ids.length,
    candidates: first.queries.candidates,
    runs: opened.map(({ run, metrics, loss, validation }) => ({ run, metrics, loss, validation })),
    differences: others.map((other) => {
      const values = other.queries.run[metric];
      return against(
        other.run,
        pairing(first, other).map((place) => values[place]),
      );
    }),
    baseline: against(first.metrics.baseline.name, first.queries.baseline[metric]),
    settings: differingSettings(
      opened.map(({ recipe: { description: _, ...recipe }, metrics }) => ({ ...recipe, threads: metrics.threads })),
    ),
  };
}

interface Tested {
  readonly run: string;
  readonly queries: Queries;
}

/** Where each query of `a` stands in `b`. */
function pairing(a: Tested, b: Tested): number[] {
  const key = ({ ids, classes }: Queries, i: number) => JSON.stringify([ids[i], classes[i]]);
  const places = new Map(b.queries.ids.map((_, i) => [key(b.queries, i), i]));
  const found = a.queries.ids.map((_, i) => places.get(key(a.queries, i)));
  const shared = found.filter((place) => place !== undefined);
  const sizes = [a, b].map(({ run, queries }) => `${queries.ids.length} of ${run}`).join(' and the ');
  const searched = [a, b].map(({ queries }) => queries.candidates);
  must(shared.length === a.queries.ids.length && shared.length === b.queries.ids.length, () => ({
    rule: 'Runs are compared over the same queries',
    received: `${shared.length} queries are shared by the ${sizes}, by id and class`,
    next: 'Train both on the same data; where data.split parts it, with the same split and seed',
  }));
  must(searched[0] === searched[1], () => ({
    rule: 'Runs are compared where each query searched the same items',
    received: `${searched[0]} items in ${a.run}, ${searched[1]} in ${b.run}`,
    next: 'Train both on the same data; where data.split parts it, with the same split and seed',
  }));
  return shared;
}

/** What `curve.jsonl` holds, as far as it is drawn. */
type Line =
  | { readonly kind: 'step'; readonly step: number; readonly loss: number; readonly stage: string }
  | { readonly kind: 'evaluation'; readonly step: number; readonly metrics: { readonly mapAtR: number } };

function readCurves(run: string): { readonly loss: Series; readonly validation: Series } {
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
      values: looks.map(({ metrics }) => metrics.mapAtR),
    },
  };
}
