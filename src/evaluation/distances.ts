import { must } from '../core/error.ts';
import { type Matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';

export interface PairDistancesOptions {
  readonly embeddings: Matrix;
  readonly labels: Int32Array;
  readonly metric: 'cosine' | 'squared-euclidean';
  /** Most pairs of each kind; where there are more, this many are drawn with replacement. Default 20,000. */
  readonly pairs?: number;
  readonly seed: number;
}

/**
 * How far apart items of one group (`same`) and of two (`different`) are, pair by pair.
 *
 * A distance is euclidean for 'squared-euclidean' and 1 - cosine, 0 to 2, for 'cosine' (a zero vector has cosine 0 with
 * everything). The two kinds are counted apart, each pair of a kind with the same chance, because with many groups
 * almost every pair is different. Where there is no pair of a kind its array is empty.
 *
 * @throws KindredError if a distance is not finite
 */
export function pairDistances(options: PairDistancesOptions): { same: Float64Array; different: Float64Array } {
  const { embeddings, labels, metric, pairs = 20_000, seed } = options;
  must(embeddings.rows === labels.length, () => ({
    rule: 'Every embedding needs one label',
    received: `${embeddings.rows} embeddings and ${labels.length} labels`,
    next: 'Pass one label per row',
  }));
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
  return {
    same: measure(groups, true, pairs, random.split('same'), between),
    different: measure(groups, false, pairs, random.split('different'), between),
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
