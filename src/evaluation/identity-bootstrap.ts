import { Random } from '../core/random.ts';
import { mustHaveBoth, type PeoplePairs } from './identity-pairs.ts';

/** What distances of pairs say at one weighting of the people. NaN where a weighting has left no pair of a kind. */
export interface PairRates {
  readonly auc: number;
  /** Equal error rate. */
  readonly eer: number;
  /** For each rate asked for: the share of same pairs that is accepted, the false accepts and the largest such threshold. */
  readonly at: readonly { readonly val: number; readonly far: number; readonly threshold: number }[];
  /** The shares of different and of same pairs up to the threshold that was given. */
  readonly falseMatches: number;
  readonly trueMatches: number;
}

export interface RatesAsked {
  /** False accept rates. */
  readonly fars: readonly number[];
  readonly threshold?: number;
}

/** Pairs in order of their distance, to be weighed again and again. */
export class SortedPairs {
  readonly #distances: Float64Array;
  readonly #same: Uint8Array;
  readonly #first: Int32Array;
  readonly #second: Int32Array;
  readonly #weights: Float64Array;

  /** @throws KindredError unless there are pairs of both kinds */
  constructor(pairs: PeoplePairs, distances: Float64Array) {
    mustHaveBoth(pairs);
    const order = Int32Array.from(distances.keys()).sort((i, j) => distances[i] - distances[j] || i - j);
    this.#distances = Float64Array.from(order, (i) => distances[i]);
    this.#same = Uint8Array.from(order, (i) => pairs.same[i]);
    this.#first = order.map((i) => pairs.first[i]);
    this.#second = order.map((i) => pairs.second[i]);
    this.#weights = new Float64Array(distances.length);
  }

  /**
   * Rates where person `i` counts `m[i]` times: a pair of persons `i` and `j` weighs `m[i] m[j]`, and one within a person `m[i]`. For a
   * person who was drawn twice stands for two people who look alike: the pairs within each are same ones, and those between the two are left
   * out.
   *
   * A threshold accepts what is as close or closer, so that equal distances are accepted together. Linear in pairs.
   *
   * @param m - 1 each unless given
   */
  rates({ fars, threshold = Number.NaN }: RatesAsked, m?: Float64Array): PairRates {
    const [distances, same, weights] = [this.#distances, this.#same, this.#weights];
    const { alike, unlike } = this.#weigh(m);
    const thresholds = new Float64Array(fars.length).fill(distances[0] - 1);
    const vals = new Float64Array(fars.length);
    const reached = new Float64Array(fars.length);
    let [accepted, wrongly, area, falseMatches, trueMatches] = [0, 0, 0, 0, 0];
    let [nearest, eer] = [1, 0.5];
    for (let k = 0; k < distances.length; ) {
      const distance = distances[k];
      let [sameHere, differentHere] = [0, 0];
      for (; k < distances.length && distances[k] === distance; k++) {
        if (same[k] === 1) sameHere += weights[k];
        else differentHere += weights[k];
      }
      area += differentHere * (accepted + sameHere / 2);
      accepted += sameHere;
      wrongly += differentHere;
      const val = accepted / alike;
      const far = wrongly / unlike;
      const apart = Math.abs(far - (1 - val));
      if (apart < nearest) {
        nearest = apart;
        eer = (far + 1 - val) / 2;
      }
      for (let t = 0; t < fars.length; t++) {
        if (far > fars[t]) continue;
        vals[t] = val;
        reached[t] = far;
        thresholds[t] = distance;
      }
      if (distance <= threshold) {
        falseMatches = far;
        trueMatches = val;
      }
    }
    const defined = alike > 0 && unlike > 0;
    const orNone = (value: number) => (defined ? value : Number.NaN);
    return {
      auc: area / (alike * unlike),
      eer: orNone(eer),
      at: fars.map((_, t) => ({ val: orNone(vals[t]), far: orNone(reached[t]), threshold: orNone(thresholds[t]) })),
      falseMatches: orNone(falseMatches),
      trueMatches: orNone(trueMatches),
    };
  }

  /** The weight of each pair, and of all of each kind. */
  #weigh(m: Float64Array | undefined): { readonly alike: number; readonly unlike: number } {
    const [same, first, second, weights] = [this.#same, this.#first, this.#second, this.#weights];
    let [alike, unlike] = [0, 0];
    for (let k = 0; k < weights.length; k++) {
      const weight = m === undefined ? 1 : first[k] === second[k] ? m[first[k]] : m[first[k]] * m[second[k]];
      weights[k] = weight;
      if (same[k] === 1) alike += weight;
      else unlike += weight;
    }
    return { alike, unlike };
  }
}

/** Of fewer people there are too few draws that differ for their tails to mean anything: three can be drawn in 10 ways, five in 126. */
const leastPeople = 5;

/** Why there is no interval. */
export const tooFewPeople = (people: number): string =>
  `${people} people are too few to draw from; it takes ${leastPeople}`;

/**
 * Bootstrap over people: as many as there are are drawn with replacement, and each draw gives how often each person counts. Pairs
 * are not independent, since a person is in many: drawing pairs gives intervals that are far too narrow. With the weights of
 * {@link SortedPairs.rates} this is the bootstrap of Owen ("The pigeonhole bootstrap", 2007) over one set of people, and errs towards intervals
 * that are too wide. Draws that leave no pair of a kind are drawn again.
 *
 * @param statistic of how often each person counts; not finite where this draw cannot be measured
 * @returns a row for each draw; none of fewer people than {@link leastPeople}
 */
export function bootstrapPeople(
  people: number,
  statistic: (m: Float64Array) => readonly number[],
  { seed, resamples = 1000 }: { readonly seed: number; readonly resamples?: number },
): number[][] {
  if (people < leastPeople) return [];
  const random = Random.seeded(seed).split('people');
  const found: number[][] = [];
  const m = new Float64Array(people);
  // Two people of whom one has a single picture leave no pair every other time.
  for (let tries = 0; found.length < resamples && tries < 10 * resamples; tries++) {
    m.fill(0);
    for (let i = 0; i < people; i++) m[random.integer(people)]++;
    const values = statistic(m);
    if (values.every(Number.isFinite)) found.push([...values]);
  }
  return found;
}

/** What draws say of one statistic: their standard deviation, and the middle 95 %. Undefined of fewer than two draws. */
export interface Spread {
  readonly standardError: number;
  readonly interval: readonly [number, number];
}

export function spreadOf(draws: readonly (readonly number[])[], column: number): Spread | undefined {
  if (draws.length < 2) return undefined;
  const values = Float64Array.from(draws, (draw) => draw[column]).sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const quantile = (share: number) => values[Math.round(share * (values.length - 1))];
  return { standardError: Math.sqrt(variance), interval: [quantile(0.025), quantile(0.975)] };
}
