import type { Matrix } from '../core/matrix.ts';
import type { Node } from '../graph/node.ts';
import { constant } from '../graph/ops/constant.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { sub } from '../graph/ops/sub.ts';

/** Principal components of vectors, largest variance first, as they are found in the training items. */
export interface Reduction {
  /** `[columns]`. */
  readonly mean: Float64Array;
  /** `[components, columns]`, orthonormal rows. */
  readonly components: Matrix;
  /** `[components]`. */
  readonly variances: Float64Array;
}

/** What an encoder asks for. */
export interface ReductionAsked {
  /** How many; fewer where the training items have fewer. */
  readonly components: number;
  /** Whether each is divided by its deviation, so that all have variance 1. */
  readonly whiten: boolean;
}

/** `(x - mean) C^T`, divided by the root of the variances where they are whitened: `[batch, columns]` to `[batch, components]`, constants of the graph. */
export function reduced(x: Node, { mean, components, variances }: Reduction, { whiten }: ReductionAsked): Node {
  const { rows, columns, data } = components;
  const weights = new Float32Array(columns * rows);
  for (let c = 0; c < rows; c++) {
    const scale = whiten ? 1 / Math.sqrt(variances[c]) : 1;
    for (let k = 0; k < columns; k++) weights[k * rows + c] = data[c * columns + k] * scale;
  }
  return matmul(sub(x, constant(mean, [columns])), constant(weights, [columns, rows]));
}
