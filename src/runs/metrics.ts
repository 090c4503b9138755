import { bootstrapMean } from '../evaluation/bootstrap.ts';
import type { Retrieval } from '../evaluation/retrieval.ts';

/** What was measured on the test part. All of them lie in [0, 1]; more is better. */
export interface Quality {
  /** Share of the queries whose nearest neighbour is of their class. */
  readonly recallAt1: number;
  /** Share with at least one of their class among the 10 nearest. */
  readonly recallAt10: number;
  readonly mapAtR: number;
  readonly ndcgAt10: number;
  /** 95 % intervals over the queries (bootstrap); they do not speak of other seeds. */
  readonly intervals: Readonly<Record<'recallAt1' | 'recallAt10' | 'mapAtR' | 'ndcgAt10', readonly [number, number]>>;
  readonly queries: number;
}

export function qualityOf(found: Retrieval, seed: number): Quality {
  const { recallAt, mapAtR, ndcgAt } = found.perQuery;
  const interval = (values: Float64Array): readonly [number, number] => {
    const { low, high } = bootstrapMean(values, { seed });
    return [low, high];
  };
  return {
    recallAt1: found.means.recallAt[1],
    recallAt10: found.means.recallAt[10],
    mapAtR: found.means.mapAtR,
    ndcgAt10: found.means.ndcgAt[10],
    intervals: {
      recallAt1: interval(recallAt[1]),
      recallAt10: interval(recallAt[10]),
      mapAtR: interval(mapAtR),
      ndcgAt10: interval(ndcgAt[10]),
    },
    queries: found.queries,
  };
}

/** One way to measure distance, as `metrics.json` holds it. */
export interface Measured extends Quality {
  readonly trainSeconds: number;
  readonly steps: number;
  /** Pictures a second in training; for what is not trained, 0. */
  readonly itemsPerSecond: number;
}

export interface NamedBaseline extends Measured {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | string>>;
}

/** `metrics.json`. The names are stable: others read them. */
export interface RunMetrics extends Measured {
  /** Why training ended before the recipe's steps, if it did. */
  readonly truncated?: string;
  readonly plannedSteps: number;
  readonly seed: number;
  readonly threads: number;
  readonly parameters: number;
  /** Raw pixels: the better of cosine and L2, chosen on the validation part. */
  readonly baseline: NamedBaseline;
  readonly pcaLda: NamedBaseline | { readonly reason: string };
  /** Mean average precision on the validation part at the end. */
  readonly validation: Readonly<Record<string, number>>;
}
