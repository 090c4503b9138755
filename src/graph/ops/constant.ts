import type { DataType, Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import type { Shape } from '../shape.ts';
import { tensor } from '../tensor.ts';
import { broadcastTo } from './broadcast-to.ts';

/** Values fixed when the graph is built. A leaf. */
export const op: Op<{ values: ArrayLike<number>; shape: readonly number[]; type: DataType }> = {
  name: 'constant',
  infer: (_, { values, shape, type }) => {
    tensor(shape, values);
    return { shape, type };
  },
  gradient: () => [],
  lower: (emitter, _, node) => emitter.constant(node.attributes.values, node.attributes.shape, node.type),
  reference: (_, { values, shape }) => tensor(shape, values),
  samples: () => [
    { inputs: [], attributes: { values: [1.5, -2], shape: [2, 1], type: 'float32' } },
    { inputs: [], attributes: { values: [], shape: [0, 3], type: 'int64' } },
  ],
};

export const constant = (values: ArrayLike<number>, shape: readonly number[], type: DataType = 'float32'): Node =>
  apply(op, [], { values, shape, type });

/** A constant of shape [], which broadcasts with everything. */
export const scalar = (value: number): Node => constant([value], []);

/** Zeros of any shape, symbols included. */
export const zeros = (shape: Shape): Node => (shape.length === 0 ? scalar(0) : broadcastTo(scalar(0), shape));
