import { KindredError, must } from '../../core/error.ts';

/**
 * Items of lists, each with a score and a grade: list `i` is `offsets[i]` to `offsets[i + 1] - 1`.
 *
 * A grade is 0 or more, or NaN where nobody has judged the item: it counts as 0, and bpref passes it over. A score is a
 * number, or -Infinity for an item that was not retrieved: it has no rank, and still counts among what there was to find.
 */
export interface ScoredLists {
  readonly offsets: Int32Array;
  readonly scores: Float32Array | Float64Array;
  readonly grades: Float32Array | Float64Array;
}

/** @throws KindredError for columns that do not fit, scores that are NaN or Infinity, and grades that are negative or infinite. */
export function checkScoredLists({ offsets, scores, grades }: ScoredLists): void {
  const rows = offsets[offsets.length - 1];
  must(offsets[0] === 0 && rows === scores.length && rows === grades.length, () => ({
    rule: 'Lists have one score and one grade for each item, and the last offset is their number',
    received: `${rows} items, ${scores.length} scores and ${grades.length} grades`,
    next: 'Give columns of the same length',
  }));
  for (let row = 0; row < rows; row++) {
    if (scores[row] < Number.POSITIVE_INFINITY) continue;
    throw new KindredError({
      rule: 'Items are ranked by a score that is a number',
      received: `${scores[row]} in row ${row}`,
      next: 'Look at the features of this item, or at the ranker',
    });
  }
  for (let row = 0; row < rows; row++) {
    if (!(grades[row] < 0) && grades[row] !== Number.POSITIVE_INFINITY) continue;
    throw new KindredError({
      rule: 'Grades are 0 or more, and finite',
      received: `${grades[row]} in row ${row}`,
      next: 'Correct the column, or add a number to all grades',
    });
  }
}
