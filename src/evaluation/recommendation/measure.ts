import { type Matrix, row } from '../../core/matrix.ts';
import { discountedGain } from '../discounted-gain.ts';
import { bootstrapPeople, spreadOf } from '../identity-bootstrap.ts';
import { averagePrecisionAt, shareWithin } from '../related-lists.ts';
import { RankCounter } from '../relevant-ranks.ts';
import type { RecommendTask } from './tasks.ts';

/**
 * Scores of every candidate for some people, by their histories: `[histories, candidates]`, larger is better. What has `-Infinity` is not
 * recommended.
 */
export type Recommender = (histories: readonly Int32Array[], candidates: Int32Array) => Promise<Matrix>;

/** How long lists of recommendations are. */
const LIST = 10;
const FAR = 100;
/** Scores that are held at once. */
const HELD_VALUES = 1 << 24;
/** The rank of what is not recommended. */
const NEVER = 2 ** 31 - 1;

export const recommendQualities = [
  'ndcgAt10',
  'mapAt10',
  'recallAt10',
  'recallAt100',
  'coverage',
  'popularityBias',
] as const;
export type RecommendQuality = (typeof recommendQualities)[number];

/** What each person got. */
export interface Recommended {
  readonly ndcgAt10: Float64Array;
  readonly mapAt10: Float64Array;
  readonly recallAt10: Float64Array;
  readonly recallAt100: Float64Array;
  /** The first ten, as places in the candidates. */
  readonly lists: readonly Int32Array[];
}

/**
 * Recommends to every person of a task and compares with what they took. With `T` things that a person took, and `rel(i)` = 1 where rank `i` is one:
 *
 * - NDCG@10 = sum over i <= 10 of rel(i) / log2(i + 1), divided by the largest such sum.
 * - MAP@10 = sum over i <= 10 of rel(i) P(i) / min(10, T), `P(i)` the share of such among the first `i`.
 * - Recall@k = how many of the T are among the first k, divided by T.
 *
 * What is in the history is passed over. Ties are pessimistic: among equal scores what the person took comes last.
 *
 * @throws RangeError for a score that is not a number
 */
export async function recommended(
  { candidates, histories, held }: RecommendTask,
  recommender: Recommender,
  progress?: (done: number, total: number) => void,
): Promise<Recommended> {
  const people = histories.length;
  const found = {
    ndcgAt10: new Float64Array(people),
    mapAt10: new Float64Array(people),
    recallAt10: new Float64Array(people),
    recallAt100: new Float64Array(people),
    lists: [] as Int32Array[],
  };
  const places = new Map(Array.from(candidates, (item, place) => [item, place]));
  const marks = new Int32Array(candidates.length).fill(-1);
  const counter = new RankCounter();
  const gain = discountedGain(LIST);
  const step = Math.max(1, Math.floor(HELD_VALUES / candidates.length));
  for (let start = 0; start < people; start += step) {
    const scores = await recommender(histories.slice(start, start + step), candidates);
    for (let i = 0; i < scores.rows; i++) {
      const person = start + i;
      const own = row(scores, i);
      const took = held[person];
      for (const item of histories[person]) {
        const place = places.get(item);
        if (place !== undefined) marks[place] = person;
      }
      found.lists.push(firstOf(own, took, marks, person));
      for (const place of took) marks[place] = person;
      const counted = counter.count(own, took, marks, person, -1);
      if (counted.broken >= 0) throw new RangeError(`the score of candidate ${counted.broken} is not a number`);
      const known = took.reduce((sum, place) => sum + Number(own[place] > Number.NEGATIVE_INFINITY), 0);
      const ranks = Int32Array.from(counted.ranks).fill(NEVER, known);
      found.ndcgAt10[person] = gain(ranks, own, took)(LIST);
      found.mapAt10[person] = averagePrecisionAt(ranks, LIST);
      found.recallAt10[person] = shareWithin(ranks, LIST);
      found.recallAt100[person] = shareWithin(ranks, FAR);
    }
    progress?.(start + scores.rows, people);
  }
  return found;
}

