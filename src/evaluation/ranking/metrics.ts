import { KindredError } from '../../core/error.ts';
import { nearest } from '../../core/nearest.ts';

/** One list as it was ranked: what metrics are computed from. Nothing in it is kept after the call. */
export interface RankedList {
  /** Grades by rank, as far down as was asked for; NaN where nobody has judged the item. */
  readonly grades: Float64Array;
  readonly length: number;
  /** Scores by rank. */
  readonly scores: Float64Array;
  /** Grades above 0 in the best order, as far down, and how many these are. */
  readonly ideal: Float64Array;
  readonly idealLength: number;
  /** How many items there are to find, and how many were judged and are not: with those that were not retrieved. */
  readonly relevant: number;
  readonly irrelevant: number;
  isRelevant(grade: number): boolean;
  /** The gain of a grade: itself, or `2^grade - 1`. */
  gain(grade: number): number;
  /** The largest grade of all lists. */
  readonly top: number;
}

/**
 * The quality of one ranked list, where something is relevant in it. `k` is how far down is looked.
 *
 * - `dcg`: `sum over i <= k of gain(i) / log2(i + 1)`; `ndcg` divides it by the best possible. Jarvelin and Kekalainen (2002).
 * - `precision`: relevant items among the first k, over k, also where the list is shorter; `recall`: over all relevant ones;
 *   `hit`: whether there is one; `rPrecision`: precision at the number of relevant items.
 * - `map`: mean over all relevant items of the precision at their rank, 0 for those that are not among the first k.
 * - `mrr`: 1 over the rank of the first relevant item, 0 where it is not among the first k.
 * - `err`: `sum over i of 1 / i * R(i) * product over j < i of (1 - R(j))`, `R = (2^grade - 1) / 2^largest`. Chapelle et al. (2009).
 * - `rbp`: `(1 - p) * sum over relevant i of p^(i - 1)`; what follows the @ is p, 0.8 unless given. Moffat and Zobel (2008).
 * - `bpref`: mean over the relevant items, R of them, of `1 - min(irrelevant ones above it, R) / min(R, all irrelevant)`; items that
 *   nobody judged are passed over. Buckley and Voorhees (2004), as trec_eval computes it.
 * - `auc`: the share of pairs of a relevant and an irrelevant item in which the relevant one has the larger score; a tie is half.
 */
const metrics = {
  dcg: { look: 'k', of: (list, k) => discounted(list, list.grades, Math.min(k, list.length)) },
  ndcg: {
    look: 'k',
    of: (list, k) =>
      discounted(list, list.grades, Math.min(k, list.length)) /
      discounted(list, list.ideal, Math.min(k, list.idealLength)),
  },
  precision: { look: 'k', of: (list, k) => hits(list, k) / (k === Number.POSITIVE_INFINITY ? list.length : k) },
  recall: { look: 'k', of: (list, k) => hits(list, k) / list.relevant },
  hit: { look: 'k', of: (list, k) => (hits(list, k) > 0 ? 1 : 0) },
  rPrecision: { look: 'all', of: (list) => hits(list, list.relevant) / list.relevant },
  map: {
    look: 'k',
    of(list, k) {
      let [found, sum] = [0, 0];
      for (let i = 0; i < Math.min(k, list.length); i++) {
        if (list.isRelevant(list.grades[i])) sum += ++found / (i + 1);
      }
      return sum / list.relevant;
    },
  },
  mrr: {
    look: 'k',
    of(list, k) {
      for (let i = 0; i < Math.min(k, list.length); i++) if (list.isRelevant(list.grades[i])) return 1 / (i + 1);
      return 0;
    },
  },
  err: {
    look: 'k',
    of(list, k) {
      let [goesOn, sum] = [1, 0];
      for (let i = 0; i < Math.min(k, list.length); i++) {
        const stops = (2 ** (list.grades[i] || 0) - 1) / 2 ** list.top;
        sum += (goesOn * stops) / (i + 1);
        goesOn *= 1 - stops;
      }
      return sum;
    },
  },
  rbp: {
    look: 'p',
    of(list, p) {
      let [weight, sum] = [1 - p, 0];
      for (let i = 0; i < list.length; i++) {
        if (list.isRelevant(list.grades[i])) sum += weight;
        weight *= p;
      }
      return sum;
    },
  },
  bpref: {
    look: 'all',
    of(list) {
      const least = Math.min(list.relevant, list.irrelevant);
      let [above, sum] = [0, 0];
      for (let i = 0; i < list.length; i++) {
        const grade = list.grades[i];
        if (list.isRelevant(grade)) sum += above === 0 ? 1 : 1 - Math.min(above, list.relevant) / least;
        else if (!Number.isNaN(grade)) above++;
      }
      return sum / list.relevant;
    },
  },
  auc: {
    look: 'all',
    of(list) {
      let [better, above] = [0, 0];
      for (let start = 0, end = 0; start < list.length; start = end) {
        let [relevant, irrelevant] = [0, 0];
        while (end < list.length && list.scores[end] === list.scores[start]) {
          if (list.isRelevant(list.grades[end++])) relevant++;
          else irrelevant++;
        }
        better += irrelevant * (above + relevant / 2);
        above += relevant;
      }
      const others = list.length - above;
      return above === 0 || others === 0 ? Number.NaN : better / (above * others);
    },
  },
} as const satisfies Record<string, { look: 'k' | 'p' | 'all'; of(list: RankedList, at: number): number }>;

