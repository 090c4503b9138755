import type { Node } from '../node.ts';
import { apply, type Emitter, type Op } from '../op.ts';
import { everyWindow, type Pooling, type PoolingOptions, pooledShape, poolingOf, poolingSamples } from '../pooling.ts';
import { tensor } from '../tensor.ts';
import { maxPoolIndices } from './max-pool-indices.ts';
import { maxUnpool } from './max-unpool.ts';

/**
 * The largest value of each window: `[n, c, h, w] -> [n, c, oh, ow]`. Padding is never chosen. The gradient goes to the
 * first of the largest values, by rows; windows may overlap, and then their gradients add up.
 */
export const op: Op<Pooling> = {
  name: 'maxPool',
  infer: ([x], pooling) => ({ shape: pooledShape('maxPool', x, pooling), type: 'float32' }),
  gradient: (node, upstream) => {
    const [x] = node.inputs;
    const indices = maxPoolIndices(x, node.attributes);
    return [maxUnpool(upstream, indices, node.attributes, x.shape.slice(2) as [number, number])];
  },
  lower: (emitter, inputs, node) => emitMaxPool(emitter, inputs, node.attributes, 1)[0],
  reference: ([x], pooling, shape) => {
    const result = tensor(shape);
    everyWindow(x, shape, pooling, (offset, inside) => {
      result.data[offset] = Math.max(...inside.map((from) => x.data[from]));
    });
    return result;
  },
  samples: () =>
    poolingSamples.map(({ x, pooling }) => ({ inputs: [{ shape: x, fill: 'distinct' }], attributes: pooling })),
};

/** The same ONNX node for values and indices, which is written once and only gives indices where they are asked for. */
export function emitMaxPool(
  emitter: Emitter,
  inputs: readonly string[],
  { kernel, stride, padding }: Pooling,
  outputs: 1 | 2,
): string[] {
  return emitter.emit('MaxPool', inputs, { kernel_shape: kernel, strides: stride, pads: padding }, { outputs });
}

export const maxPool = (x: Node, options: PoolingOptions): Node => apply(op, [x], poolingOf(options));

/** As {@link maxPool}, with every number given. */
export const maxPoolOver = (x: Node, pooling: Pooling): Node => apply(op, [x], pooling);
