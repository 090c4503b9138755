import type { ScoredLists } from './scored-lists.ts';

/**
 * What stands first among equal scores: `pessimistic`, what is less relevant, so that a ranker that cannot tell items apart gains
 * nothing by it; `optimistic`, what is more relevant; `listed`, what the list has first.
 */
export type Ties = 'pessimistic' | 'optimistic' | 'listed';

/**
 * Writes the rows of the best `most` items of a list into `best`, best first, and returns how many there are: items that were not
 * retrieved have no rank. Where `most` is small, most items fail one comparison with the worst that is kept; where it is not,
 * they are merged.
 */
export type Rank = (start: number, end: number, most: number, best: Int32Array<ArrayBuffer>) => number;

/** As many as are kept in order by insertion. */
const FEW = 32;

/** @param rows rows of the longest list */
export function ranker({ scores, grades }: ScoredLists, ties: Ties, rows: number): Rank {
  const sign = { pessimistic: -1, optimistic: 1, listed: 0 }[ties];
  /** Of two rows with the same score. */
  const winsTie = (a: number, b: number): boolean => {
    const better = sign * ((grades[a] || 0) - (grades[b] || 0));
    return better === 0 ? a < b : better > 0;
  };
  const keptScores = new Float64Array(FEW);
  const other = new Int32Array(rows);

  const insert = (start: number, end: number, most: number, best: Int32Array): number => {
    let kept = 0;
    // No score is below it but that of what was not retrieved.
    let least = -Number.MAX_VALUE;
    for (let row = start; row < end; row++) {
      const score = scores[row];
      if (score < least) continue;
      if (kept === most) {
        if (score === least && !winsTie(row, best[most - 1])) continue;
      } else kept++;
      let place = kept - 1;
      for (; place > 0; place--) {
        const above = keptScores[place - 1];
        if (above > score || (above === score && !winsTie(row, best[place - 1]))) break;
        keptScores[place] = above;
        best[place] = best[place - 1];
      }
      keptScores[place] = score;
      best[place] = row;
      if (kept === most) least = keptScores[most - 1];
    }
    return kept;
  };

  const merge = (start: number, end: number, best: Int32Array<ArrayBuffer>): number => {
    let count = 0;
    for (let row = start; row < end; row++) if (scores[row] > Number.NEGATIVE_INFINITY) best[count++] = row;
    let [from, to] = [best, other];
    for (let width = 1; width < count; width *= 2) {
      for (let low = 0; low < count; low += 2 * width) {
        const middle = Math.min(low + width, count);
        const high = Math.min(low + 2 * width, count);
        let i = low;
        let j = middle;
        for (let k = low; k < high; k++) {
          if (i === middle) to[k] = from[j++];
          else if (j === high) to[k] = from[i++];
          else {
            const [a, b] = [from[i], from[j]];
            const first = scores[a] > scores[b] || (scores[a] === scores[b] && winsTie(a, b));
            to[k] = first ? from[i++] : from[j++];
          }
        }
      }
      [from, to] = [to, from];
    }
    if (from !== best) best.set(from.subarray(0, count));
    return count;
  };

  return (start, end, most, best) => {
    const few = Math.min(most, end - start);
    if (few === 0) return 0;
    return few <= FEW ? insert(start, end, few, best) : Math.min(most, merge(start, end, best));
  };
}

/**
 * Counts what a list has to be found, and writes its grades in the best order that there is.
 *
 * Grades that are small whole numbers, as they nearly always are, are counted and not sorted.
 */
export class Ideal {
  /** How many items are relevant, and how many were judged and are not. */
  relevant = 0;
  irrelevant = 0;
  readonly #grades: ScoredLists['grades'];
  readonly #from: number;
  readonly #sorted: Float64Array;
  /** Of whole grades: how many items have each. */
  readonly #counts: Int32Array | undefined;

  /** @param from the smallest grade that is relevant @param counted the largest grade, if all are whole and it is small */
  constructor(grades: ScoredLists['grades'], from: number, rows: number, counted: number | undefined) {
    this.#grades = grades;
    this.#from = from;
    this.#sorted = new Float64Array(counted === undefined ? rows : 0);
    this.#counts = counted === undefined ? undefined : new Int32Array(counted + 1);
  }

  /** Looks at a list. */
  count(start: number, end: number): void {
    const grades = this.#grades;
    const from = this.#from;
    const counts = this.#counts;
    let relevant = 0;
    let unjudged = 0;
    if (counts !== undefined) {
      counts.fill(0);
      for (let row = start; row < end; row++) {
        const grade = grades[row];
        if (Number.isNaN(grade)) unjudged++;
        else counts[grade]++;
      }
      for (let grade = 0; grade < counts.length; grade++) if (grade >= from) relevant += counts[grade];
    } else {
      for (let row = start; row < end; row++) {
        const grade = grades[row];
        if (grade >= from) relevant++;
        else if (Number.isNaN(grade)) unjudged++;
      }
    }
    this.relevant = relevant;
    this.irrelevant = end - start - unjudged - relevant;
  }

  /**
   * The grades above 0 of the list that was counted last, the largest first, at most as many as `into` has room for.
   *
   * @returns how many there are
   */
  sort(start: number, end: number, into: Float64Array): number {
    const counts = this.#counts;
    let filled = 0;
    if (counts !== undefined) {
      for (let grade = counts.length - 1; grade > 0 && filled < into.length; grade--) {
        for (let left = counts[grade]; left > 0 && filled < into.length; left--) into[filled++] = grade;
      }
      return filled;
    }
    let count = 0;
    for (let row = start; row < end; row++) if (this.#grades[row] > 0) this.#sorted[count++] = this.#grades[row];
    const sorted = this.#sorted.subarray(0, count).sort();
    while (filled < into.length && count > 0) into[filled++] = sorted[--count];
    return filled;
  }
}
