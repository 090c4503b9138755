import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { broadcastShapes, type Shape, sameShape } from '../shape.ts';
import { broadcastOffset, everyIndex, tensor } from '../tensor.ts';
import { sumTo } from './sum.ts';

/** Repeats along axes of size 1, and along new axes in front, up to `shape`. */
export const op: Op<{ shape: Shape }> = {
  name: 'broadcastTo',
  infer: ([x], { shape }) => ({ shape: broadcastShapes('broadcastTo', x.shape, shape), type: x.type }),
  gradient: (node, upstream) => [sumTo(upstream, node.inputs[0].shape)],
  lower: (emitter, inputs, node) => emitter.emit('Expand', [inputs[0], emitter.sizes(node.shape)])[0],
  reference: ([x], _, shape) => {
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      result.data[offset] = x.data[broadcastOffset(x.shape, index)];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [] }], attributes: { shape: [2, 3] } },
    { inputs: [{ shape: [2, 1] }], attributes: { shape: [3, 2, 4] } },
    { inputs: [{ shape: [1, 2] }], attributes: { shape: [0, 2] } },
    { inputs: [{ shape: [2, 1] }], attributes: { shape: [2, 0] } },
  ],
};

export const broadcastTo = (x: Node, shape: Shape): Node => (sameShape(x.shape, shape) ? x : apply(op, [x], { shape }));
