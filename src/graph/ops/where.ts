import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { broadcastShapes } from '../shape.ts';
import { broadcastOffset, everyIndex, tensor } from '../tensor.ts';
import { zeros } from './constant.ts';
import { sumTo } from './sum.ts';

/** `condition ? a : b`, all three broadcasting. Where a branch is not taken its gradient is 0, whatever its value is. */
export const op: Op<Record<never, never>> = {
  name: 'where',
  infer: ([condition, a, b]) => {
    expectTypes('where (its condition)', [condition], 'bool');
    expectTypes('where (its branches)', [a, b], 'float32', 'int64');
    expectTypes('where (its second branch)', [b], a.type);
    return {
      shape: broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape)),
      type: a.type,
    };
  },
  gradient: (node, upstream) => {
    const [condition, a, b] = node.inputs;
    return [
      null,
      sumTo(where(condition, upstream, zeros([])), a.shape),
      sumTo(where(condition, zeros([]), upstream), b.shape),
    ];
  },
  lower: (emitter, inputs) => emitter.emit('Where', inputs)[0],
  reference: ([condition, a, b], _, shape) => {
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      const chosen = condition.data[broadcastOffset(condition.shape, index)] ? a : b;
      result.data[offset] = chosen.data[broadcastOffset(chosen.shape, index)];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [2, 3], type: 'bool', fill: 'bits' }, { shape: [2, 3] }, { shape: [] }], attributes: {} },
    { inputs: [{ shape: [3, 1], type: 'bool', fill: 'bits' }, { shape: [4] }, { shape: [3, 4] }], attributes: {} },
    { inputs: [{ shape: [0, 1], type: 'bool', fill: 'bits' }, { shape: [0, 2] }, { shape: [1, 2] }], attributes: {} },
    {
      inputs: [
        { shape: [3], type: 'bool', fill: 'bits' },
        { shape: [3], type: 'int64', fill: [4, 5, 6] },
        { shape: [1], type: 'int64', fill: [-1] },
      ],
      attributes: {},
    },
  ],
};

export const where = (condition: Node, a: Node, b: Node): Node => apply(op, [condition, a, b], {});
