import { bootstrapMean } from '../evaluation/bootstrap.ts';
import { type Measurement, meansOf, valuesOf } from '../evaluation/measure.ts';
import type { Measure, QualityName } from '../evaluation/measures.ts';
import type { RankingRules } from '../evaluation/ranking/ranking.ts';
import type { RelationKind } from '../relations/relations.ts';

type Named<T> = Partial<Readonly<Record<QualityName, T>>>;

/**
 * What was measured on the test part: those qualities that belong to the measure, by name. All of them lie in [0, 1]; more
 * is better.
 */
export interface Quality extends Named<number> {
  /** Absent in runs of earlier releases: retrieval. */
  readonly measure?: Measure;
  /** 95 % intervals over queries, pairs or anchors (bootstrap); they do not speak of other seeds. */
  readonly intervals: Named<readonly [number, number]>;
  /** Of retrieval and ranked lists: how many queries were counted. Of preferences, how many there are. */
  readonly queries?: number;
  /** Of verification: how many pairs are the same, and how many different. */
  readonly same?: number;
  readonly different?: number;
  /** Of verification: the distance up to which pairs were taken for the same, chosen on the validation part. */
  readonly threshold?: number;
  /** Of triplets: how many, of how many anchors, and the share whose distances are equal. */
  readonly triplets?: number;
  readonly anchors?: number;
  readonly ties?: number;
  /** Of preferences: how many; their `ties` is the share whose scores are equal. */
  readonly preferences?: number;
  /** Of ranked lists: the rules by which they were measured, and the lists in which nothing is relevant. */
  readonly rules?: RankingRules;
  readonly empty?: number;
}

export function qualityOf(found: Measurement, seed: number): Quality {
  const intervals = Object.entries(valuesOf(found)).map(([name, values]) => {
    const { low, high } = bootstrapMean(values, { seed });
    // Intervals of what is no mean over pairs or anchors are so to first order, and may reach out of [0, 1].
    return [name, [Math.max(0, low), Math.min(1, high)]];
  });
  return {
    ...meansOf(found),
    intervals: Object.fromEntries(intervals),
    ...countsOf(found),
    measure: found.measure,
  };
}

function countsOf(found: Measurement): Partial<Quality> {
  switch (found.measure) {
    case 'retrieval':
      return { queries: found.queries };
    case 'verification': {
      const { same, different, threshold } = found;
      return { same, different, ...(threshold !== undefined && { threshold }) };
    }
    case 'triplets':
      return { triplets: found.triplets, anchors: found.perAnchor.anchor.length, ties: found.ties };
    case 'ranking':
      return { queries: found.queries, empty: found.empty, rules: found.rules };
    case 'preferences':
      return { preferences: found.preferences, queries: found.perQuery.query.length, ties: found.ties };
  }
}

/** One way to measure distance, as `metrics.json` holds it. */
export interface Measured extends Quality {
  readonly trainSeconds: number;
  readonly steps: number;
  /** Items a second in training; for what is not trained, 0. */
  readonly itemsPerSecond: number;
}

export interface NamedBaseline extends Measured {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | string>>;
}

/** `metrics.json`. The names are stable: others read them. */
export interface RunMetrics extends Measured {
  /** What the run was tested by; groups in runs of earlier releases, which do not say it. */
  readonly relation?: RelationKind;
  /** Whether items of the test part were in training too: what was held out are relations. Absent in runs of earlier releases. */
  readonly sharedItems?: boolean;
  /** A digest of what is known of the items, and of its parts: what `evaluate` measures on has the same. Absent in runs of earlier releases. */
  readonly known?: string;
  /** The first collapse of the embeddings that training met, if it did. */
  readonly collapse?: { readonly name: string; readonly step: number };
  /** Why training ended before the recipe's steps, if it did. */
  readonly truncated?: string;
  /** The share of the negatives that batches assigned which the miner kept: the mean over all steps. */
  readonly survivingNegatives?: number;
  readonly plannedSteps: number;
  readonly seed: number;
  readonly threads: number;
  readonly parameters: number;
  /**
   * The features as they are, such as raw pixels: the better of cosine and L2, chosen on the validation part. Of rankings the best
   * single feature, or random order where items have no features.
   */
  readonly baseline: NamedBaseline;
  /** Of rankings: what is expected of a random order. */
  readonly randomOrder?: NamedBaseline;
  readonly pcaLda: NamedBaseline | { readonly reason: string };
  /** The last look at the validation part, the main quality first. */
  readonly validation: Readonly<Record<string, number>>;
}
