import { type Matrix, matrix, row } from '../core/matrix.ts';

export interface ScoreTile {
  readonly start: number;
  readonly rows: number;
  /** rows x candidates.rows, larger is closer */
  readonly scores: Float32Array;
}

function unit(m: Matrix): Matrix {
  const out = matrix(m.rows, m.columns);
  for (let i = 0; i < m.rows; i++) {
    const from = row(m, i);
    let s = 0;
    for (const x of from) s += x * x;
    const scale = s === 0 ? 0 : 1 / Math.sqrt(s);
    const to = row(out, i);
    for (let j = 0; j < from.length; j++) to[j] = from[j] * scale;
  }
  return out;
}

/** Plain loops. */
export async function* scoreTiles(
  queries: Matrix,
  candidates: Matrix,
  options: { metric: 'cosine' | 'squared-euclidean' | 'dot'; rows?: number },
): AsyncGenerator<ScoreTile> {
  const cosine = options.metric === 'cosine';
  const a = cosine ? unit(queries) : queries;
  const b = cosine ? unit(candidates) : candidates;
  const d = a.columns;
  const squares = (m: Matrix) =>
    Float64Array.from({ length: m.rows }, (_, i) => row(m, i).reduce((s, x) => s + x * x, 0));
  const euclid = options.metric === 'squared-euclidean';
  const sa = squares(a);
  const sb = squares(b);
  const step = options.rows ?? Math.max(1, Math.floor(2 ** 22 / Math.max(1, b.rows)));
  const buffer = new Float32Array(Math.min(step, a.rows) * b.rows);
  for (let start = 0; start < a.rows; start += step) {
    const rows = Math.min(step, a.rows - start);
    for (let i = 0; i < rows; i++) {
      const x = (start + i) * d;
      for (let c = 0; c < b.rows; c++) {
        let dot = 0;
        const y = c * d;
        for (let j = 0; j < d; j++) dot += a.data[x + j] * b.data[y + j];
        buffer[i * b.rows + c] = euclid ? -Math.max(0, sa[start + i] + sb[c] - 2 * dot) : dot;
      }
    }
    yield { start, rows, scores: buffer.subarray(0, rows * b.rows) };
  }
}
