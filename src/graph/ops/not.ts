import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { tensor } from '../tensor.ts';

/** The opposite of a mask. */
export const op: Op<Record<never, never>> = {
  name: 'not',
  infer: ([x]) => {
    expectTypes('not', [x], 'bool');
    return { shape: x.shape, type: 'bool' };
  },
  gradient: () => [null],
  lower: (emitter, inputs) => emitter.emit('Not', inputs)[0],
  reference: ([x], _, shape) =>
    tensor(
      shape,
      x.data.map((value) => 1 - value),
    ),
  samples: () => [
    { inputs: [{ shape: [3, 2], type: 'bool', fill: 'bits' }], attributes: {} },
    { inputs: [{ shape: [0], type: 'bool', fill: 'bits' }], attributes: {} },
  ],
};

export const not = (x: Node): Node => apply(op, [x], {});
