import type { DataType, Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import type { Shape } from '../shape.ts';

/** A value that is fed when the graph runs: a batch, labels, a weight. A leaf. */
export const op: Op<{ name: string; shape: Shape; type: DataType }> = {
  name: 'input',
  infer: (_, { shape, type }) => ({ shape, type }),
  gradient: () => [],
  lower: (_emitter, _inputs, node) => node.attributes.name,
  reference: (_, { name }) => {
    throw new RangeError(`no value was fed for the input "${name}"`);
  },
  samples: () => [],
};

/** A named input. Sizes may be symbols (`'batch'`), which every other input with the same symbol shares. */
export const input = (name: string, shape: Shape, type: DataType = 'float32'): Node =>
  apply(op, [], { name, shape, type });
