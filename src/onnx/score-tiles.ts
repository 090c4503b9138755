import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { defaultThreads } from '../core/threads.ts';
import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { scalar } from '../graph/ops/constant.ts';
import { input } from '../graph/ops/input.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { neg } from '../graph/ops/neg.ts';
import { relu } from '../graph/ops/relu.ts';
import { sub } from '../graph/ops/sub.ts';
import { sum } from '../graph/ops/sum.ts';
import { transpose } from '../graph/ops/transpose.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { lower } from './lower.ts';
import { Program } from './program.ts';

/** The scores of some queries against all candidates. */
export interface ScoreTile {
  /** The first query of the tile, and how many there are. */
  readonly start: number;
  readonly rows: number;
  /** `[rows, candidates]`, larger is closer. The next tile is written to the same place. */
  readonly scores: Float32Array;
}

/** Scores held at a time: 16 MB. */
const TILE_VALUES = 2 ** 22;

/**
 * Scores of every query against every candidate, a tile of queries at a time: memory does not grow with their product.
 *
 * `dot`: `q . c`. `cosine`: `q . c / (|q| |c|)`, 0 where either is zero. `squared-euclidean`: `-|q - c|^2`, not above 0.
 */
export async function* scoreTiles(
  queries: Matrix,
  candidates: Matrix,
  options: { readonly metric: Metric; readonly rows?: number },
): AsyncGenerator<ScoreTile> {
  if (queries.rows === 0 || candidates.rows === 0) return;
  const program = await programFor(options.metric);
  const step = Math.min(queries.rows, options.rows ?? Math.max(1, Math.floor(TILE_VALUES / candidates.rows)));
  const buffer = new Float32Array(step * candidates.rows);
  const columns = queries.columns;
  for (let start = 0; start < queries.rows; start += step) {
    const rows = Math.min(step, queries.rows - start);
    const scores = buffer.subarray(0, rows * candidates.rows);
    await program.run(
      {
        queries: { shape: [rows, columns], data: queries.data.subarray(start * columns, (start + rows) * columns) },
        candidates: { shape: [candidates.rows, columns], data: candidates.data },
      },
      { scores: { shape: [rows, candidates.rows], data: scores } },
    );
    yield { start, rows, scores };
  }
}

const programs = new Map<Metric, Promise<Program>>();

/** One session for each metric, for as long as the process lives: the shapes are symbols. */
function programFor(metric: Metric): Promise<Program> {
  let program = programs.get(metric);
  if (program === undefined) {
    const scores = definitions[metric](input('queries', ['q', 'd']), input('candidates', ['c', 'd']));
    program = Program.compile(lower({ outputs: { scores } }), { threads: defaultThreads() });
    programs.set(metric, program);
  }
  return program;
}

const dot = (q: Node, c: Node): Node => matmul(q, c, { b: true });
const squares = (x: Node): Node => sum(mul(x, x), [1], { keep: true });

const definitions: Record<Metric, (q: Node, c: Node) => Node> = {
  dot,
  cosine: (q, c) => dot(unitNorm(q), unitNorm(c)),
  'squared-euclidean': (q, c) =>
    neg(relu(sub(add(squares(q), transpose(squares(c), [1, 0])), mul(scalar(2), dot(q, c))))),
};
