import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { reduceSamples, reduction } from '../reduction.ts';
import type { Shape } from '../shape.ts';
import { broadcastTo } from './broadcast-to.ts';
import { reshape } from './reshape.ts';

/** Sum over `axes` (all of them unless given); 0 over nothing. With `keep` the axes stay, with size 1. */
export const op: Op<{ axes: readonly number[]; keep: boolean }> = {
  name: 'sum',
  infer: ([x], attributes) => reduction.infer('sum', x, attributes),
  gradient: (node, upstream) => {
    const [x] = node.inputs;
    return [broadcastTo(reshape(upstream, reduction.keptShape(x.shape, node.attributes.axes)), x.shape)];
  },
  lower: (emitter, inputs, node) => {
    const { axes, keep } = node.attributes;
    if (axes.length === 0) return inputs[0];
    return emitter.emit('ReduceSum', [inputs[0], emitter.constant(axes, [axes.length], 'int64')], {
      keepdims: keep ? 1 : 0,
    })[0];
  },
  reference: ([x], { axes }, shape) => reduction.reference(x, axes, shape, 0, (sum, value) => sum + value),
  samples: () => reduceSamples('normal', true),
};

export const sum = (x: Node, axes?: readonly number[], options: { keep?: boolean } = {}): Node =>
  apply(op, [x], { axes: reduction.axes('sum', x.shape, axes), keep: options.keep ?? false });

/** Undoes broadcasting: sums over the axes along which `shape` was repeated to become `x`'s shape. */
export function sumTo(x: Node, shape: Shape): Node {
  const skip = x.shape.length - shape.length;
  const repeated = x.shape.flatMap((size, axis) => (axis < skip || shape[axis - skip] !== size ? [axis] : []));
  return repeated.length === 0 ? x : reshape(sum(x, repeated), shape);
}
