import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf, show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { mul } from './mul.ts';
import { positive } from './positive.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';
import { sub } from './sub.ts';

/**
 * The larger of two neighbours along an axis of size 2, which goes: half of a 2x2 max-pooling with channels last. On a tie
 * the gradient goes to the first.
 */
export const op: Op<{ axis: number }> = {
  name: 'maxPairs',
  infer: ([x], { axis }) => {
    expectTypes('maxPairs', [x], 'float32');
    if (x.shape[axis] !== 2) {
      throw new KindredError({
        rule: 'maxPairs needs an axis of size 2',
        received: `axis ${axis} of ${show(x.shape)}`,
        next: 'Reshape [.., 2 n, ..] to [.., n, 2, ..] first',
      });
    }
    return { shape: x.shape.filter((_, i) => i !== axis), type: 'float32' };
  },
  gradient: (node, upstream) => {
    const [x] = node.inputs;
    const { axis }: { axis: number } = node.attributes;
    const [first, second] = halves(x, axis);
    const arrived = reshape(upstream, first.shape);
    // Products and differences run on all threads, selections on one.
    const toSecond = mul(arrived, positive(sub(second, first)));
    return [concat([sub(arrived, toSecond), toSecond], axis)];
  },
  lower: (emitter, [x], node) => {
    const { axis }: { axis: number } = node.attributes;
    const parts = [0, 1].map((start) => {
      const list = (value: number) => emitter.constant([value], [1], 'int64');
      return emitter.emit('Slice', [x, list(start), list(start + 1), list(axis), list(1)])[0];
    });
    const [larger] = emitter.emit('Max', parts);
    return emitter.emit('Squeeze', [larger, emitter.constant([axis], [1], 'int64')])[0];
  },
  reference: ([x], { axis }, shape) => {
    const strides = stridesOf(x.shape);
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      const from = index.reduce((sum, at, i) => sum + at * strides[i < axis ? i : i + 1], 0);
      result.data[offset] = Math.max(x.data[from], x.data[from + strides[axis]]);
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [3, 2, 4], fill: 'distinct' }], attributes: { axis: 1 } },
    { inputs: [{ shape: [2], fill: 'distinct' }], attributes: { axis: 0 } },
    { inputs: [{ shape: [2, 3, 2], fill: 'distinct' }], attributes: { axis: 2 } },
    { inputs: [{ shape: [0, 2, 1] }], attributes: { axis: 1 } },
  ],
};

const halves = (x: Node, axis: number): [Node, Node] => [
  slice(x, { [axis]: { start: 0, end: 1 } }),
  slice(x, { [axis]: { start: 1, end: 2 } }),
];

export const maxPairs = (x: Node, axis: number): Node => apply(op, [x], { axis: axisOf('maxPairs', x.shape, axis) });
