import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { axisOf, type Shape, show } from '../shape.ts';
import { everyIndex, stridesOf, tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { zeros } from './constant.ts';
import { pad } from './pad.ts';
import { reshape } from './reshape.ts';

/** From `start` up to and without `end`, every `step`-th. Whole numbers, not negative, within the axis. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const length = ({ start, end, step }: AxisRange): number => Math.max(0, Math.ceil((end - start) / step));

/** A part of a tensor: a range on some axes, all of the others. */
export const op: Op<{ ranges: readonly AxisRange[] }> = {
  name: 'slice',
  infer: ([x], { ranges }) => {
    const shape = [...x.shape];
    for (const range of ranges) {
      const { axis, start, end, step } = range;
      const size = x.shape[axis];
      if (typeof size !== 'number' || start < 0 || end < start || end > size || !(step >= 1)) {
        throw new KindredError({
          rule: 'slice takes ranges within axes whose size is a whole number',
          received: `${start}:${end}:${step} on axis ${axis} of ${show(x.shape)}`,
          next: 'Give 0 <= start <= end <= size and a step of at least 1',
        });
      }
      shape[axis] = length(range);
    }
    return { shape, type: x.type };
  },
  gradient: (node, upstream) => {
    const ranges: readonly AxisRange[] = node.attributes.ranges;
    const shape = node.inputs[0].shape;
    let spread = upstream;
    const before = shape.map(() => 0);
    const after = shape.map(() => 0);
    for (const range of ranges) {
      spread = spreadOut(spread, range);
      before[range.axis] = range.start;
      after[range.axis] = (shape[range.axis] as number) - range.start - (spread.shape[range.axis] as number);
    }
    // What a stride spreads past the end is cut off again: those places hold zeros.
    const cut = Object.fromEntries(
      after.flatMap((missing, axis) =>
        missing < 0 ? [[axis, { start: 0, end: (spread.shape[axis] as number) + missing }]] : [],
      ),
    );
    return [
      pad(
        slice(spread, cut),
        before,
        after.map((missing) => Math.max(0, missing)),
      ),
    ];
  },
  lower: (emitter, inputs, node) => {
    const ranges: readonly AxisRange[] = node.attributes.ranges;
    const list = (values: number[]) => emitter.constant(values, [values.length], 'int64');
    return emitter.emit('Slice', [
      inputs[0],
      list(ranges.map(({ start }) => start)),
      list(ranges.map(({ end }) => end)),
      list(ranges.map(({ axis }) => axis)),
      list(ranges.map(({ step }) => step)),
    ])[0];
  },
  reference: ([x], { ranges }, shape) => {
    const strides = stridesOf(x.shape);
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      let from = index.reduce((sum, at, axis) => sum + at * strides[axis], 0);
      for (const { axis, start, step } of ranges) from += (start + index[axis] * (step - 1)) * strides[axis];
      result.data[offset] = x.data[from];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [5, 4] }], attributes: { ranges: [{ axis: 0, start: 1, end: 4, step: 1 }] } },
    {
      inputs: [{ shape: [2, 7, 6] }],
      attributes: {
        ranges: [
          { axis: 1, start: 0, end: 7, step: 3 },
          { axis: 2, start: 1, end: 6, step: 2 },
        ],
      },
    },
    { inputs: [{ shape: [5] }], attributes: { ranges: [{ axis: 0, start: 2, end: 2, step: 1 }] } },
    { inputs: [{ shape: [5] }], attributes: { ranges: [{ axis: 0, start: 0, end: 5, step: 4 }] } },
    { inputs: [{ shape: [0, 3] }], attributes: { ranges: [{ axis: 1, start: 0, end: 2, step: 1 }] } },
  ],
};

/** Puts `step - 1` zeros behind every value along an axis. */
function spreadOut(x: Node, { axis, step }: AxisRange): Node {
  const size = x.shape[axis] as number;
  if (step === 1 || size === 0) return x;
  const apart = (last: number): Shape => [...x.shape.slice(0, axis + 1), last, ...x.shape.slice(axis + 1)];
  const joined = concat([reshape(x, apart(1)), zeros(apart(step - 1))], axis + 1);
  return reshape(
    joined,
    x.shape.map((old, i) => (i === axis ? size * step : old)),
  );
}

/** `slice(x, { 2: { start: 0, end: 28, step: 2 } })`: every second of 28 rows of `[batch, channels, rows, columns]`. */
export function slice(x: Node, ranges: Readonly<Record<number, Range>>): Node {
  const whole = Object.entries(ranges).map(([axis, range]) => ({
    axis: axisOf('slice', x.shape, Number(axis)),
    start: range.start,
    end: range.end,
    step: range.step ?? 1,
  }));
  const needed = whole.filter(({ axis, start, end, step }) => start !== 0 || end !== x.shape[axis] || step !== 1);
  return needed.length === 0 ? x : apply(op, [x], { ranges: needed });
}
