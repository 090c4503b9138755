/** Rows of float32, one after the other: embeddings `[items, dimension]`, or pixels as features. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, `rows * columns` values. */
  readonly data: Float32Array;
}

/** A matrix over `data`, or over zeros. */
export function matrix(rows: number, columns: number, data = new Float32Array(rows * columns)): Matrix {
  if (data.length !== rows * columns) {
    throw new RangeError(`a ${rows} x ${columns} matrix has ${rows * columns} values, received ${data.length}`);
  }
  return { rows, columns, data };
}

/** Row `index` as a view, not a copy. */
export function row(m: Matrix, index: number): Float32Array {
  // A view beyond the end would be empty, and copying it would leave zeros.
  if (!(Number.isInteger(index) && index >= 0 && index < m.rows)) {
    throw new RangeError(`there is no row ${index} in ${m.rows} rows`);
  }
  return m.data.subarray(index * m.columns, (index + 1) * m.columns);
}

/** Scales a vector to length 1, in place, and says how long it was; zeros stay. The length is computed in float64. */
export function toUnitLength(vector: Float32Array): number {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length > 0) for (let k = 0; k < vector.length; k++) vector[k] /= length;
  return length;
}

/** The rows named by `indices`, copied, in that order. */
export function takeRows(m: Matrix, indices: ArrayLike<number>): Matrix {
  const taken = matrix(indices.length, m.columns);
  for (let i = 0; i < indices.length; i++) taken.data.set(row(m, indices[i]), i * m.columns);
  return taken;
}
