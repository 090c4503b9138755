import { type Matrix, matrix } from '../core/matrix.ts';
import { symmetricEigen } from './pca.ts';

/** Scatter of labelled items within and between their groups, each divided by the number of items. */
export interface Scatter {
  readonly dimension: number;
  readonly groups: number;
  /** Mean of `(x - m_g)(x - m_g)^T`, `[dimension, dimension]`. */
  readonly within: Float64Array;
  /** Mean of `(m_g - m)(m_g - m)^T`. */
  readonly between: Float64Array;
}

export function scatter(features: Matrix, labels: Int32Array): Scatter {
  const { rows, columns } = features;
  const index = new Map([...new Set(labels)].map((label, i) => [label, i]));
  const group = Int32Array.from(labels, (label) => index.get(label) as number);
  const counts = new Float64Array(index.size);
  const centres = new Float64Array(index.size * columns);
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    counts[group[i]]++;
    for (let j = 0; j < columns; j++) {
      const value = features.data[i * columns + j];
      centres[group[i] * columns + j] += value;
      mean[j] += value / rows;
    }
  }
  centres.forEach((sum, k) => {
    centres[k] = sum / counts[Math.floor(k / columns)];
  });

  const within = new Float64Array(columns * columns);
  const between = new Float64Array(columns * columns);
  const difference = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      difference[j] = features.data[i * columns + j] - centres[group[i] * columns + j];
    }
    addOuter(within, difference, 1 / rows);
  }
  for (let g = 0; g < index.size; g++) {
    for (let j = 0; j < columns; j++) difference[j] = centres[g * columns + j] - mean[j];
    addOuter(between, difference, counts[g] / rows);
  }
  return { dimension: columns, groups: index.size, within, between };
}

/**
 * Fisher's discriminant directions over the first `dimension` features: the `v` that maximise
 * `v^T B v / v^T W' v`, with the scatter within groups shrunk towards a sphere,
 * `W' = (1 - shrinkage) W + shrinkage trace(W) / dimension I`, and scaled so that `v^T W' v = 1`.
 *
 * `[directions, dimension]`, best first; at most `groups - 1` of them. None where there is one group, or where the
 * groups do not differ. (Fisher 1936; shrinkage as in Friedman, "Regularized Discriminant Analysis", 1989.)
 *
 * @param options.shrinkage above 0, up to 1: above 0 keeps `W'` invertible
 * @throws RangeError if no group varies (`W` is zero), or on options out of range
 */
export function discriminants(s: Scatter, options: { dimension: number; shrinkage: number }): Matrix {
  const { dimension: d, shrinkage } = options;
  if (!(d >= 1 && d <= s.dimension)) throw new RangeError(`dimension is 1 to ${s.dimension}, received ${d}`);
  if (!(shrinkage > 0 && shrinkage <= 1)) throw new RangeError(`shrinkage is above 0, up to 1, received ${shrinkage}`);
  const block = (full: Float64Array) =>
    Float64Array.from({ length: d * d }, (_, k) => full[Math.floor(k / d) * s.dimension + (k % d)]);
  const { vectors, values } = symmetricEigen(block(s.within), d);
  const sphere = values.reduce((sum, value) => sum + value, 0) / d;
  if (!(sphere > 0)) throw new RangeError('discriminants need a group whose items differ');

  // Rows of `whiten` make W' the identity; the directions are then the eigenvectors of B in that space.
  const whiten = vectors.map(
    (x, k) => x / Math.sqrt((1 - shrinkage) * Math.max(0, values[Math.floor(k / d)]) + shrinkage * sphere),
  );
  const inner = symmetricEigen(multiply(multiply(whiten, block(s.between), d), transposed(whiten, d), d), d);
  const count = Math.min(s.groups - 1, inner.values.filter((value) => value > 1e-9 * inner.values[0]).length);
  const directions = multiply(inner.vectors, whiten, d).subarray(0, count * d);
  return matrix(count, d, Float32Array.from(directions));
}

function addOuter(sum: Float64Array, v: Float64Array, weight: number): void {
  const d = v.length;
  for (let i = 0; i < d; i++) {
    const scaled = weight * v[i];
    for (let j = 0; j < d; j++) sum[i * d + j] += scaled * v[j];
  }
}

function multiply(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const result = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      const x = a[i * d + k];
      for (let j = 0; j < d; j++) result[i * d + j] += x * b[k * d + j];
    }
  }
  return result;
}

function transposed(a: Float64Array, d: number): Float64Array {
  return a.map((_, k) => a[(k % d) * d + Math.floor(k / d)]);
}
