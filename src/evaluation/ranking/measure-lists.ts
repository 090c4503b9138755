import { must } from '../../core/error.ts';
import { metricOf } from './metrics.ts';
import { Ideal, ranker, type Ties } from './order.ts';
import { checkScoredLists, type ScoredLists } from './scored-lists.ts';

export interface RankingOptions {
  /** Names of metrics: see `metricOf`. */
  readonly metrics: readonly string[];
  /** The gain of a grade in DCG: the grade, or `2^grade - 1`. Published tables use both. */
  readonly gain?: 'linear' | 'exponential';
  /** What stands first among equal scores; `pessimistic` unless given. */
  readonly ties?: Ties;
  /** What a list counts as in which nothing is relevant: nothing at all, 0 or 1. Published tables differ. `skip` unless given. */
  readonly empty?: 'skip' | 0 | 1;
  /** The smallest grade that counts as relevant; anything above 0 unless given. Of DCG and ERR grades are what they are. */
  readonly relevantFrom?: number;
}

export interface RankingQualities {
  /** By name, for each list; NaN where it counts for nothing. */
  readonly perQuery: Readonly<Record<string, Float64Array>>;
  /** Over the lists that count. NaN where there is none. */
  readonly means: Readonly<Record<string, number>>;
  /** Lists in which something is relevant. */
  readonly judged: number;
}

/**
 * How well lists are ranked by their scores, by any number of metrics at once. Memory is that of the longest list and of the
 * results; each list is ranked once, as far down as the metrics look.
 *
 * @throws KindredError for metrics that do not exist, and lists that cannot be
 */
export function measureLists(lists: ScoredLists, options: RankingOptions): RankingQualities {
  const { gain = 'exponential', ties = 'pessimistic', empty = 'skip', relevantFrom } = options;
  must(options.metrics.length > 0, () => ({
    rule: 'Ranked lists are measured by one metric or more',
    received: 'none',
    next: 'Give for example ndcg@10',
  }));
  checkScoredLists(lists);
  const metrics = options.metrics.map(metricOf);
  const { offsets, scores, grades } = lists;
  const queries = offsets.length - 1;
  let longest = 0;
  for (let i = 0; i < queries; i++) longest = Math.max(longest, offsets[i + 1] - offsets[i]);
  const depth = Math.min(longest, Math.max(...metrics.map(({ depth }) => depth)));
  const rank = ranker(lists, ties, longest);
  // 0 is not relevant, the smallest number above it is.
  const from = relevantFrom ?? Number.MIN_VALUE;
  const { top, whole } = rangeOf(grades);
  const counted = whole && top <= 255 ? top : undefined;
  const ideal = new Ideal(grades, from, longest, counted);
  const gainOf = gain === 'linear' ? (grade: number) => grade : (grade: number) => 2 ** grade - 1;
  const gains = Float64Array.from({ length: (counted ?? -1) + 1 }, (_, grade) => gainOf(grade));
  const best = new Int32Array(longest);
  const list = {
    grades: new Float64Array(depth),
    scores: new Float64Array(depth),
    length: 0,
    ideal: new Float64Array(depth),
    idealLength: 0,
    relevant: 0,
    irrelevant: 0,
    isRelevant: (grade: number) => grade >= from,
    gain: counted === undefined ? gainOf : (grade: number) => gains[grade],
    top,
  };

  const columns = metrics.map(() => new Float64Array(queries));
  const blank = empty === 'skip' ? Number.NaN : empty;
  const needsIdeal = metrics.some(({ name }) => name.startsWith('ndcg'));
  let judged = 0;
  for (let query = 0; query < queries; query++) {
    const start = offsets[query];
    const end = offsets[query + 1];
    ideal.count(start, end);
    if (ideal.relevant === 0) {
      for (const column of columns) column[query] = blank;
      continue;
    }
    judged++;
    const length = rank(start, end, depth, best);
    for (let i = 0; i < length; i++) {
      list.grades[i] = grades[best[i]];
      list.scores[i] = scores[best[i]];
    }
    list.length = length;
    list.idealLength = needsIdeal ? ideal.sort(start, end, list.ideal) : 0;
    list.relevant = ideal.relevant;
    list.irrelevant = ideal.irrelevant;
    for (let i = 0; i < metrics.length; i++) columns[i][query] = metrics[i].of(list);
  }
  const perQuery = Object.fromEntries(metrics.map(({ name }, i) => [name, columns[i]]));
  return { perQuery, means: Object.fromEntries(metrics.map(({ name }) => [name, meanOf(perQuery[name])])), judged };
}

/** The largest grade, and whether all of them are whole numbers. */
function rangeOf(grades: ScoredLists['grades']): { top: number; whole: boolean } {
  let top = 0;
  let whole = true;
  for (let row = 0; row < grades.length; row++) {
    const grade = grades[row];
    if (grade > top) top = grade;
    if (grade > Math.floor(grade)) whole = false;
  }
  return { top, whole };
}

/** Over what is a number. */
function meanOf(values: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
