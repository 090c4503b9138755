import { type Matrix, matrix } from '../core/matrix.ts';

/** Takes off the mean of each column of `m`, and divides by the root of the mean variance: one number, so that directions keep their weight. */
export function scaleOf(m: Matrix): (other: Matrix) => Matrix {
  const { rows, columns, data } = m;
  const centre = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) centre[i % columns] += data[i] / rows;
  let variance = 0;
  for (let i = 0; i < data.length; i++) variance += (data[i] - centre[i % columns]) ** 2 / data.length;
  const deviation = Math.sqrt(variance) || 1;
  return (other) =>
    matrix(
      other.rows,
      columns,
      other.data.map((value, i) => (value - centre[i % columns]) / deviation),
    );
}

/** The first of several that nothing surpasses. */
export function best<T>(choices: readonly T[], quality: (choice: T) => number): T {
  return choices.reduce((a, b) => (quality(b) > quality(a) ? b : a));
}
