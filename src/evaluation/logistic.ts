import type { Matrix } from '../core/matrix.ts';
import type { OutputLoss } from './linear-fit.ts';

/**
 * The loss of multinomial logistic regression, for {@link OutputLoss}: the sum over items of `log(sum over c of exp(o_c)) - o_y`, with the slope
 * `softmax(o) - [c = y]`. Shifted by the largest output, so that none is too large.
 *
 * @param labels of each item, 0 to the number of outputs - 1
 */
export const crossEntropy =
  (labels: Int32Array): OutputLoss =>
  (outputs, slopes) => {
    const classes = outputs.length / labels.length;
    let loss = 0;
    for (let i = 0; i < labels.length; i++) {
      const at = i * classes;
      let most = outputs[at];
      for (let c = 1; c < classes; c++) most = Math.max(most, outputs[at + c]);
      let total = 0;
      for (let c = 0; c < classes; c++) {
        const each = Math.exp(outputs[at + c] - most);
        slopes[at + c] = each;
        total += each;
      }
      for (let c = 0; c < classes; c++) slopes[at + c] /= total;
      slopes[at + labels[i]] -= 1;
      loss += Math.log(total) + most - outputs[at + labels[i]];
    }
    return loss;
  };

/** The column of the largest value of each row; the first, where several are. */
export function largest({ rows, columns, data }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let c = 1; c < columns; c++) if (data[i * columns + c] > data[i * columns + best]) best = c;
    return best;
  });
}