/** A metric as it is asked for: `ndcg@10`, `map`, `rbp@0.8`. */
export interface Metric {
  readonly name: string;
  /** How far down the list it looks: Infinity for all of it. */
  readonly depth: number;
  of(list: RankedList): number;
}

/**
 * A metric by its name: one of dcg, ndcg, precision, recall, hit, map, mrr and err, with `@k` or without for the whole list;
 * rPrecision, bpref and auc; rbp with its p, `rbp@0.8`.
 *
 * @throws KindredError for a name that is none, and a k or p that cannot be
 */
export function metricOf(name: string): Metric {
  const [kind, at, ...rest] = name.split('@');
  const found = Object.hasOwn(metrics, kind) ? metrics[kind as keyof typeof metrics] : undefined;
  const known = Object.keys(metrics);
  const meant = found === undefined ? nearest(kind, known) : undefined;
  const refuse = (rule: string, next: string) => new KindredError({ rule, received: `"${name}"`, next, exitCode: 2 });
  if (found === undefined || rest.length > 0) {
    throw refuse(
      `A metric of ranked lists is one of ${known.join(', ')}, most with @k`,
      meant === undefined ? 'Choose one of them, such as ndcg@10' : `Did you mean "${meant}"`,
    );
  }
  const of: (list: RankedList, at: number) => number = found.of;
  if (found.look === 'all') {
    if (at !== undefined) throw refuse(`${kind} looks at the whole list`, `Write ${kind}`);
    return { name, depth: Number.POSITIVE_INFINITY, of: (list) => of(list, 0) };
  }
  if (found.look === 'p') {
    const p = at === undefined ? 0.8 : Number(at);
    if (!(p > 0 && p < 1)) throw refuse('rbp has a persistence between 0 and 1', 'Write rbp@0.8');
    return { name, depth: Number.POSITIVE_INFINITY, of: (list) => of(list, p) };
  }
  const k = at === undefined ? Number.POSITIVE_INFINITY : Number(at);
  if (!(k >= 1 && (k === Number.POSITIVE_INFINITY || Number.isSafeInteger(k)))) {
    throw refuse(`${kind} looks at the first k items, a whole number from 1`, `Write ${kind}@10, or ${kind}`);
  }
  return { name, depth: k, of: (list) => of(list, k) };
}

/** `1 / log2(i + 2)`, as far as was needed. */
let discounts = new Float64Array(0);

function discounted({ gain }: RankedList, grades: Float64Array, upTo: number): number {
  if (discounts.length < upTo) discounts = Float64Array.from({ length: 2 * upTo }, (_, i) => 1 / Math.log2(i + 2));
  let sum = 0;
  for (let i = 0; i < upTo; i++) if (grades[i] > 0) sum += gain(grades[i]) * discounts[i];
  return sum;
}

function hits(list: RankedList, k: number): number {
  let found = 0;
  for (let i = 0; i < Math.min(k, list.length); i++) if (list.isRelevant(list.grades[i])) found++;
  return found;
}
