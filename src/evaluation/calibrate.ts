import { must } from '../core/error.ts';
import { bootstrapPeople, SortedPairs, spreadOf, tooFewPeople } from './identity-bootstrap.ts';
import type { PeoplePairs } from './identity-pairs.ts';

/** A share of pairs, with its 95 % interval over people; or why there is none. */
export type Rate =
  | { readonly value: number; readonly interval: readonly [number, number] }
  | { readonly value: number; readonly interval: null; readonly reason: string };

/** Rates at a threshold, with 95 % intervals of the bootstrap over people: null, with the reason, where there are too few. */
export function ratesAt(pairs: PeoplePairs, distances: Float64Array, threshold: number, seed: number) {
  const sorted = new SortedPairs(pairs, distances);
  const values = (m?: Float64Array) => {
    const { falseMatches, trueMatches } = sorted.rates({ fars: [], threshold }, m);
    return [falseMatches, trueMatches] as const;
  };
  const draws = bootstrapPeople(pairs.people, values, { seed });
  const [falseMatches, trueMatches] = values();
  const same = pairs.same.reduce((sum, value) => sum + value, 0);
  const different = pairs.same.length - same;
  const rate = (value: number, column: number, least = 0): Rate => {
    const interval = spreadOf(draws, column)?.interval;
    if (interval === undefined) return { value, interval: null, reason: tooFewPeople(pairs.people) };
    return { value, interval: [interval[0], Math.max(interval[1], least)] };
  };
  return {
    ...{ people: pairs.people, same, different },
    // Where hardly any pair is accepted, draws of people do not show the rates that were possible: 3 / n, the rule of three.
    falseMatchRate: rate(falseMatches, 0, 3 / different),
    trueMatchRate: rate(trueMatches, 1),
  };
}

/**
 * The largest distance up to which no more than the share `target` of the different pairs lies.
 *
 * @throws KindredError for a target that the number of different pairs cannot promise: below `3 / n`, a rate of none in `n` cannot be told from it
 */
export function thresholdAt(pairs: PeoplePairs, distances: Float64Array, target: number): number {
  const different = pairs.same.reduce((sum, value) => sum + 1 - value, 0);
  const least = 3 / different;
  must(target >= least, () => ({
    rule: 'A false match rate can be promised from three different pairs for each on (the rule of three)',
    received: `${target}, and ${different} different pairs of the validation part`,
    next: `Ask for ${(Math.ceil(least * 1e6) / 1e6).toString()} or more with --false-match-rate, or give validation more people`,
    exitCode: 2,
  }));
  return new SortedPairs(pairs, distances).rates({ fars: [target] }).at[0].threshold;
}

/** The share of different pairs up to each of about `points` distances, close together where the share is small. */
export function falseMatchCurve(
  { same }: PeoplePairs,
  distances: Float64Array,
  points = 200,
): { readonly distance: number; readonly rate: number }[] {
  const different = distances.filter((_, i) => same[i] === 0).sort();
  const counts = Array.from({ length: points }, (_, i) => Math.round(different.length ** (i / (points - 1))));
  const curve = [...new Set(counts)].map((count) => ({
    distance: different[count - 1],
    rate: count / different.length,
  }));
  return curve.filter(({ distance }, i) => distance !== curve[i + 1]?.distance);
}

/** The share of different pairs up to a distance by such a curve; 0 before its first. */
export const falseMatchesAt = (
  curve: readonly { readonly distance: number; readonly rate: number }[],
  distance: number,
): number => curve.findLast((each) => each.distance <= distance)?.rate ?? 0;
