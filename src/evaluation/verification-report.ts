import { accuracyOverFolds, type FoldedPairs } from './folds.ts';
import { bootstrapPeople, SortedPairs, type Spread, spreadOf, tooFewPeople } from './identity-bootstrap.ts';
import type { PeoplePairs } from './identity-pairs.ts';

/** False accept rates that are reported. */
const fars = ['0.1', '0.01', '0.001'] as const;

/** A value with its standard error; or without (null) and why; or no value (null) and why. */
export type Estimate =
  | { readonly value: number; readonly standardError: number }
  | { readonly value: number; readonly standardError: null; readonly reason: string }
  | Missing;
interface Missing {
  readonly value: null;
  readonly standardError: null;
  readonly reason: string;
}

const missing = (reason: string): Missing => ({ value: null, standardError: null, reason });

export interface VerificationReport {
  readonly people: number;
  readonly same: number;
  readonly different: number;
  /** Threshold from the other folds; the standard error over folds. */
  readonly accuracy10Fold: (Estimate & { readonly folds?: number }) | Missing;
  /** These by bootstrap over people. */
  readonly rocAuc: Estimate;
  readonly eer: Estimate;
  /** The share of same pairs accepted; `far` is the rate of false accepts there, `threshold` the distance. */
  readonly valAtFar: Readonly<
    Record<(typeof fars)[number], Estimate & { readonly far?: number; readonly threshold?: number }>
  >;
  /** Of other distances of the same pairs: VAL less that of the first, with the paired 95 % interval over people. */
  readonly valChange?: Readonly<
    Record<string, { readonly change: number; readonly interval: readonly [number, number] } | Missing>
  >;
}

/**
 * Verification by the distances of pairs: ROC AUC, equal error rate, VAL at FAR (Schroff et al.: FaceNet, 2015) and accuracy over folds.
 * What the number of pairs or people cannot show is null, with the reason.
 *
 * @param others - distances of the same pairs by another way, such as fewer bytes: compared in the same draws of people
 */
export function verificationReport(
  pairs: PeoplePairs,
  distances: Float64Array,
  { folded, seed, others }: { readonly folded: FoldedPairs; readonly seed: number; readonly others?: Float64Array },
): VerificationReport {
  const same = pairs.same.reduce((sum, value) => sum + value, 0);
  const different = pairs.same.length - same;
  const asked = { fars: fars.map(Number) };
  const sorted = new SortedPairs(pairs, distances);
  const other = others && new SortedPairs(pairs, others);
  const found = sorted.rates(asked);
  const values = (m?: Float64Array): number[] => {
    const { auc, eer, at } = sorted.rates(asked, m);
    const changed = other?.rates(asked, m).at.map(({ val }, t) => val - at[t].val) ?? [];
    return [auc, eer, ...at.map(({ val }) => val), ...changed];
  };
  const draws = bootstrapPeople(pairs.people, values, { seed });
  const estimate = (value: number, spread: Spread | undefined): Estimate =>
    spread === undefined
      ? { value, standardError: null, reason: tooFewPeople(pairs.people) }
      : { value, standardError: spread.standardError };
  const tooFew = (far: string): Missing | undefined =>
    different * Number(far) >= 1
      ? undefined
      : missing(`${different} different pairs show no rate below ${1 / different}; ${1 / Number(far)} are needed`);
  const valAtFar = Object.fromEntries(
    fars.map((far, t) => {
      const { val, far: rate, threshold } = found.at[t];
      return [far, tooFew(far) ?? { ...estimate(val, spreadOf(draws, 2 + t)), far: rate, threshold }];
    }),
  ) as VerificationReport['valAtFar'];
  const changes = other && values().slice(2 + fars.length);
  const valChange =
    changes &&
    Object.fromEntries(
      fars.map((far, t) => {
        const spread = spreadOf(draws, 2 + fars.length + t);
        const reason = tooFew(far) ?? (spread === undefined ? missing(tooFewPeople(pairs.people)) : undefined);
        return [far, reason ?? { change: changes[t], interval: spread?.interval as readonly [number, number] }];
      }),
    );
  return {
    ...{ people: pairs.people, same, different },
    accuracy10Fold:
      folded.folds.length < 2
        ? missing('a threshold from other folds needs two folds, with two people each')
        : accuracyOverFolds(distances, pairs.same, folded),
    rocAuc: estimate(found.auc, spreadOf(draws, 0)),
    eer: estimate(found.eer, spreadOf(draws, 1)),
    valAtFar,
    ...(valChange && { valChange }),
  };
}
