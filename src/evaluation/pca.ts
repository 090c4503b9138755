import { Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { must } from '../core/error.ts';
import { dot } from '../core/inner-product.ts';
import { type Matrix, matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { product, transpose } from './product.ts';

/** Principal components, largest variance first. */
export interface Pca {
  /** `[features]`. */
  readonly mean: Float64Array;
  /** `[components, features]`, orthonormal rows. */
  readonly components: Matrix;
  /** Variance along each component (divided by the number of items), descending. */
  readonly variances: Float64Array;
}

const oversampling = 16;
const iterations = 5;
/** Values of a block of items that is centred at a time: 64 MiB, whatever the number of features. */
const blockValues = 2 ** 24;
/** Variances below this share of the largest are rounding of float32. */
const negligible = 1e-6;

/**
 * Principal components of `[items, features]` by randomised subspace iteration (Halko, Martinsson, Tropp, "Finding
 * structure with randomness", 2011): the covariance `[features, features]` is never built, so that large pictures fit.
 * Exact (to float32) where `components + 16` reaches the number of features; else the last components are approximate.
 *
 * Fewer components come back than asked for where the data have fewer; none where all items are equal.
 *
 * @throws KindredError if there are no items, or on features that are not finite
 */
export async function pca(features: Matrix, options: { components: number; seed: number }): Promise<Pca> {
  const { rows, columns } = features;
  const mean = columnMeans(features);
  must(mean.every(Number.isFinite), () => ({
    rule: 'Principal components need finite features',
    received: rows === 0 ? 'no items' : `a column with the mean ${mean.find((value) => !Number.isFinite(value))}`,
    next: 'Pass at least one item, and leave out those with NaN or infinite features',
  }));
  const wanted = Math.min(options.components, columns, Math.max(0, rows - 1));
  const size = Math.min(columns, wanted + oversampling);
  const exact = size === columns;
  const random = Random.seeded(options.seed).split('pca');
  let basis = matrix(size, columns);
  if (exact) for (let i = 0; i < size; i++) basis.data[i * columns + i] = 1;
  else
    basis = orthonormalRows(
      basis.data.map(() => random.normal()),
      columns,
    );

  let image = await covarianceTimes(features, mean, basis);
  for (let i = 1; !exact && i < iterations; i++) {
    basis = orthonormalRows(image, columns);
    image = await covarianceTimes(features, mean, basis);
  }
  // Rayleigh and Ritz: the eigenvectors of the covariance within the span of the basis.
  const inside = await product(matrix(basis.rows, columns, image), basis);
  const { vectors, values } = symmetricEigen(Float64Array.from(inside.data), basis.rows);
  const kept = values.filter((value, i) => i < wanted && value > negligible * values[0]).length;
  return {
    mean,
    components: await product(
      matrix(kept, basis.rows, Float32Array.from(vectors.subarray(0, kept * basis.rows))),
      transpose(basis),
    ),
    variances: values.slice(0, kept),
  };
}

/** Coordinates `[items, components]` along the components, from the mean. */
export async function project(model: Pca, features: Matrix): Promise<Matrix> {
  const coordinates = matrix(features.rows, model.components.rows);
  for (const centred of centredBlocks(features, model.mean)) {
    const block = await product(centred.block, model.components);
    coordinates.data.set(block.data, centred.start * coordinates.columns);
  }
  return coordinates;
}

/** Eigenvectors (rows, unit norm) and values of a symmetric `size x size` matrix, largest value first. */
export function symmetricEigen(values: Float64Array, size: number): { vectors: Float64Array; values: Float64Array } {
  const dense = new Dense(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) dense.set(i, j, (values[i * size + j] + values[j * size + i]) / 2);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  return {
    vectors: Float64Array.from({ length: size * size }, (_, k) =>
      eigenvectorMatrix.get(k % size, order[Math.floor(k / size)]),
    ),
    values: Float64Array.from(order, (i) => realEigenvalues[i]),
  };
}

/** `basis X^T X / n` with `X` centred, `[basis rows, features]`, one block of items at a time. */
async function covarianceTimes(
  features: Matrix,
  mean: Float64Array,
  basis: Matrix,
): Promise<Float32Array<ArrayBuffer>> {
  const sum = new Float64Array(basis.rows * basis.columns);
  for (const { block } of centredBlocks(features, mean)) {
    const coordinates = await product(basis, block);
    const part = await product(coordinates, transpose(block));
    for (let i = 0; i < sum.length; i++) sum[i] += part.data[i];
  }
  return new Float32Array(sum).map((value) => value / features.rows);
}

function* centredBlocks(features: Matrix, mean: Float64Array): Generator<{ start: number; block: Matrix }> {
  const { columns } = features;
  const most = Math.max(1, Math.floor(blockValues / columns));
  for (let start = 0; start < features.rows; start += most) {
    const block = matrix(Math.min(most, features.rows - start), columns);
    for (let i = 0; i < block.rows; i++) {
      for (let j = 0; j < columns; j++) {
        block.data[i * columns + j] = features.data[(start + i) * columns + j] - mean[j];
      }
    }
    yield { start, block };
  }
}

function columnMeans(m: Matrix): Float64Array {
  const means = new Float64Array(m.columns);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.columns; j++) means[j] += m.data[i * m.columns + j];
  }
  return means.map((sum) => sum / m.rows);
}

/** An orthonormal basis of the rows (Gram and Schmidt, twice); rows that add nothing are dropped. */
function orthonormalRows(values: Float32Array, columns: number): Matrix {
  const rows = Array.from({ length: values.length / columns }, (_, i) =>
    Float64Array.from(values.subarray(i * columns, (i + 1) * columns)),
  );
  const kept: Float64Array[] = [];
  for (const vector of rows) {
    const before = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of kept) {
        const along = dot(vector, other);
        for (let i = 0; i < columns; i++) vector[i] -= along * other[i];
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    if (norm > negligible * before) kept.push(vector.map((x) => x / norm));
  }
  const basis = matrix(kept.length, columns);
  kept.forEach((vector, i) => {
    row(basis, i).set(vector);
  });
  return basis;
}
