import { must } from '../../core/error.ts';
import { type Matrix, matrix, row, takeRows } from '../../core/matrix.ts';
import type { Random } from '../../core/random.ts';
import { constant } from '../../graph/ops/constant.ts';
import { div } from '../../graph/ops/div.ts';
import { sub } from '../../graph/ops/sub.ts';
import { ownRandom } from '../../views/own-random.ts';
import type { VectorView } from '../../views/vector-view.ts';
import type { Encoder } from '../encoder.ts';
import type { Feed } from '../feed.ts';
import { type Reduction, reduced } from '../reduction.ts';

/**
 * Vectors as the model's input: `vectors`, float32 `[batch, columns]`. Each column is centred and scaled to deviation 1, by the vectors that
 * are trained on; a column without contrast is only centred. An encoder that is `unscaled` takes them as they are. One that asks for principal
 * components gets these, of what its columns became.
 *
 * Looks are made here and not by threads: they take less than their messages would.
 *
 * @param trained - positions that are measured; without them the feed serves a model that exists.
 */
export function vectorFeed(
  vectors: Matrix,
  {
    trained = new Int32Array(0),
    views = [],
    encoder,
    reduction,
  }: {
    readonly trained?: Int32Array;
    readonly views?: readonly VectorView[];
    readonly encoder?: Encoder;
    readonly reduction?: Reduction | undefined;
  } = {},
): Feed {
  const { rows, columns } = vectors;
  const { mean, deviation } = moments(vectors, encoder?.unscaled ? new Int32Array(0) : trained);
  return {
    kind: 'vector',
    input: { name: 'vectors', type: 'float32', shape: [columns] },
    count: rows,
    around: (encoder: Encoder) => ({
      ...encoder,
      apply(scope, x) {
        const scaled = div(sub(x, constant(mean, [columns])), constant(deviation, [columns]));
        if (encoder.reduce === undefined) return encoder.apply(scope, scaled);
        must(reduction !== undefined, () => ({
          rule: 'Principal components are found in the training items before the graph is built',
          received: 'none',
          next: 'Give feedOf the reductions that reductionsOf of train/reductions finds',
        }));
        return encoder.apply(scope, reduced(scaled, reduction, encoder.reduce));
      },
    }),
    async values(positions, random) {
      const taken = takeRows(vectors, positions);
      if (random !== undefined && views.length > 0)
        lookAt(taken, views, ownRandom(positions, random), { mean, deviation });
      return taken.data;
    },
    features: (positions) => takeRows(vectors, positions),
    settings: { columns },
    words: {
      before: 'nothing',
      inside:
        [
          ...(encoder?.unscaled ? [] : ['each column: (value - mean) / deviation of the training data']),
          ...(reduction === undefined
            ? []
            : [`${reduction.components.rows} principal components of the training data`]),
        ].join(', then ') || 'nothing',
    },
  };
}

/** Puts a look in the place of each vector; views see them centred and scaled. */
function lookAt(
  vectors: Matrix,
  views: readonly VectorView[],
  draw: (place: number) => Random,
  { mean, deviation }: { readonly mean: Float64Array; readonly deviation: Float64Array },
): void {
  const { rows, columns, data } = vectors;
  const scaled = matrix(
    rows,
    columns,
    data.map((value, i) => (value - mean[i % columns]) / deviation[i % columns]),
  );
  let [look, next] = [new Float32Array(columns), new Float32Array(columns)];
  for (let i = 0; i < rows; i++) {
    const own = draw(i);
    look.set(row(scaled, i));
    for (const view of views) {
      view.apply(look, next, own, { count: rows, own: i, vector: (k) => row(scaled, k) });
      [look, next] = [next, look];
    }
    for (let k = 0; k < columns; k++) data[i * columns + k] = mean[k] + deviation[k] * look[k];
  }
}

/** The vectors at positions as an encoder gets them: each column centred and scaled by them, unless it takes them as they are. */
export function scaledVectors(vectors: Matrix, positions: Int32Array, unscaled: boolean): Matrix {
  const taken = takeRows(vectors, positions);
  const { columns, data } = taken;
  if (unscaled) return taken;
  const { mean, deviation } = moments(vectors, positions);
  for (let i = 0; i < data.length; i++) data[i] = (data[i] - mean[i % columns]) / deviation[i % columns];
  return taken;
}

/** Mean and deviation of each column, over the rows at `positions`; 0 and 1 where there are none. */
function moments(vectors: Matrix, positions: Int32Array): { mean: Float64Array; deviation: Float64Array } {
  const sums = new Float64Array(vectors.columns);
  for (const position of positions)
    row(vectors, position).forEach((value, k) => {
      sums[k] += value;
    });
  const count = Math.max(1, positions.length);
  const mean = sums.map((sum) => sum / count);
  const squares = new Float64Array(vectors.columns);
  for (const position of positions)
    row(vectors, position).forEach((value, k) => {
      squares[k] += (value - mean[k]) ** 2;
    });
  return { mean, deviation: squares.map((square) => Math.sqrt(square / count) || 1) };
}
