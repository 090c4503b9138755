import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { argReference, argSamples } from '../selection.ts';
import { axisOf } from '../shape.ts';

/** Position of the largest value along `axis`, which goes; the first one among equals. No gradient. */
export const op: Op<{ axis: number }> = {
  name: 'argMax',
  infer: ([x], { axis }) => {
    expectTypes('argMax', [x], 'float32');
    axisOf('argMax', x.shape, axis);
    return { shape: x.shape.filter((_, i) => i !== axis), type: 'int64' };
  },
  gradient: () => [null],
  lower: (emitter, inputs, node) => emitter.emit('ArgMax', inputs, { axis: node.attributes.axis, keepdims: 0 })[0],
  reference: ([x], { axis }, shape) => argReference(x, axis, shape, (a, b) => a > b),
  samples: () => argSamples,
};

export const argMax = (x: Node, axis: number): Node => apply(op, [x], { axis: axisOf('argMax', x.shape, axis) });
