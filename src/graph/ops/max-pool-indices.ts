import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { everyWindow, type Pooling, pooledShape, poolingSamples } from '../pooling.ts';
import { tensor } from '../tensor.ts';
import { emitMaxPool } from './max-pool.ts';

/**
 * Where the values of maxPool come from: offsets into the whole input, row-major, as ONNX counts them; of equals the
 * first one. No gradient.
 */
export const op: Op<Pooling> = {
  name: 'maxPoolIndices',
  infer: ([x], pooling) => ({ shape: pooledShape('maxPoolIndices', x, pooling), type: 'int64' }),
  gradient: () => [null],
  lower: (emitter, inputs, node) => emitMaxPool(emitter, inputs, node.attributes, 2)[1],
  reference: ([x], pooling, shape) => {
    const result = tensor(shape);
    everyWindow(x, shape, pooling, (offset, inside) => {
      result.data[offset] = inside.reduce((best, at) => (x.data[at] > x.data[best] ? at : best));
    });
    return result;
  },
  samples: () => [
    ...poolingSamples.map(({ x, pooling }) => ({
      inputs: [{ shape: x, fill: 'distinct' as const }],
      attributes: pooling,
    })),
    ...poolingSamples.map(({ x, pooling }) => ({
      inputs: [{ shape: x, fill: new Array<number>(x.reduce((a, b) => a * b, 1)).fill(-1) }],
      attributes: pooling,
    })),
  ],
};

export const maxPoolIndices = (x: Node, pooling: Pooling): Node => apply(op, [x], pooling);
