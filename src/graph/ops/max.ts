import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { extremumGradient, reduceSamples, reduction } from '../reduction.ts';

/** Largest value over `axes` (all of them unless given), at least one value each. Tied values share the gradient equally. */
export const op: Op<{ axes: readonly number[]; keep: boolean }> = {
  name: 'max',
  infer: ([x], attributes) => reduction.infer('max', x, attributes),
  gradient: (node, upstream) => [extremumGradient(node, upstream)],
  lower: (emitter, inputs, node) => {
    const { axes, keep } = node.attributes;
    if (axes.length === 0) return inputs[0];
    return emitter.emit('ReduceMax', inputs, { axes, keepdims: keep ? 1 : 0 })[0];
  },
  reference: ([x], { axes }, shape) => reduction.reference(x, axes, shape, -Infinity, Math.max),
  samples: () => reduceSamples('distinct', false),
};

export const max = (x: Node, axes?: readonly number[], options: { keep?: boolean } = {}): Node =>
  apply(op, [x], { axes: reduction.axes('max', x.shape, axes), keep: options.keep ?? false });
