import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { everyWindow, type Pooling, type PoolingOptions, pooledShape, poolingOf, poolingSamples } from '../pooling.ts';
import { tensor } from '../tensor.ts';
import { broadcastTo } from './broadcast-to.ts';
import { constant, scalar } from './constant.ts';
import { conv2dTranspose } from './conv2d-transpose.ts';
import { mul } from './mul.ts';

interface Averaging extends Pooling {
  /** Whether places of the padding count, as zeros. */
  readonly countPadding: boolean;
}

/** The mean of each window: `[n, c, h, w] -> [n, c, oh, ow]`. */
export const op: Op<Averaging> = {
  name: 'avgPool',
  infer: ([x], pooling) => ({ shape: pooledShape('avgPool', x, pooling), type: 'float32' }),
  gradient: (node, upstream) => {
    const pooling: Averaging = node.attributes;
    const [channels, height, width] = node.inputs[0].shape.slice(1) as number[];
    const ones = broadcastTo(scalar(1), [channels, 1, ...pooling.kernel]);
    const window = { stride: pooling.stride, padding: pooling.padding, dilation: [1, 1] as const, groups: channels };
    return [conv2dTranspose(mul(upstream, shares(node)), ones, window, [height, width])];
  },
  lower: (emitter, inputs, node) => {
    const { kernel, stride, padding, countPadding }: Averaging = node.attributes;
    return emitter.emit('AveragePool', inputs, {
      kernel_shape: kernel,
      strides: stride,
      pads: padding,
      count_include_pad: Number(countPadding),
    })[0];
  },
  reference: ([x], pooling, shape) => {
    const result = tensor(shape);
    everyWindow(x, shape, pooling, (offset, inside) => {
      const total = inside.reduce((sum, from) => sum + x.data[from], 0);
      result.data[offset] = total / (pooling.countPadding ? pooling.kernel[0] * pooling.kernel[1] : inside.length);
    });
    return result;
  },
  samples: () =>
    poolingSamples.flatMap(({ x, pooling }) =>
      [false, true].map((countPadding) => ({ inputs: [{ shape: x }], attributes: { ...pooling, countPadding } })),
    ),
};

/** What one value of each window counts: 1 over the number of values. */
function shares(node: Node): Node {
  const { kernel, stride, padding, countPadding }: Averaging = node.attributes;
  if (countPadding) return scalar(1 / (kernel[0] * kernel[1]));
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const size = node.inputs[0].shape[2 + axis] as number;
    return Array.from({ length: node.shape[2 + axis] as number }, (_, at) => {
      const start = at * stride[axis] - padding[axis];
      return Math.min(size, start + kernel[axis]) - Math.max(0, start);
    });
  });
  const values = rows.flatMap((row) => columns.map((column) => 1 / (row * column)));
  return constant(values, [rows.length, columns.length]);
}

/** Places of the padding do not count unless `countPadding` is given (PyTorch counts them, ONNX does not). */
export const avgPool = (x: Node, options: PoolingOptions & { readonly countPadding?: boolean }): Node =>
  apply(op, [x], { ...poolingOf(options), countPadding: options.countPadding ?? false });

/** As {@link avgPool}, with every number given. */
export const avgPoolOver = (x: Node, pooling: Averaging): Node => apply(op, [x], pooling);
