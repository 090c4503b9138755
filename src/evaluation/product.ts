import { type Matrix, matrix } from '../core/matrix.ts';
import { scoreTiles } from '../onnx/score-tiles.ts';

/** `a b^T`: `[n, d]` and `[m, d]` give `[n, m]`, whole. */
export async function product(a: Matrix, b: Matrix): Promise<Matrix> {
  const result = matrix(a.rows, b.rows);
  if (result.data.length === 0) return result;
  for await (const { start, scores } of scoreTiles(a, b, { metric: 'dot' })) result.data.set(scores, start * b.rows);
  return result;
}

export function transpose(m: Matrix): Matrix {
  const result = matrix(m.columns, m.rows);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.columns; j++) result.data[j * m.rows + i] = m.data[i * m.columns + j];
  }
  return result;
}

/** The first `columns` columns, copied. */
export function leadingColumns(m: Matrix, columns: number): Matrix {
  const result = matrix(m.rows, columns);
  for (let i = 0; i < m.rows; i++) {
    result.data.set(m.data.subarray(i * m.columns, i * m.columns + columns), i * columns);
  }
  return result;
}
