import { type Matrix, row } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { scoreTiles } from '../onnx/score-tiles.ts';
import { largest } from './closest.ts';
import { byDistance, type Index, mustBeIndexable, type Neighbours, named } from './hits.ts';

/**
 * An index that compares each query with every item: `O(items x dimension)` time a query, a tile of scores at a time.
 *
 * Which items are closest is decided in float32; the distances of those are then computed in float64, so that equal
 * embeddings are at equal distance and an item is at distance 0 from itself.
 *
 * @param embeddings - `[items, dimension]`, finite; kept, not copied. Any length: cosine normalises.
 * @param ids - One per item, each of them once.
 */
export function exactIndex(options: { embeddings: Matrix; ids: readonly string[]; metric: Metric }): Index {
  mustBeIndexable(options.embeddings, options.ids);
  return named(exactNeighbours(options.embeddings, options.metric), async () => options.ids);
}

/** {@link exactIndex} without names. */
export function exactNeighbours(embeddings: Matrix, metric: Metric): Neighbours {
  const distance = distances[metric];
  return {
    size: embeddings.rows,
    dimension: embeddings.columns,
    metric,
    async find(queries, k) {
      const found = [];
      for await (const { start, rows, scores } of scoreTiles(queries, embeddings, { metric })) {
        for (let i = 0; i < rows; i++) {
          const query = row(queries, start + i);
          const closest = largest(scores.subarray(i * embeddings.rows, (i + 1) * embeddings.rows), k);
          found.push(
            Array.from(closest, (position) => ({
              position,
              distance: distance(query, row(embeddings, position)),
            })).sort(byDistance),
          );
        }
      }
      return found;
    },
  };
}

const distances: Record<Metric, (a: Float32Array, b: Float32Array) => number> = {
  cosine(a, b) {
    const lengths = Math.sqrt(dot(a, a) * dot(b, b));
    return lengths === 0 ? 1 : Math.min(2, Math.max(0, 1 - dot(a, b) / lengths));
  },
  'squared-euclidean': (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0),
  dot: (a, b) => 1 - dot(a, b),
};

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
