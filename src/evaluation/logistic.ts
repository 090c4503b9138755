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

/**
 * The loss of one logistic regression for each output (one against all), for {@link OutputLoss}: the sum over items and outputs of
 * `log(1 + exp(o)) - t o`, with the slope `sigmoid(o) - t`, where `t` is 1 for those that the item has and 0 for the others.
 *
 * @param has of item `i`: `has.tags[has.offsets[i]]` to `has.tags[has.offsets[i + 1] - 1]`, numbers of outputs, each once
 */
export const oneAgainstAll =
  (has: { readonly offsets: Int32Array; readonly tags: Int32Array }): OutputLoss =>
  (outputs, slopes) => {
    const items = has.offsets.length - 1;
    const width = outputs.length / Math.max(1, items);
    let loss = 0;
    for (let k = 0; k < outputs.length; k++) {
      const small = Math.exp(-Math.abs(outputs[k]));
      loss += Math.max(0, outputs[k]) + Math.log1p(small);
      slopes[k] = outputs[k] >= 0 ? 1 / (1 + small) : small / (1 + small);
    }
    for (let i = 0; i < items; i++) {
      for (let at = has.offsets[i]; at < has.offsets[i + 1]; at++) {
        const k = i * width + has.tags[at];
        loss -= outputs[k];
        slopes[k] -= 1;
      }
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
