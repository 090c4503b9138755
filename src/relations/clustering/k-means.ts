import { z } from 'zod';
import { must } from '../../core/error.ts';
import { type Matrix, row } from '../../core/matrix.ts';
import { parseOptions } from '../../core/options.ts';
import { Random } from '../../core/random.ts';
import { type ClusterTree, clusterTree } from './tree.ts';

export const kMeansOptions = z.strictObject({
  levels: z.int().min(1).max(8).default(3),
  branches: z.int().min(2).max(1000).default(8).describe('into how many clusters one of the level above is divided'),
  rounds: z.int().min(1).default(20).describe('of k-means, unless nothing changes before'),
  seed: z.int().nonnegative().default(1).describe('of the first centres'),
});

/**
 * Hierarchical k-means of features: all items are divided into `branches` clusters, each of these again, and so on, `levels` deep. The
 * centres begin by k-means++; an item belongs to the nearest centre by squared distance, of equally near ones the first. A
 * cluster with no more different items than branches is divided into its different items; a centre that loses all items is gone.
 *
 * Arthur and Vassilvitskii: k-means++: The Advantages of Careful Seeding (2007).
 *
 * @param features a row for each of `positions`
 * @param positions the items that are clustered, of `items` in all; others are in no cluster
 */
export function kMeansTree(
  features: Matrix,
  { items, positions }: { readonly items: number; readonly positions: Int32Array },
  options: z.input<typeof kMeansOptions> = {},
): ClusterTree {
  const { levels, branches, rounds, seed } = parseOptions('k-means', kMeansOptions, options);
  must(positions.length > 0 && features.rows === positions.length, () => ({
    rule: 'k-means has a row of features for each item',
    received: `${features.rows} rows for ${positions.length} items`,
    next: 'Give items with features',
  }));
  const random = Random.seeded(seed);
  const found: Int32Array[] = [];
  let clusters: Int32Array[] = [Int32Array.from(positions.keys())];
  for (let level = 0; level < levels; level++) {
    clusters = clusters.flatMap((rows) => divide(features, rows, { branches, rounds, random }));
    const of = new Int32Array(items).fill(-1);
    clusters.forEach((rows, cluster) => {
      for (const i of rows) of[positions[i]] = cluster;
    });
    found.unshift(of);
  }
  return clusterTree(found);
}

interface Division {
  readonly branches: number;
  readonly rounds: number;
  readonly random: Random;
}

/** Rows in clusters by k-means. */
function divide(features: Matrix, rows: Int32Array, { branches, rounds, random }: Division): Int32Array[] {
  const centres = firstCentres(features, rows, branches, random);
  const nearest = new Int32Array(rows.length).fill(-1);
  for (let round = 0; round < rounds; round++) {
    let moved = false;
    rows.forEach((each, i) => {
      let least = Number.POSITIVE_INFINITY;
      let at = 0;
      for (const [c, centre] of centres.entries()) {
        const distance = squaredDistance(row(features, each), centre);
        if (distance < least) [least, at] = [distance, c];
      }
      moved ||= nearest[i] !== at;
      nearest[i] = at;
    });
    if (!moved) break;
    for (const [c, centre] of centres.entries())
      moveToMean(
        features,
        centre,
        rows.filter((_, i) => nearest[i] === c),
      );
  }
  return centres.map((_, c) => rows.filter((_, i) => nearest[i] === c)).filter((list) => list.length > 0);
}

/** Drawn in proportion to the squared distance to those that were drawn before; fewer where nothing else is left. */
function firstCentres(features: Matrix, rows: Int32Array, count: number, random: Random): Float64Array[] {
  const centres = [Float64Array.from(row(features, rows[random.integer(rows.length)]))];
  const distances = Float64Array.from(rows, (each) => squaredDistance(row(features, each), centres[0]));
  while (centres.length < count) {
    const total = distances.reduce((sum, each) => sum + each, 0);
    if (!(total > 0)) break;
    let left = random.uniform() * total;
    let at = distances.findIndex((each) => {
      left -= each;
      return left < 0;
    });
    if (at < 0) at = distances.findLastIndex((each) => each > 0);
    const centre = Float64Array.from(row(features, rows[at]));
    rows.forEach((each, i) => {
      distances[i] = Math.min(distances[i], squaredDistance(row(features, each), centre));
    });
    centres.push(centre);
  }
  return centres;
}

function moveToMean(features: Matrix, centre: Float64Array, rows: Int32Array): void {
  if (rows.length === 0) return;
  centre.fill(0);
  for (const each of rows) {
    const point = row(features, each);
    for (let k = 0; k < point.length; k++) centre[k] += point[k] / rows.length;
  }
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}
