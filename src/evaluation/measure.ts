import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import type { GroundTruth } from './ground-truth.ts';
import { measures, type QualityName } from './measures.ts';
import type { PreferenceAgreement, Ranking } from './ranking/ranking.ts';
import { type Retrieval, type RetrievalMeasures, retrieval } from './retrieval.ts';
import { type TripletAgreement, tripletAgreement } from './triplet-agreement.ts';
import { type Verification, verification } from './verification.ts';

/** What was measured of distances, told apart by `measure`. */
export type DistanceMeasurement = Retrieval | Verification | TripletAgreement;

/** What was measured, of distances or of scores. */
export type Measurement = DistanceMeasurement | Ranking | PreferenceAgreement;

export type MeasureOptions = GroundTruth & {
  /** `[items, dimension]`, in the order of the ground truth. */
  readonly embeddings: Matrix;
  /** Where the ground truth is views: the embeddings of another look of each item, which is what is searched. */
  readonly otherLooks?: Matrix;
  readonly metric: Metric;
  /** Where it is pairs: the threshold whose accuracy is reported, chosen on other pairs ({@link Verification.best}). */
  readonly threshold?: number;
  readonly progress?: (done: number, total: number) => void;
};

/** How well the distances between embeddings agree with what is known of the items, by the measure that fits it. */
export async function measure(options: MeasureOptions): Promise<DistanceMeasurement> {
  const { embeddings, metric, threshold, progress } = options;
  const common = { embeddings, metric, ...(progress && { progress }) };
  if ('labels' in options) return retrieval({ ...common, labels: options.labels });
  if ('relevance' in options) return retrieval({ ...common, relevance: options.relevance, lists: true });
  if ('pairs' in options) {
    return verification({ ...common, pairs: options.pairs, ...(threshold !== undefined && { threshold }) });
  }
  if ('triplets' in options) return tripletAgreement({ ...common, triplets: options.triplets });
  if (options.otherLooks === undefined) throw new RangeError('views are measured between two looks: give otherLooks');
  const labels = Int32Array.from({ length: options.views }, (_, item) => item);
  return retrieval({ ...common, labels, candidates: { embeddings: options.otherLooks, labels } });
}

/** The qualities that were measured, by name: of retrieval with the default k. */
export function meansOf(measured: Measurement): Partial<Readonly<Record<QualityName, number>>> {
  return measured.measure === 'retrieval' ? named(measured.means) : measured.means;
}

/**
 * What each query, pair or anchor contributes to the qualities, by name. The mean of each list is the quality, so that
 * intervals and paired differences are those of means.
 */
export function valuesOf(measured: Measurement): Partial<Readonly<Record<QualityName, Float64Array>>> {
  switch (measured.measure) {
    case 'retrieval':
      return named(measured.perQuery);
    case 'verification': {
      const { auc, averagePrecision, accuracy } = measured.perPair;
      return { auc, averagePrecision, ...(accuracy && { accuracy }) };
    }
    case 'triplets':
      return { agreement: measured.perAnchor.agreement };
    case 'ranking': {
      const { query: _, items: __, ...values } = measured.perQuery;
      return values;
    }
    case 'preferences':
      return { agreement: measured.perQuery.agreement };
  }
}

/** The main quality: what settings and checkpoints are chosen by. */
export const mainOf = (measured: Measurement): number => meansOf(measured)[measures[measured.measure].main] as number;

/** What a look at the validation part tells, the main quality first: `{ mapAtR, recallAt1 }`. */
export const lookOf = (measured: Measurement): Record<string, number> =>
  Object.fromEntries(measures[measured.measure].look.map((name) => [name, meansOf(measured)[name] as number]));

const named = <T>({ recallAt, mapAtR, ndcgAt, related }: RetrievalMeasures<T>) => ({
  recallAt1: recallAt[1],
  recallAt10: recallAt[10],
  mapAtR,
  ndcgAt10: ndcgAt[10],
  ...related,
});
