import { type Matrix, matrix, row } from '../core/matrix.ts';

/**
 * Embeddings with a byte for each dimension: `round(127 x / max |x|)` by row, -127 to 127. Cosine does not see the scale of a row, so it
 * is not kept: 128 dimensions are 128 bytes. A row of zeros stays one.
 */
export function quantised(embeddings: Matrix): Int8Array {
  const bytes = new Int8Array(embeddings.data.length);
  for (let r = 0; r < embeddings.rows; r++) {
    const values = row(embeddings, r);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) continue;
    for (let i = 0; i < values.length; i++) bytes[r * embeddings.columns + i] = Math.round((127 * values[i]) / largest);
  }
  return bytes;
}

/** The bytes of {@link quantised} as numbers, to be measured by cosine. */
export const fromBytes = ({ rows, columns }: Matrix, bytes: Int8Array): Matrix =>
  matrix(rows, columns, Float32Array.from(bytes));
