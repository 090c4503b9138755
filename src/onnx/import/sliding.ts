import { must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import { avgPoolOver } from '../../graph/ops/avg-pool.ts';
import { max } from '../../graph/ops/max.ts';
import { maxPoolOver } from '../../graph/ops/max-pool.ts';
import { mean } from '../../graph/ops/mean.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { type Shape, show } from '../../graph/shape.ts';
import type { Window } from '../../graph/windows.ts';
import type { Call, Rules } from './rule.ts';

/** `[n, c, w]` as a picture of one row, `[n, c, 1, w]`. Pictures stay. */
export const lined = (x: Node): Node =>
  x.shape.length === 3 ? reshape(x, [...x.shape.slice(0, 2), 1, ...x.shape.slice(2)]) : x;

/** Undoes it for what was made of the lined `x`. */
export const flat = (x: Node, y: Node): Node =>
  x.shape.length === 3 ? reshape(y, [...y.shape.slice(0, 2), ...y.shape.slice(3)]) : y;

/** Stride, padding and dilation of a convolution or pooling, for pictures; along one axis it gets a first one of size 1. */
export function slides(call: Call, sizes: Shape, kernel: readonly number[]): Window {
  const { attributes } = call;
  const one = (): number[] => kernel.map(() => 1);
  const stride = attributes.ints('strides') ?? one();
  const dilation = attributes.ints('dilations') ?? one();
  const auto = attributes.string('auto_pad', 'NOTSET');
  const explicit = attributes.ints('pads') ?? [...one(), ...one()].map(() => 0);
  const sides = kernel.map((size, axis) => {
    if (auto === 'VALID') return [0, 0];
    if (auto === 'NOTSET') return [explicit[axis], explicit[axis + kernel.length]];
    const length = sizes[axis];
    must(typeof length === 'number', () => ({
      rule: `Padding of ${auto} needs to know the size of the picture`,
      received: show(sizes),
      next: 'Give pictures of a fixed size',
    }));
    const reach = (size - 1) * dilation[axis] + 1;
    const total = Math.max(0, (Math.ceil(length / stride[axis]) - 1) * stride[axis] + reach - length);
    const less = Math.floor(total / 2);
    return auto === 'SAME_LOWER' ? [total - less, less] : [less, total - less];
  });
  const two = (values: readonly number[], single: number): [number, number] =>
    values.length === 1 ? [single, values[0]] : [values[0], values[1]];
  const before = two(
    sides.map(([first]) => first),
    0,
  );
  const after = two(
    sides.map(([, last]) => last),
    0,
  );
  return { stride: two(stride, 1), dilation: two(dilation, 1), padding: [...before, ...after] };
}

/** A pooling window. With ceil_mode, places are added behind until the last window fits. */
function pooling(call: Call, x: Node) {
  const kernel = call.attributes.ints('kernel_shape') ?? [];
  must(x.shape.length === kernel.length + 2 && (kernel.length === 1 || kernel.length === 2), () => ({
    rule: 'Poolings go along one or two axes',
    received: `a window of ${show(kernel)} on ${show(x.shape)}`,
    next: 'Move the cut above it',
  }));
  const { stride, padding, dilation } = slides(call, x.shape.slice(2), kernel);
  must(
    dilation.every((each) => each === 1),
    () => ({
      rule: 'Poolings have no dilation',
      received: `dilations ${show(dilation)}`,
      next: 'Move the cut above it',
    }),
  );
  const window: [number, number] = kernel.length === 1 ? [1, kernel[0]] : [kernel[0], kernel[1]];
  const lines = lined(x);
  const behind = ([0, 1] as const).map((axis) => {
    const size = lines.shape[2 + axis];
    const [before, after] = [padding[axis], padding[axis + 2]];
    if (call.attributes.int('ceil_mode', 0) === 0 || typeof size !== 'number') return after;
    const last = Math.ceil((size + before + after - window[axis]) / stride[axis]);
    // A window that would start behind the picture and its padding in front is left out.
    const start = stride[axis] * (last * stride[axis] >= size + before ? last - 1 : last);
    return Math.max(after, start + window[axis] - size - before);
  });
  const grown = behind.some((places, axis) => places !== padding[axis + 2]);
  const all: [number, number, number, number] = [padding[0], padding[1], behind[0], behind[1]];
  return { lines, grown, over: { kernel: window, stride, padding: all } };
}

function averagePool(call: Call): Node {
  const x = call.node(0);
  const { lines, grown, over } = pooling(call, x);
  const countPadding = call.attributes.int('count_include_pad', 0) === 1;
  must(!(grown && countPadding), () => ({
    rule: 'An average counts padding on all sides alike',
    received: 'ceil_mode with count_include_pad',
    next: 'Move the cut above it',
  }));
  return flat(x, avgPoolOver(lines, { ...over, countPadding }));
}

const spatial = (x: Node): number[] => x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));

/** Poolings. */
export const poolings: Rules = {
  AveragePool: averagePool,
  GlobalAveragePool: (call) => mean(call.node(0), spatial(call.node(0)), { keep: true }),
  GlobalMaxPool: (call) => max(call.node(0), spatial(call.node(0)), { keep: true }),
  MaxPool: (call) => {
    const x = call.node(0);
    const { lines, over } = pooling(call, x);
    return flat(x, maxPoolOver(lines, over));
  },
};
