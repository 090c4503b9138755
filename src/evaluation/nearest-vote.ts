import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { scoreTiles } from '../onnx/score-tiles.ts';

/**
 * Classification by the k nearest: each query gets the class that most of its k nearest candidates have; of classes with equally many,
 * that of the nearest. Candidates at equal distance come in their order. Of fewer than k candidates all vote.
 *
 * Cover and Hart: Nearest neighbor pattern classification (1967).
 *
 * @returns the classes of the queries, for each of `ks`
 */
export async function nearestVote(options: {
  readonly queries: Matrix;
  readonly candidates: Matrix;
  /** Of the candidates, from 0 on. */
  readonly labels: Int32Array;
  readonly ks: readonly number[];
  readonly metric: Metric;
  readonly progress?: (done: number, total: number) => void;
}): Promise<ReadonlyMap<number, Int32Array>> {
  const { queries, candidates, labels, ks, metric } = options;
  const found = new Map(ks.map((k) => [k, new Int32Array(queries.rows)]));
  const most = Math.min(candidates.rows, Math.max(...ks));
  const classes = labels.reduce((last, label) => Math.max(last, label), -1) + 1;
  for await (const { start, rows, scores } of scoreTiles(queries, candidates, { metric })) {
    for (let i = 0; i < rows; i++) {
      const order = highest(scores.subarray(i * candidates.rows, (i + 1) * candidates.rows), most);
      const votes = new Int32Array(classes);
      let taken = 0;
      for (const k of [...ks].sort((a, b) => a - b)) {
        for (; taken < Math.min(k, most); taken++) votes[labels[order[taken]]]++;
        (found.get(k) as Int32Array)[start + i] = elected(votes, labels, order);
      }
    }
    options.progress?.(start + rows, queries.rows);
  }
  return found;
}

function elected(votes: Int32Array, labels: Int32Array, order: Int32Array): number {
  const enough = votes.reduce((a, b) => Math.max(a, b), 0);
  for (const candidate of order) if (votes[labels[candidate]] === enough) return labels[candidate];
  return -1;
}

/** The positions of the `count` largest values, largest first; equal ones in their order. */
function highest(values: Float32Array, count: number): Int32Array {
  const at = new Int32Array(count);
  const kept = new Float32Array(count);
  let filled = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (filled === count && value <= kept[count - 1]) continue;
    let [low, high] = [0, filled];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (kept[middle] >= value) low = middle + 1;
      else high = middle;
    }
    if (filled < count) filled++;
    at.copyWithin(low + 1, low, filled - 1);
    kept.copyWithin(low + 1, low, filled - 1);
    at[low] = i;
    kept[low] = value;
  }
  return at;
}
