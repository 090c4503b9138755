import { must } from '../core/error.ts';
import { type Matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';

export interface DistanceHistogramOptions {
  readonly embeddings: Matrix;
  readonly labels: Int32Array;
  readonly metric: 'cosine' | 'squared-euclidean';
  /** Default 60. */
  readonly bins?: number;
  /** Most pairs of each kind; where there are more, this many are drawn with replacement. Default 200,000. */
  readonly pairs?: number;
  readonly seed: number;
}

/** Distances between items of one group (`same`) and of two (`different`), in equal bins. */
export interface DistanceHistogram {
  readonly axis: 'euclidean distance' | '1 - cosine';
  /** `bins + 1` ascending edges. A bin holds its lower edge, the last one both. */
  readonly edges: readonly number[];
  /** Densities: sum of density times bin width is 1, or all are 0 where there is no such pair. */
  readonly same: readonly number[];
  readonly different: readonly number[];
  /** Mean distance, or null where there is no such pair. */
  readonly meanSame: number | null;
  readonly meanDifferent: number | null;
  /** Pairs that were measured. */
  readonly samePairs: number;
  readonly differentPairs: number;
}

/**
 * How far apart items of one group and of different groups are.
 *
 * The axis is the euclidean distance for 'squared-euclidean' (0 to 2 where all embeddings have unit norm, else 0 to the
 * largest distance measured) and 1 - cosine, 0 to 2, for 'cosine' (a zero vector has cosine 0 with everything). The two
 * kinds of pairs are counted apart, each pair of a kind with the same chance, because with many groups almost every
 * pair is different.
 *
 * @throws KindredError if a distance is not finite
 */
export function distanceHistogram(options: DistanceHistogramOptions): DistanceHistogram {
  const { embeddings, labels, metric, bins = 60, pairs = 200_000, seed } = options;
  must(embeddings.rows === labels.length, () => ({
    rule: 'Every embedding needs one label',
    received: `${embeddings.rows} embeddings and ${labels.length} labels`,
    next: 'Pass one label per row',
  }));
  if (!Number.isSafeInteger(bins) || bins < 1) throw new RangeError(`bins is a whole number from 1, received ${bins}`);
  if (!Number.isSafeInteger(pairs) || pairs < 1)
    throw new RangeError(`pairs is a whole number from 1, received ${pairs}`);

  const norms = Float64Array.from({ length: embeddings.rows }, (_, i) => Math.sqrt(dot(embeddings, i, i)));
  const between = (a: number, b: number): number => {
    const distance =
      metric === 'cosine' ? 1 - dot(embeddings, a, b) / (norms[a] * norms[b] || 1) : euclidean(embeddings, a, b);
    must(Number.isFinite(distance), () => ({
      rule: 'Distances must be finite',
      received: `${distance} between items ${a} and ${b}`,
      next: 'Look for NaN or infinite values in the embeddings of these two items',
    }));
    return distance;
  };
  const random = Random.seeded(seed).split('distances');
  const groups = grouped(labels);
  const same = measure(groups, true, pairs, random.split('same'), between);
  const different = measure(groups, false, pairs, random.split('different'), between);

  const unit = norms.every((norm) => Math.abs(norm - 1) < 1e-3);
  const largest = [same, different].reduce((m, distances) => distances.reduce((n, d) => Math.max(n, d), m), 0);
  const end = metric === 'cosine' || unit ? 2 : largest || 1;
  return {
    axis: metric === 'cosine' ? '1 - cosine' : 'euclidean distance',
    edges: Array.from({ length: bins + 1 }, (_, i) => (i * end) / bins),
    same: density(same, bins, end),
    different: density(different, bins, end),
    meanSame: mean(same),
    meanDifferent: mean(different),
    samePairs: same.length,
    differentPairs: different.length,
  };
}

/** Items in order of group: group `g` is `order[starts[g]]` to `order[starts[g + 1] - 1]`. */
interface Grouped {
  readonly order: Int32Array;
  readonly starts: readonly number[];
}

function grouped(labels: Int32Array): Grouped {
  const order = Int32Array.from(labels.keys()).sort((a, b) => labels[a] - labels[b] || a - b);
  const starts = [...order.keys()].filter((i) => i === 0 || labels[order[i]] !== labels[order[i - 1]]);
  return { order, starts: [...starts, order.length] };
}

/** Distances of all pairs of one kind, or of `most` drawn ones where there are more. */
function measure(
  { order, starts }: Grouped,
  same: boolean,
  most: number,
  random: Random,
  between: (a: number, b: number) => number,
): Float64Array {
  const all = order.length;
  // How many ordered pairs begin in groups 0..g.
  const upTo: number[] = [];
  for (let g = 0; g + 1 < starts.length; g++) {
    const size = starts[g + 1] - starts[g];
    upTo.push((upTo[g - 1] ?? 0) + size * (same ? size - 1 : all - size));
  }
  const total = (upTo.at(-1) ?? 0) / 2;
  if (total <= most) {
    const distances = new Float64Array(total);
    let next = 0;
    for (let g = 0; g + 1 < starts.length; g++) {
      for (let i = starts[g]; i < starts[g + 1]; i++) {
        const [from, to] = same ? [i + 1, starts[g + 1]] : [starts[g + 1], all];
        for (let j = from; j < to; j++) distances[next++] = between(order[i], order[j]);
      }
    }
    return distances;
  }
  return Float64Array.from({ length: most }, () => {
    const draw = random.uniform() * 2 * total;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (draw < upTo[middle]) high = middle;
      else low = middle + 1;
    }
    const [start, end] = [starts[low], starts[low + 1]];
    const first = start + random.integer(end - start);
    if (same) {
      const other = start + random.integer(end - start - 1);
      return between(order[first], order[other < first ? other : other + 1]);
    }
    const other = random.integer(all - (end - start));
    return between(order[first], order[other < start ? other : other + (end - start)]);
  });
}

function density(distances: Float64Array, bins: number, end: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  // Rounding can put a distance just outside the edges (a cosine of 1 + 1e-16).
  for (const distance of distances) counts[Math.min(bins - 1, Math.max(0, Math.floor((distance / end) * bins)))]++;
  return counts.map((count) => (count === 0 ? 0 : (count * bins) / (distances.length * end)));
}

function mean(values: Float64Array): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dot(m: Matrix, a: number, b: number): number {
  const [x, y] = [row(m, a), row(m, b)];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function euclidean(m: Matrix, a: number, b: number): number {
  const [x, y] = [row(m, a), row(m, b)];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2;
  return Math.sqrt(sum);
}
