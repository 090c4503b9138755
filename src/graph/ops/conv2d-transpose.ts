import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { show } from '../shape.ts';
import { everyIndex, tensor } from '../tensor.ts';
import { windowed } from '../windows.ts';
import { type Convolution, convolutionSamples, convolve, filterGradient } from './conv2d.ts';

/**
 * The transpose of conv2d with respect to its pictures: `[n, o, oh, ow]` and filters `[o, c / groups, kh, kw]` give
 * `[n, c, h, w]`. This is the input gradient of a convolution; `size` is `[h, w]`, which a stride leaves open.
 */
export const op: Op<Convolution & { readonly size: readonly [number, number] }> = {
  name: 'conv2dTranspose',
  infer: (inputs, { size, ...window }) => {
    expectTypes('conv2dTranspose', inputs, 'float32');
    const [y, filters] = inputs;
    const fits =
      y.shape.length === 4 &&
      filters.shape.length === 4 &&
      y.shape[1] === filters.shape[0] &&
      filters.shape.every((each) => typeof each === 'number') &&
      ([0, 1] as const).every((axis) => {
        const kernel = filters.shape[2 + axis] as number;
        return windowed('conv2dTranspose', size[axis], kernel, axis, window) === y.shape[2 + axis];
      });
    if (!fits) {
      throw new KindredError({
        rule: 'conv2dTranspose needs what conv2d gives for these filters [o, c / groups, kh, kw] and this size: values [n, o, oh, ow]',
        received: `${show(y.shape)}, ${show(filters.shape)} and ${show(size)}`,
        next: 'Bring the channels in front of rows and columns, or change the filters',
      });
    }
    return { shape: [y.shape[0], (filters.shape[1] as number) * window.groups, ...size], type: 'float32' };
  },
  gradient: (node, upstream) => {
    const [y, filters] = node.inputs;
    const { size: _, ...window } = node.attributes as Convolution & { size: unknown };
    return [convolve(upstream, filters, window), filterGradient(upstream, y, filters.shape as number[], window)];
  },
  lower: (emitter, inputs, node) => {
    const { stride, padding, dilation, groups, size } = node.attributes;
    const [kh, kw] = node.inputs[1].shape.slice(2) as number[];
    const [oh, ow] = node.inputs[0].shape.slice(2) as number[];
    // Rows and columns at the end that no window reached.
    const rest = [kh, kw].map((kernel, axis) => {
      const reached = ([oh, ow][axis] - 1) * stride[axis] + dilation[axis] * (kernel - 1) + 1;
      return size[axis] + padding[axis] + padding[axis + 2] - reached;
    });
    return emitter.emit('ConvTranspose', inputs, {
      strides: stride,
      pads: padding,
      dilations: dilation,
      group: groups,
      kernel_shape: [kh, kw],
      output_padding: rest,
    })[0];
  },
  reference: ([y, filters], { stride, padding, dilation, groups }, shape) => {
    const [, channels, height, width] = shape;
    const [features, each, kh, kw] = filters.shape;
    const result = tensor(shape);
    everyIndex(y.shape, (offset, [n, o, row, column]) => {
      const first = Math.floor(o / (features / groups)) * each;
      for (let c = 0; c < each; c++) {
        for (let i = 0; i < kh; i++) {
          for (let j = 0; j < kw; j++) {
            const to = row * stride[0] - padding[0] + i * dilation[0];
            const at = column * stride[1] - padding[1] + j * dilation[1];
            if (to < 0 || to >= height || at < 0 || at >= width) continue;
            result.data[((n * channels + first + c) * height + to) * width + at] +=
              y.data[offset] * filters.data[((o * each + c) * kh + i) * kw + j];
          }
        }
      }
    });
    return result;
  },
  samples: () =>
    convolutionSamples().map(({ x, filters, window }) => {
      const size = [x[2], x[3]] as const;
      const out = ([0, 1] as const).map((axis) => windowed('conv2d', size[axis], filters[2 + axis], axis, window));
      return {
        inputs: [{ shape: [x[0], filters[0], ...out] }, { shape: filters }],
        attributes: { ...window, size },
      };
    }),
};

export const conv2dTranspose = (y: Node, filters: Node, window: Convolution, size: readonly [number, number]): Node =>
  apply(op, [y, filters], { ...window, size });
