import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { show } from '../shape.ts';
import { everyIndex, tensor } from '../tensor.ts';
import { patches, type Window, windowed } from '../windows.ts';
import { conv2dTranspose } from './conv2d-transpose.ts';
import { matmul } from './matmul.ts';
import { reshape } from './reshape.ts';
import { sum } from './sum.ts';
import { transpose } from './transpose.ts';

export interface Convolution extends Window {
  readonly groups: number;
}

/**
 * Convolution (cross-correlation, as everywhere in this field) of pictures `[n, c, h, w]` with filters
 * `[o, c / groups, kh, kw] -> [n, o, oh, ow]`.
 */
export const op: Op<Convolution> = {
  name: 'conv2d',
  infer: (inputs, window) => {
    expectTypes('conv2d', inputs, 'float32');
    const [x, filters] = inputs;
    const [batch, channels, height, width] = x.shape;
    const [features, each, kh, kw] = filters.shape as number[];
    const fits =
      x.shape.length === 4 &&
      filters.shape.length === 4 &&
      filters.shape.every((size) => typeof size === 'number') &&
      channels === each * window.groups &&
      features % window.groups === 0 &&
      typeof height === 'number' &&
      typeof width === 'number';
    if (!fits) {
      throw new KindredError({
        rule: 'conv2d needs pictures [n, c, h, w] and filters [o, c / groups, kh, kw], groups dividing o',
        received: `${show(x.shape)}, ${show(filters.shape)} and ${window.groups} groups`,
        next: 'Bring the channels in front of rows and columns, or change the filters',
      });
    }
    const rows = windowed('conv2d', height, kh, 0, window);
    return { shape: [batch, features, rows, windowed('conv2d', width, kw, 1, window)], type: 'float32' };
  },
  gradient: (node, upstream) => {
    const [x, filters] = node.inputs;
    const window: Convolution = node.attributes;
    return [
      conv2dTranspose(upstream, filters, window, x.shape.slice(2) as [number, number]),
      filterGradient(x, upstream, filters.shape as number[], window),
    ];
  },
  lower: (emitter, inputs, node) => {
    const { stride, padding, dilation, groups }: Convolution = node.attributes;
    return emitter.emit('Conv', inputs, {
      strides: stride,
      pads: padding,
      dilations: dilation,
      group: groups,
      kernel_shape: node.inputs[1].shape.slice(2) as number[],
    })[0];
  },
  reference: ([x, filters], { stride, padding, dilation, groups }, shape) => {
    const [, channels, height, width] = x.shape;
    const [features, each, kh, kw] = filters.shape;
    const result = tensor(shape);
    everyIndex(shape, (offset, [n, o, row, column]) => {
      const first = Math.floor(o / (features / groups)) * each;
      let total = 0;
      for (let c = 0; c < each; c++) {
        for (let i = 0; i < kh; i++) {
          for (let j = 0; j < kw; j++) {
            const y = row * stride[0] - padding[0] + i * dilation[0];
            const z = column * stride[1] - padding[1] + j * dilation[1];
            if (y < 0 || y >= height || z < 0 || z >= width) continue;
            total +=
              x.data[((n * channels + first + c) * height + y) * width + z] *
              filters.data[((o * each + c) * kh + i) * kw + j];
          }
        }
      }
      result.data[offset] = total;
    });
    return result;
  },
  samples: () =>
    convolutionSamples().map(({ x, filters, window }) => ({
      inputs: [{ shape: x }, { shape: filters }],
      attributes: window,
    })),
};

/**
 * dL/dfilters: upstream times the windows of the input, summed over the batch. As one product for each picture, or as one
 * for all of them where the parts that a picture contributes would be larger than its windows.
 */
export function filterGradient(x: Node, upstream: Node, shape: readonly number[], window: Convolution): Node {
  const [features, each, kh, kw] = shape;
  const { groups } = window;
  const [batch, , rows, columns] = upstream.shape as number[];
  const [own, places] = [features / groups, rows * columns];
  const unfolded = patches(x, [kh, kw], [rows, columns], window);
  if (own > places) {
    const together = (value: Node, size: number): Node =>
      reshape(transpose(reshape(value, [batch, groups, size, places]), [1, 2, 0, 3]), [groups, size, batch * places]);
    return reshape(matmul(together(upstream, own), together(unfolded, each * kh * kw), { b: true }), shape);
  }
  const windows = reshape(unfolded, [batch * groups, each * kh * kw, places]);
  const parts = matmul(reshape(upstream, [batch * groups, own, places]), windows, { b: true });
  return reshape(sum(reshape(parts, [batch, groups, own, each * kh * kw]), [0]), shape);
}

export function convolutionSamples(): { x: number[]; filters: number[]; window: Convolution }[] {
  const plain: Convolution = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
  return [
    { x: [2, 3, 5, 5], filters: [4, 3, 3, 3], window: { ...plain, padding: [1, 1, 1, 1] } },
    { x: [2, 2, 7, 6], filters: [3, 2, 3, 3], window: { ...plain, stride: [2, 2], padding: [1, 1, 1, 1] } },
    { x: [1, 1, 6, 5], filters: [2, 1, 2, 3], window: { ...plain, stride: [3, 1], padding: [0, 2, 1, 0] } },
    { x: [2, 4, 6, 6], filters: [6, 2, 3, 3], window: { ...plain, groups: 2, dilation: [2, 1] } },
    { x: [1, 3, 4, 4], filters: [3, 1, 1, 1], window: { ...plain, groups: 3, stride: [2, 2] } },
    { x: [1, 2, 1, 1], filters: [1, 2, 1, 1], window: plain },
    { x: [3, 4, 3, 4], filters: [14, 2, 2, 2], window: { ...plain, groups: 2 } },
  ];
}

/** Options not given: stride 1, no padding, dilation 1, one group. A single number serves both axes (or all sides). */
export function conv2d(
  x: Node,
  filters: Node,
  options: { stride?: number; padding?: number; dilation?: number; groups?: number } = {},
): Node {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return apply(op, [x, filters], {
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    dilation: [dilation, dilation],
    groups,
  });
}

/** As {@link conv2d}, with every number given. */
export const convolve = (x: Node, filters: Node, window: Convolution): Node => apply(op, [x, filters], window);
