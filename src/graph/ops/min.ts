import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { extremumGradient, reduceSamples, reduction } from '../reduction.ts';

/** Smallest value over `axes` (all of them unless given), at least one value each. Tied values share the gradient equally. */
export const op: Op<{ axes: readonly number[]; keep: boolean }> = {
  name: 'min',
  infer: ([x], attributes) => reduction.infer('min', x, attributes),
  gradient: (node, upstream) => [extremumGradient(node, upstream)],
  lower: (emitter, inputs, node) => {
    const { axes, keep } = node.attributes;
    if (axes.length === 0) return inputs[0];
    return emitter.emit('ReduceMin', inputs, { axes, keepdims: keep ? 1 : 0 })[0];
  },
  reference: ([x], { axes }, shape) => reduction.reference(x, axes, shape, Infinity, Math.min),
  samples: () => reduceSamples('distinct', false),
};

export const min = (x: Node, axes?: readonly number[], options: { keep?: boolean } = {}): Node =>
  apply(op, [x], { axes: reduction.axes('min', x.shape, axes), keep: options.keep ?? false });
