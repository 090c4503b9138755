import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { type Dimension, show, sizeOf } from '../shape.ts';
import { tensor } from '../tensor.ts';
import { gather } from './gather.ts';
import { reshape } from './reshape.ts';

/**
 * The transpose of gather: `x [n, ...]` and `indices [n]` give `y [size, ...]`, zeros with `y[indices[i]] += x[i]`. Rows
 * that fall on the same place add up; an index lies between 0 and size - 1.
 */
export const op: Op<{ size: Dimension }> = {
  name: 'scatterAdd',
  infer: ([x, indices], { size }) => {
    expectTypes('scatterAdd', [x], 'float32');
    expectTypes('scatterAdd (its indices)', [indices], 'int64');
    if (indices.shape.length !== 1 || x.shape[0] !== indices.shape[0]) {
      throw new KindredError({
        rule: 'scatterAdd needs one index for each row: x [n, ...] and indices [n]',
        received: `${show(x.shape)} and indices ${show(indices.shape)}`,
        next: 'Reshape them so that the first axes agree',
      });
    }
    return { shape: [size, ...x.shape.slice(1)], type: x.type };
  },
  gradient: (node, upstream) => [gather(upstream, node.inputs[1]), null],
  lower: (emitter, [x, indices], node) => {
    // Not ScatterND: ONNX Runtime runs it on several threads, which lose additions to the same row.
    const { shape } = node.inputs[0];
    const target = emitter.emit('Expand', [emitter.constant([0], [], 'float32'), emitter.sizes(node.shape)])[0];
    // Nothing to add; ONNX Runtime does not expand the indices to a size of 0.
    if (shape.includes(0)) return target;
    const column = emitter.constant([-1, ...shape.slice(1).map(() => 1)], [shape.length], 'int64');
    const rows = emitter.emit('Reshape', [indices, column])[0];
    const places = shape.length === 1 ? indices : emitter.emit('Expand', [rows, emitter.sizes(shape)])[0];
    return emitter.emit('ScatterElements', [target, places, x], { axis: 0, reduction: 'add' })[0];
  },
  reference: ([x, indices], _, shape) => {
    const result = tensor(shape);
    const width = shape.slice(1).reduce((a, b) => a * b, 1);
    x.data.forEach((value, i) => {
      result.data[indices.data[Math.floor(i / width)] * width + (i % width)] += value;
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [5, 3] }, { shape: [5], type: 'int64', fill: [3, 0, 3, 1, 3] }], attributes: { size: 4 } },
    { inputs: [{ shape: [3, 2, 2] }, { shape: [3], type: 'int64', fill: [1, 0, 1] }], attributes: { size: 2 } },
    { inputs: [{ shape: [4] }, { shape: [4], type: 'int64', fill: [5, 5, 5, 5] }], attributes: { size: 7 } },
    { inputs: [{ shape: [1, 1] }, { shape: [1], type: 'int64', fill: [0] }], attributes: { size: 1 } },
    { inputs: [{ shape: [0, 2] }, { shape: [0], type: 'int64', fill: [] }], attributes: { size: 3 } },
    { inputs: [{ shape: [2, 0] }, { shape: [2], type: 'int64', fill: [1, 0] }], attributes: { size: 3 } },
  ],
};

/** `indices` of any shape: `x [...indices, ...]` adds up to `[size, ...]`. */
export function scatterAdd(x: Node, indices: Node, size: Dimension): Node {
  const rank = indices.shape.length;
  if (rank === 1) return apply(op, [x, indices], { size });
  const rows = sizeOf(indices.shape);
  return apply(op, [reshape(x, [rows, ...x.shape.slice(rank)]), reshape(indices, [rows])], { size });
}
