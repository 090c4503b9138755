import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { type Pooling, poolingSamples } from '../pooling.ts';
import { sameShape, show, sizeOf } from '../shape.ts';
import { tensor } from '../tensor.ts';
import { gather } from './gather.ts';
import { reshape } from './reshape.ts';

/**
 * The transpose of maxPool: each value of `[n, c, oh, ow]` goes to the place that its index names in zeros of shape
 * `[n, c, h, w]`, `size` being `[h, w]`. What falls on the same place adds up.
 */
export const op: Op<Pooling & { readonly size: readonly [number, number] }> = {
  name: 'maxUnpool',
  infer: ([x, indices], { size }) => {
    expectTypes('maxUnpool', [x], 'float32');
    expectTypes('maxUnpool (its indices)', [indices], 'int64');
    if (x.shape.length !== 4 || !sameShape(x.shape, indices.shape)) {
      throw new KindredError({
        rule: 'maxUnpool needs values [n, c, oh, ow] and as many indices',
        received: `${show(x.shape)} and indices ${show(indices.shape)}`,
        next: 'Give it the indices of maxPoolIndices',
      });
    }
    return { shape: [...x.shape.slice(0, 2), ...size], type: 'float32' };
  },
  gradient: (node, upstream) => [gather(reshape(upstream, [sizeOf(upstream.shape)]), node.inputs[1]), null],
  lower: (emitter, [x, indices], node) => {
    const { kernel, stride, padding }: Pooling = node.attributes;
    const shape = emitter.sizes(node.shape);
    // MaxUnpool is the fast way, but where windows overlap it keeps one of the values instead of their sum.
    if (kernel[0] <= stride[0] && kernel[1] <= stride[1]) {
      const window = { kernel_shape: kernel, strides: stride, pads: padding };
      return emitter.emit('MaxUnpool', [x, indices, shape], window)[0];
    }
    const flat = (name: string) => emitter.emit('Reshape', [name, emitter.constant([-1], [1], 'int64')])[0];
    const target = flat(emitter.emit('Expand', [emitter.constant([0], [], 'float32'), shape])[0]);
    const scattered = emitter.emit('ScatterElements', [target, flat(indices), flat(x)], { axis: 0, reduction: 'add' });
    return emitter.emit('Reshape', [scattered[0], shape], { allowzero: 1 })[0];
  },
  reference: ([x, indices], _, shape) => {
    const result = tensor(shape);
    x.data.forEach((value, i) => {
      result.data[indices.data[i]] += value;
    });
    return result;
  },
  samples: () => [
    {
      inputs: [{ shape: [1, 2, 1, 2] }, { shape: [1, 2, 1, 2], type: 'int64', fill: [5, 2, 11, 18] }],
      attributes: { ...poolingSamples[0].pooling, size: [2, 5] },
    },
    {
      inputs: [{ shape: [1, 1, 2, 2] }, { shape: [1, 1, 2, 2], type: 'int64', fill: [4, 4, 4, 7] }],
      attributes: { kernel: [2, 2], stride: [1, 1], padding: [0, 0, 0, 0], size: [3, 3] },
    },
    {
      inputs: [{ shape: [0, 1, 2, 2] }, { shape: [0, 1, 2, 2], type: 'int64', fill: [] }],
      attributes: { ...poolingSamples[0].pooling, size: [4, 4] },
    },
  ],
};

export const maxUnpool = (x: Node, indices: Node, pooling: Pooling, size: readonly [number, number]): Node =>
  apply(op, [x, indices], { ...pooling, size });