/** The places of the largest scores among those that were not seen; among equals what was taken last, then the earlier first. */
function firstOf(scores: Float32Array, took: Int32Array, marks: Int32Array, seen: number): Int32Array {
  const isTaken = new Set(took);
  const first: number[] = [];
  const isBefore = (a: number, b: number) =>
    scores[a] > scores[b] || (scores[a] === scores[b] && !isTaken.has(a) && isTaken.has(b));
  for (let place = 0; place < scores.length; place++) {
    if (marks[place] === seen || scores[place] === Number.NEGATIVE_INFINITY) continue;
    if (first.length === LIST && !isBefore(place, first[LIST - 1])) continue;
    let at = first.length;
    while (at > 0 && isBefore(place, first[at - 1])) at--;
    first.splice(at, 0, place);
    if (first.length > LIST) first.pop();
  }
  return Int32Array.from(first);
}

export type RecommendMeasures = Readonly<Record<RecommendQuality, number>> & {
  /** The middle 95 % of 1,000 draws of as many people; null where these are too few to draw from. */
  readonly intervals: Readonly<Record<RecommendQuality, readonly [number, number] | null>>;
};

/**
 * The means over people, and two numbers of all lists together:
 *
 * - coverage: the share of the candidates that are in the list of at least one person. Another draw of people has fewer different ones in it, and
 *   so fewer items: its interval is moved to lie about the value.
 * - popularity bias: how much more popular what is recommended is than what people had seen: the mean over people of the mean popularity of their list,
 *   divided by the same of their histories, less 1. 0 is as popular, 1 twice so, below 0 less. People without a list are passed over; 0 where nobody has one.
 *
 * Abdollahpouri, Mansoury, Burke, Mobasher: The Unfairness of Popularity Bias in Recommendation (2019), for the second (there the difference of GAP).
 *
 * @param popularity of each item, by position: how many people had to do with it
 */
export function recommendMeasures(
  { candidates, histories }: RecommendTask,
  found: Recommended,
  { popularity, seed }: { readonly popularity: Float64Array; readonly seed: number },
): RecommendMeasures {
  const { lists } = found;
  const means = ['ndcgAt10', 'mapAt10', 'recallAt10', 'recallAt100'] as const;
  const meanOf = (items: Int32Array) => items.reduce((sum, item) => sum + popularity[item], 0) / items.length;
  const before = Float64Array.from(histories, meanOf);
  const after = Float64Array.from(lists, (list) =>
    list.length === 0 ? 0 : meanOf(list.map((place) => candidates[place])),
  );
  const stamps = new Int32Array(candidates.length);
  let stamp = 0;
  const statistic = (m: Float64Array): number[] => {
    stamp++;
    const sums = new Float64Array(means.length);
    let [people, covered, popular, usual] = [0, 0, 0, 0];
    for (let i = 0; i < m.length; i++) {
      if (m[i] === 0) continue;
      people += m[i];
      for (let k = 0; k < means.length; k++) sums[k] += m[i] * found[means[k]][i];
      for (const place of lists[i]) {
        if (stamps[place] !== stamp) covered++;
        stamps[place] = stamp;
      }
      if (lists[i].length === 0) continue;
      popular += m[i] * after[i];
      usual += m[i] * before[i];
    }
    const bias = usual === 0 ? 0 : popular / usual - 1;
    return [...Array.from(sums, (sum) => sum / people), covered / candidates.length, bias];
  };
  const values = statistic(new Float64Array(histories.length).fill(1));
  const draws = bootstrapPeople(histories.length, statistic, { seed });
  const interval = (column: number): readonly [number, number] | null => {
    const spread = spreadOf(draws, column);
    if (spread === undefined) return null;
    const [low, high] = spread.interval;
    if (recommendQualities[column] !== 'coverage') return [low, high];
    const moved = values[column] - draws.reduce((sum, draw) => sum + draw[column], 0) / draws.length;
    return [Math.max(0, low + moved), Math.min(1, high + moved)];
  };
  const named = <T>(of: (column: number) => T) =>
    Object.fromEntries(recommendQualities.map((name, column) => [name, of(column)])) as Record<RecommendQuality, T>;
  return { ...named((column) => values[column]), intervals: named(interval) };
}
