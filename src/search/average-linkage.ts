import { type Matrix, row } from '../core/matrix.ts';
import { Groups, type LinkageMetric } from './linkage-groups.ts';

/** Two groups that become one, each named by the position of its first item, `first < second`. */
export interface Merge {
  readonly first: number;
  readonly second: number;
  /** The mean distance of an item of the one and an item of the other. */
  readonly distance: number;
}

/**
 * Agglomerative clustering with average linkage (UPGMA; Sokal and Michener 1958), exact: again and again the two groups become one whose items
 * are nearest to each other on average, until no two are within `until`.
 *
 * No matrix of distances is needed. With the mean `m` of a group's rows, and the mean `q` of their squared lengths,
 *
 *     mean of |x - y|^2 over x in X, y in Y = q_X + q_Y - 2 m_X . m_Y
 *
 * and cosine distance is half of that between rows of length 1 (a row of zeros is at distance 1 from all). Average linkage is
 * reducible (Bruynooghe 1978): a union is no nearer to a third group than the nearer of its halves. So all pairs that are nearest to
 * each other become one in the same round, and give the same tree as one at a time; who lost no nearest group keeps it.
 *
 * Candidates are found by products in float32, and decided in float64 among those within the rounding of these. Of equal distances the pair
 * with the earliest items comes first. Memory: about `16 dimension + 150` bytes an item, and tiles of 16 MB. Time: mostly that of one
 * product of all items with all; it can be more where groups grow item by item.
 *
 * @param items - `[items, dimension]`, finite.
 * @returns the merges by rising distance: a merge never comes before those that made its groups. See {@link cutAtDistance}.
 */
export async function averageLinkage(
  items: Matrix,
  { metric, until = Number.POSITIVE_INFINITY, progress }: LinkageOptions,
): Promise<Merge[]> {
  const merges: Merge[] = [];
  const groups = new Groups(items, metric);
  const join = (a: number, b: number, distance: number) => {
    merges.push({ first: groups.items[a], second: groups.items[b], distance });
    groups.join(a, b, distance);
  };
  if (until >= 0) for (const [first, second] of equalRows(items, metric)) join(first, second, 0);
  for (;;) {
    progress?.(merges.length, items.rows);
    groups.settle(until);
    await groups.findNearest();
    const pairs = groups.nearestPairs(until);
    if (pairs.length === 0) break;
    for (const [a, b] of pairs) join(a, b, groups.heightOf(a, b));
  }
  // Stable, and no merge is lower than those below it.
  return merges.sort((a, b) => a.distance - b.distance);
}

interface LinkageOptions {
  readonly metric: LinkageMetric;
  /** Groups farther from each other than this stay apart. */
  readonly until?: number;
  readonly progress?: (merges: number, items: number) => void;
}

/** The groups after all merges of at most this distance: a number for each item, from 0, by first appearance. */
export function cutAtDistance(items: number, merges: readonly Merge[], distance: number): Int32Array {
  const until = merges.findIndex((merge) => merge.distance > distance);
  return cut(items, until < 0 ? merges : merges.slice(0, until));
}

/** So many groups, or as many as `merges` leave where these are more. As {@link cutAtDistance}. */
export const cutIntoGroups = (items: number, merges: readonly Merge[], groups: number): Int32Array =>
  cut(items, merges.slice(0, Math.max(0, items - groups)));

function cut(items: number, merges: readonly Merge[]): Int32Array {
  const parent = Int32Array.from({ length: items }, (_, i) => i);
  for (const { first, second } of merges) parent[second] = first;
  // A parent is earlier than its child, so that it has its number already.
  const numbers = new Int32Array(items);
  let next = 0;
  for (let i = 0; i < items; i++) numbers[i] = parent[i] === i ? next++ : numbers[parent[i]];
  return numbers;
}

/** Pairs of items with the same values, each with the first of its kind: they come before all others, whatever their number. */
function* equalRows(items: Matrix, metric: LinkageMetric): Generator<[first: number, second: number]> {
  const seen = new Map<string, number>();
  for (let i = 0; i < items.rows; i++) {
    const values = row(items, i);
    // By cosine they are far from each other.
    if (metric === 'cosine' && values.every((value) => value === 0)) continue;
    const key = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('latin1');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else yield [first, i];
  }
}
