import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';

/** Axes in another order: axis i of the result is axis `order[i]` of the input. */
export const op: Op<{ order: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { order }) => {
    if (order.length !== x.shape.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new KindredError({
        rule: 'transpose names every axis of its input once',
        received: `[${order}] for ${show(x.shape)}`,
        next: `Give an order of 0 to ${x.shape.length - 1}`,
      });
    }
    return { shape: order.map((axis) => x.shape[axis]), type: x.type };
  },
  gradient: (node, upstream) => {
    const order: readonly number[] = node.attributes.order;
    return [
      transpose(
        upstream,
        order.map((_, i) => order.indexOf(i)),
      ),
    ];
  },
  lower: (emitter, inputs, node) => emitter.emit('Transpose', inputs, { perm: node.attributes.order })[0],
  reference: ([x], { order }, shape) => {
    const strides = stridesOf(x.shape);
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      result.data[offset] = x.data[order.reduce((sum, axis, i) => sum + strides[axis] * index[i], 0)];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [2, 3] }], attributes: { order: [1, 0] } },
    { inputs: [{ shape: [2, 3, 4] }], attributes: { order: [2, 0, 1] } },
    { inputs: [{ shape: [1, 0, 5] }], attributes: { order: [1, 2, 0] } },
  ],
};

export const transpose = (x: Node, order: readonly number[]): Node =>
  order.every((axis, i) => axis === i) && order.length === x.shape.length ? x : apply(op, [x], { order });
