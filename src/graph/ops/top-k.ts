import { KindredError } from '../../core/error.ts';
import { alongAxis } from '../along.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf, show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { takeAlong } from './take-along.ts';

interface Selection {
  readonly axis: number;
  readonly k: number;
  /** Whether the largest values are taken, not the smallest. */
  readonly largest: boolean;
}

/** Positions of the k largest (or smallest) values along `axis`, best first; of equals the first one. No gradient. */
export const op: Op<Selection> = {
  name: 'topK',
  infer: ([x], { axis, k }) => {
    expectTypes('topK', [x], 'float32');
    const size = x.shape[axisOf('topK', x.shape, axis)];
    if (typeof size !== 'number' || !Number.isInteger(k) || k < 0 || k > size) {
      throw new KindredError({
        rule: 'topK takes k from 0 to the size of its axis, which is a whole number',
        received: `k ${k} on axis ${axis} of ${show(x.shape)}`,
        next: 'Use a smaller k, or another axis',
      });
    }
    return { shape: x.shape.map((old, i) => (i === axis ? k : old)), type: 'int64' };
  },
  gradient: () => [null],
  lower: (emitter, [x], node) => {
    // ONNX Runtime ends the whole process when there is nothing to choose from.
    if (node.shape.includes(0))
      return emitter.emit('Expand', [emitter.constant([0], [], 'int64'), emitter.sizes(node.shape)])[0];
    const { axis, k, largest }: Selection = node.attributes;
    const count = emitter.constant([k], [1], 'int64');
    return emitter.emit('TopK', [x, count], { axis, largest: Number(largest), sorted: 1 }, { outputs: 2 })[1];
  },
  reference: ([x], { axis, largest }, shape) => {
    const order = alongAxis(x, axis, (row) =>
      row.map((_, i) => i).sort((a, b) => (largest ? row[b] - row[a] : row[a] - row[b]) || a - b),
    );
    const result = tensor(shape);
    const strides = stridesOf(x.shape);
    everyIndex(shape, (offset, index) => {
      result.data[offset] = order.data[index.reduce((sum, at, i) => sum + at * strides[i], 0)];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [3, 5], fill: 'distinct' }], attributes: { axis: 1, k: 2, largest: true } },
    { inputs: [{ shape: [3, 5, 2], fill: 'distinct' }], attributes: { axis: 1, k: 5, largest: false } },
    { inputs: [{ shape: [6], fill: [1, 7, 7, 1, 7, 7] }], attributes: { axis: 0, k: 5, largest: true } },
    { inputs: [{ shape: [6], fill: [1, 7, 7, 1, 7, 7] }], attributes: { axis: 0, k: 3, largest: false } },
    { inputs: [{ shape: [1, 1], fill: [2] }], attributes: { axis: 0, k: 1, largest: true } },
    { inputs: [{ shape: [0, 4], fill: [] }], attributes: { axis: 1, k: 3, largest: true } },
    { inputs: [{ shape: [2, 4] }], attributes: { axis: 1, k: 0, largest: true } },
  ],
};

/** The k largest (or smallest) values along `axis` and where they are, best first. The gradient goes to those values. */
export function topK(
  x: Node,
  k: number,
  { axis = -1, largest = true }: { axis?: number; largest?: boolean } = {},
): { values: Node; indices: Node } {
  const along = axisOf('topK', x.shape, axis);
  const indices = apply(op, [x], { axis: along, k, largest });
  return { values: takeAlong(x, indices, along), indices };
}
