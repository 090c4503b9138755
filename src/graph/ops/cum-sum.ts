import { alongAxis } from '../along.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf } from '../shape.ts';

interface Scan {
  readonly axis: number;
  /** Whether a place's own value is left out of its sum. */
  readonly exclusive: boolean;
  /** Whether sums run from the end. */
  readonly reverse: boolean;
}

/** Sums along `axis` of all values up to each place. */
export const op: Op<Scan> = {
  name: 'cumSum',
  infer: ([x], { axis }) => {
    expectTypes('cumSum', [x], 'float32');
    axisOf('cumSum', x.shape, axis);
    return { shape: x.shape, type: x.type };
  },
  gradient: (node, upstream) => {
    const { axis, exclusive, reverse }: Scan = node.attributes;
    return [cumSum(upstream, axis, { exclusive, reverse: !reverse })];
  },
  lower: (emitter, inputs, node) => {
    const { axis, exclusive, reverse }: Scan = node.attributes;
    const attributes = { exclusive: Number(exclusive), reverse: Number(reverse) };
    return emitter.emit('CumSum', [inputs[0], emitter.constant([axis], [], 'int64')], attributes)[0];
  },
  reference: ([x], { axis, exclusive, reverse }) =>
    alongAxis(x, axis, (row) =>
      row.map((_, i) =>
        row
          .filter((_, j) => (reverse ? j > i : j < i) || (j === i && !exclusive))
          .reduce((total, value) => total + value, 0),
      ),
    ),
  samples: () =>
    [false, true].flatMap((exclusive) =>
      [false, true].flatMap((reverse) => [
        { inputs: [{ shape: [2, 5] }], attributes: { axis: 1, exclusive, reverse } },
        { inputs: [{ shape: [3, 1, 2] }], attributes: { axis: 0, exclusive, reverse } },
        { inputs: [{ shape: [1] }], attributes: { axis: 0, exclusive, reverse } },
        { inputs: [{ shape: [0, 3] }], attributes: { axis: 1, exclusive, reverse } },
      ]),
    ),
};

/** `[1, 2, 3] -> [1, 3, 6]`; exclusive `[0, 1, 3]`, reverse `[6, 5, 3]`, both `[5, 3, 0]`. */
export const cumSum = (x: Node, axis: number, options: { exclusive?: boolean; reverse?: boolean } = {}): Node =>
  apply(op, [x], {
    axis: axisOf('cumSum', x.shape, axis),
    exclusive: options.exclusive ?? false,
    reverse: options.reverse ?? false,
  });
