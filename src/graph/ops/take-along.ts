import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf, show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { addAlong } from './add-along.ts';

/**
 * `y[i][j] = x[i][indices[i][j]]`: each row picks its own values along `axis` (NumPy's take_along_axis). The other axes
 * of `indices` have the sizes of `x`. Repeated indices add up in the gradient.
 */
export const op: Op<{ axis: number }> = {
  name: 'takeAlong',
  infer: ([x, indices], { axis }) => {
    expectTypes('takeAlong (its indices)', [indices], 'int64');
    axisOf('takeAlong', x.shape, axis);
    if (x.shape.length !== indices.shape.length || x.shape.some((size, i) => i !== axis && size !== indices.shape[i])) {
      throw new KindredError({
        rule: `takeAlong needs indices that agree with its input on every axis but ${axis}`,
        received: `${show(x.shape)} and indices ${show(indices.shape)}`,
        next: 'Broadcast or reshape the indices first',
      });
    }
    return { shape: indices.shape, type: x.type };
  },
  gradient: (node, upstream) => {
    const [x, indices] = node.inputs;
    return [addAlong(upstream, indices, node.attributes.axis, x.shape[node.attributes.axis]), null];
  },
  lower: (emitter, inputs, node) => emitter.emit('GatherElements', inputs, { axis: node.attributes.axis })[0],
  reference: ([x, indices], { axis }, shape) => {
    const strides = stridesOf(x.shape);
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      const from = index.reduce((sum, at, i) => sum + (i === axis ? indices.data[offset] : at) * strides[i], 0);
      result.data[offset] = x.data[from];
    });
    return result;
  },
  samples: () => [
    {
      inputs: [{ shape: [2, 4] }, { shape: [2, 3], type: 'int64', fill: [0, 3, 3, 1, 1, 1] }],
      attributes: { axis: 1 },
    },
    { inputs: [{ shape: [3, 2] }, { shape: [1, 2], type: 'int64', fill: [2, 0] }], attributes: { axis: 0 } },
    { inputs: [{ shape: [0, 4] }, { shape: [0, 3], type: 'int64', fill: [] }], attributes: { axis: 1 } },
  ],
};

export const takeAlong = (x: Node, indices: Node, axis: number): Node =>
  apply(op, [x, indices], { axis: axisOf('takeAlong', x.shape, axis) });
