import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { show } from '../shape.ts';
import { tensor } from '../tensor.ts';
import { scatterAdd } from './scatter-add.ts';

/**
 * Rows of a table: `table [rows, ...]` and `indices` of any shape give `[...indices, ...]`. An index lies between 0 and
 * rows - 1. Where a row is taken more than once its gradients add up.
 */
export const op: Op<Record<never, never>> = {
  name: 'gather',
  infer: ([table, indices]) => {
    expectTypes('gather (its indices)', [indices], 'int64');
    if (table.shape.length === 0) {
      throw new KindredError({
        rule: 'gather takes rows of a table with at least one axis',
        received: show(table.shape),
        next: 'Reshape it to [rows, ...]',
      });
    }
    return { shape: [...indices.shape, ...table.shape.slice(1)], type: table.type };
  },
  gradient: (node, upstream) => {
    const [table, indices] = node.inputs;
    return [scatterAdd(upstream, indices, table.shape[0]), null];
  },
  lower: (emitter, inputs) => emitter.emit('Gather', inputs, { axis: 0 })[0],
  reference: ([table, indices], _, shape) => {
    const width = table.shape.slice(1).reduce((a, b) => a * b, 1);
    const result = tensor(shape);
    indices.data.forEach((row, i) => {
      result.data.set(table.data.subarray(row * width, (row + 1) * width), i * width);
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [4, 3] }, { shape: [5], type: 'int64', fill: [3, 0, 3, 1, 3] }], attributes: {} },
    { inputs: [{ shape: [3, 2, 2] }, { shape: [2, 2], type: 'int64', fill: [2, 1, 0, 2] }], attributes: {} },
    { inputs: [{ shape: [5] }, { shape: [], type: 'int64', fill: [4] }], attributes: {} },
    { inputs: [{ shape: [1, 1] }, { shape: [1], type: 'int64', fill: [0] }], attributes: {} },
    { inputs: [{ shape: [3, 2] }, { shape: [0], type: 'int64', fill: [] }], attributes: {} },
    { inputs: [{ shape: [3, 0] }, { shape: [2], type: 'int64', fill: [1, 1] }], attributes: {} },
    {
      inputs: [
        { shape: [3], type: 'int64', fill: [7, 8, 9] },
        { shape: [2], type: 'int64', fill: [2, 0] },
      ],
      attributes: {},
    },
  ],
};

export const gather = (table: Node, indices: Node): Node => apply(op, [table, indices], {});
