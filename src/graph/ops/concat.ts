import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { axisOf, show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { slice } from './slice.ts';

/** Joins along `axis`; every other axis agrees. Sizes along `axis` are whole numbers. */
export const op: Op<{ axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    axisOf('concat', first.shape, axis);
    const fits = inputs.every(
      (input) =>
        input.type === first.type &&
        input.shape.length === first.shape.length &&
        input.shape.every((size, i) => (i === axis ? typeof size === 'number' : size === first.shape[i])),
    );
    if (!fits) {
      throw new KindredError({
        rule: `concat needs inputs that agree on every axis but ${axis}, where sizes are whole numbers`,
        received: inputs.map((input) => `${input.type} ${show(input.shape)}`).join(' and '),
        next: 'Reshape or cast them first',
      });
    }
    const total = inputs.reduce((sum, input) => sum + (input.shape[axis] as number), 0);
    return { shape: first.shape.map((size, i) => (i === axis ? total : size)), type: first.type };
  },
  gradient: (node, upstream) => {
    const axis: number = node.attributes.axis;
    let start = 0;
    return node.inputs.map((input) => {
      const from = start;
      start += input.shape[axis] as number;
      return slice(upstream, { [axis]: { start: from, end: start } });
    });
  },
  lower: (emitter, inputs, node) => emitter.emit('Concat', inputs, { axis: node.attributes.axis })[0],
  reference: (inputs, { axis }, shape) => {
    const result = tensor(shape);
    const strides = stridesOf(shape);
    let start = 0;
    for (const input of inputs) {
      everyIndex(input.shape, (offset, index) => {
        const to = index.reduce((sum, at, i) => sum + (i === axis ? at + start : at) * strides[i], 0);
        result.data[to] = input.data[offset];
      });
      start += input.shape[axis];
    }
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [2, 3] }, { shape: [1, 3] }], attributes: { axis: 0 } },
    { inputs: [{ shape: [2, 1, 2] }, { shape: [2, 0, 2] }, { shape: [2, 3, 2] }], attributes: { axis: 1 } },
    { inputs: [{ shape: [4] }], attributes: { axis: 0 } },
  ],
};

export const concat = (inputs: readonly Node[], axis: number): Node =>
  inputs.length === 1 ? inputs[0] : apply(op, inputs, { axis: axisOf('concat', inputs[0].shape, axis) });
