import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { slice } from './slice.ts';

/** Zeros in front of and behind each axis: `before[i]` and `after[i]` of them, 0 or more. */
export const op: Op<{ before: readonly number[]; after: readonly number[] }> = {
  name: 'pad',
  infer: ([x], { before, after }) => {
    expectTypes('pad', [x], 'float32');
    const shape = x.shape.map((size, axis) => {
      const extra = before[axis] + after[axis];
      return extra === 0 ? size : (size as number) + extra;
    });
    const counts = [...before, ...after];
    const fits = counts.length === 2 * x.shape.length && counts.every((count) => Number.isInteger(count) && count >= 0);
    if (!fits || shape.some((size, axis) => typeof x.shape[axis] === 'string' && size !== x.shape[axis])) {
      throw new KindredError({
        rule: 'pad takes a whole number of zeros, 0 or more, for both sides of every axis, and 0 where the size is a symbol',
        received: `[${before}] and [${after}] for ${show(x.shape)}`,
        next: 'Give one number for each axis',
      });
    }
    return { shape, type: x.type };
  },
  gradient: (node, upstream) => {
    const { before } = node.attributes as { before: readonly number[] };
    const inside = node.inputs[0].shape.flatMap((size, axis) =>
      typeof size === 'number' ? [[axis, { start: before[axis], end: before[axis] + size }]] : [],
    );
    return [slice(upstream, Object.fromEntries(inside))];
  },
  lower: (emitter, inputs, node) => {
    const counts = [...node.attributes.before, ...node.attributes.after];
    return emitter.emit('Pad', [inputs[0], emitter.constant(counts, [counts.length], 'int64')])[0];
  },
  reference: ([x], { before }, shape) => {
    const strides = stridesOf(shape);
    const result = tensor(shape);
    everyIndex(x.shape, (offset, index) => {
      result.data[index.reduce((sum, at, axis) => sum + (at + before[axis]) * strides[axis], 0)] = x.data[offset];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [2, 3] }], attributes: { before: [0, 1], after: [2, 0] } },
    { inputs: [{ shape: [0, 2] }], attributes: { before: [1, 0], after: [0, 1] } },
    { inputs: [{ shape: [1, 2, 1] }], attributes: { before: [0, 0, 3], after: [0, 0, 3] } },
  ],
};

export const pad = (x: Node, before: readonly number[], after: readonly number[]): Node =>
  [...before, ...after].every((count) => count === 0) && before.length === x.shape.length
    ? x
    : apply(op, [x], { before, after });
