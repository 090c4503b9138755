import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf, show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { reshape } from './reshape.ts';
import { sum } from './sum.ts';

/** Instead of a position: zeros are taken. */
export const NOTHING = -1;

/**
 * Values at positions that are fixed when the graph is built: `y[.., i, ..] = x[.., positions[i], ..]` along `axis`, and
 * zeros where a position is -1. Positions may repeat; what comes from the same place adds up in the gradient.
 *
 * It copies runs of everything behind `axis`, which is many times faster than strided slices and their concatenation.
 */
export const op: Op<{ axis: number; positions: readonly number[] }> = {
  name: 'take',
  infer: ([x], { axis, positions }) => {
    expectTypes('take', [x], 'float32');
    const size = x.shape[axisOf('take', x.shape, axis)];
    const wrong = positions.find(
      (at) => !Number.isInteger(at) || at < NOTHING || typeof size !== 'number' || at >= size,
    );
    if (wrong !== undefined) {
      throw new KindredError({
        rule: 'take needs positions within an axis whose size is a whole number, or -1 for zeros',
        received: `${wrong} on axis ${axis} of ${show(x.shape)}`,
        next: `Use -1 to ${typeof size === 'number' ? size - 1 : 'the size minus 1'}`,
      });
    }
    return { shape: x.shape.map((each, i) => (i === axis ? positions.length : each)), type: x.type };
  },
  gradient: (node, upstream) => {
    const { axis, positions } = node.attributes as { axis: number; positions: readonly number[] };
    const { shape } = node.inputs[0];
    const places: number[][] = Array.from({ length: shape[axis] as number }, () => []);
    positions.forEach((at, i) => {
      if (at !== NOTHING) places[at].push(i);
    });
    const most = places.reduce((longest, { length }) => Math.max(longest, length), 1);
    const back = places.flatMap((list) => Array.from({ length: most }, (_, i) => list[i] ?? NOTHING));
    const apart = [...shape.slice(0, axis + 1), most, ...shape.slice(axis + 1)];
    return [sum(reshape(take(upstream, axis, back), apart), [axis + 1])];
  },
  lower: (emitter, [x], node) => {
    const { axis, positions } = node.attributes as { axis: number; positions: readonly number[] };
    const { shape } = node.inputs[0];
    const rank = shape.length;
    let from = x;
    if (positions.includes(NOTHING)) {
      const counts = Array.from({ length: 2 * rank }, (_, i) => (i === rank + axis ? 1 : 0));
      from = emitter.emit('Pad', [x, emitter.constant(counts, [2 * rank], 'int64')])[0];
    }
    const indices = positions.map((at) => (at === NOTHING ? (shape[axis] as number) : at));
    return emitter.emit('Gather', [from, emitter.constant(indices, [indices.length], 'int64')], { axis })[0];
  },
  reference: ([x], { axis, positions }, shape) => {
    const strides = stridesOf(x.shape);
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      const at = positions[index[axis]];
      if (at === NOTHING) return;
      result.data[offset] = x.data[index.reduce((sum, own, i) => sum + (i === axis ? at : own) * strides[i], 0)];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [2, 4, 3] }], attributes: { axis: 1, positions: [3, -1, 0, 3, 3, 1] } },
    { inputs: [{ shape: [3, 2] }], attributes: { axis: 0, positions: [2, 0] } },
    { inputs: [{ shape: [3, 2] }], attributes: { axis: 1, positions: [-1, -1, 0] } },
    { inputs: [{ shape: [2, 3] }], attributes: { axis: 1, positions: [] } },
    { inputs: [{ shape: [0, 3] }], attributes: { axis: 1, positions: [2, -1] } },
  ],
};

/** `take(x, 1, [2, -1])`: of `[batch, 3, ...]` the last on axis 1, and zeros behind it: `[batch, 2, ...]`. */
export function take(x: Node, axis: number, positions: readonly number[]): Node {
  const along = axisOf('take', x.shape, axis);
  const whole = positions.length === x.shape[along] && positions.every((at, i) => at === i);
  return whole ? x : apply(op, [x], { axis: along, positions });
}
