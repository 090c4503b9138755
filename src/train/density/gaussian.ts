import type { Encoder } from '../../encoders/encoder.ts';
import { scalar } from '../../graph/ops/constant.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { mul } from '../../graph/ops/mul.ts';
import { sub } from '../../graph/ops/sub.ts';
import { sum } from '../../graph/ops/sum.ts';
import { sizeOf } from '../../graph/shape.ts';

/**
 * The logarithm of a Gaussian without its normaliser: `-1/2 (x - m)' L L' (x - m)` of rows `x` `[B, d]`, `[B, 1]`, with the parameters
 * `mean` `[1, d]` and `root` `L` `[d, d]`, of which `L L'` is the precision, whatever `L`. It starts at mean 0 and precision 1.
 *
 * Its normaliser is `Z = (2 pi)^(d / 2) / |det L|`: {@link logNormalizer}.
 */
export const gaussian: Encoder = {
  name: 'gaussian',
  apply(scope, x) {
    const dimension = sizeOf(x.shape.slice(1));
    const mean = scope.parameter('mean', [1, dimension], (values) => values.fill(0));
    const root = scope.parameter('root', [dimension, dimension], (values) => {
      values.fill(0);
      for (let i = 0; i < dimension; i++) values[i * (dimension + 1)] = 1;
    });
    const turned = matmul(sub(x, mean), root);
    return mul(sum(mul(turned, turned), [1], { keep: true }), scalar(-0.5));
  },
};

/** `log Z` of the {@link gaussian} with this `root` `[d, d]`: `d/2 log(2 pi) - log |det L|`; infinite where it has none. */
export function logNormalizer(root: ArrayLike<number>, dimension: number): number {
  const rows = Array.from({ length: dimension }, (_, i) =>
    Array.from({ length: dimension }, (_, k) => root[i * dimension + k]),
  );
  let logDeterminant = 0;
  // Gaussian elimination, the largest of the column first.
  for (let k = 0; k < dimension; k++) {
    let pivot = k;
    for (let i = k + 1; i < dimension; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    logDeterminant += Math.log(Math.abs(rows[k][k]));
    if (rows[k][k] === 0) break;
    for (let i = k + 1; i < dimension; i++) {
      const share = rows[i][k] / rows[k][k];
      for (let j = k; j < dimension; j++) rows[i][j] -= share * rows[k][j];
    }
  }
  return 0.5 * dimension * Math.log(2 * Math.PI) - logDeterminant;
}
