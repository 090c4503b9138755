import { KindredError } from '../../core/error.ts';
import { lowerAs } from '../composed.ts';
import type { Node } from '../node.ts';
import { apply, type Emitter, expectTypes, type Op } from '../op.ts';
import { show } from '../shape.ts';
import { everyIndex, tensor } from '../tensor.ts';
import { type Window, windowed } from '../windows.ts';
import { PIECE, pieces, spread, unfold } from '../windows-last.ts';
import { paysWinograd, winograd, winogradToFilters, winogradToPictures } from '../winograd.ts';
import { add } from './add.ts';
import { concat } from './concat.ts';
import { matmul } from './matmul.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';
import { sum } from './sum.ts';

/**
 * Convolution with channels last (cross-correlation, as everywhere in this field): pictures `[n, h, w, c]` and filters
 * `[kh, kw, c, o]` give `[n, oh, ow, o]`. A bias `[o]`, where there is one, is added to each feature.
 *
 * With channels last a convolution is a gather of contiguous runs and a matrix product, piece by piece of the batch, and
 * so are its gradients. Files that others read hold a Conv between two transpositions instead.
 */
export const op: Op<Window> = {
  name: 'conv2dLast',
  infer: (inputs, window) => {
    expectTypes('conv2dLast', inputs, 'float32');
    const [x, filters, bias] = inputs;
    const [batch, height, width, channels] = x.shape;
    const [kh, kw, each, features] = filters.shape as number[];
    const fits =
      x.shape.length === 4 &&
      filters.shape.length === 4 &&
      filters.shape.every((size) => typeof size === 'number') &&
      channels === each &&
      typeof height === 'number' &&
      typeof width === 'number' &&
      (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === features));
    if (!fits) {
      throw new KindredError({
        rule: 'conv2dLast needs pictures [n, h, w, c], filters [kh, kw, c, o] and, if any, a bias [o]',
        received: inputs.map(({ shape }) => show(shape)).join(', '),
        next: 'Put the channels of the pictures last, or change the filters',
      });
    }
    const rows = windowed('conv2dLast', height, kh, 0, window);
    return { shape: [batch, rows, windowed('conv2dLast', width, kw, 1, window), features], type: 'float32' };
  },
  gradient: (node, upstream) => {
    const [x, filters] = node.inputs;
    const window: Window = node.attributes;
    const [, h, w] = x.shape as number[];
    const [kh, kw, c, o] = filters.shape as number[];
    const [n, oh, ow] = upstream.shape as number[];
    const toBias = node.inputs.length === 2 ? [] : [sum(upstream, [0, 1, 2])];
    if (byWinograd(node)) {
      const [top, left] = window.padding;
      const toPictures = winogradToPictures(upstream, filters, [top, left], [h, w]);
      return [toPictures, winogradToFilters(x, upstream, [top, left]), ...toBias];
    }
    const arrived = reshape(upstream, [n, oh * ow, o]);
    // Half the pieces of the forward pass: were they equal, they would be kept from there to here.
    const parts = pieces(n, oh * ow * kh * kw * c, oh * ow * o, PIECE / 2).map((range) => {
      const rows = (range.end - range.start) * oh * ow;
      const shown = unfold(slice(x, { 0: range }), [kh, kw], [oh, ow], window);
      return matmul(shown, reshape(slice(arrived, { 0: range }), [rows, o]), { a: true });
    });
    const toFilters = reshape(parts.reduce(add), filters.shape);
    return [spread(upstream, filters, window, [h, w]), toFilters, ...toBias];
  },
  lower: (emitter, inputs, node) =>
    emitter.contrib && typeof node.shape[0] === 'number'
      ? lowerAs(emitter, inputs, node, (x, filters, bias) => {
          if (!byWinograd(node)) return asProduct(node, x, filters, bias);
          const result = asWinograd(node, x, filters);
          return bias === undefined ? result : add(result, bias);
        })
      : asConv(emitter, inputs, node),
  reference: ([x, filters, bias], { stride, padding, dilation }, shape) => {
    const [, height, width, channels] = x.shape;
    const [kh, kw, , features] = filters.shape;
    const result = tensor(shape);
    everyIndex(shape, (offset, [n, row, column, o]) => {
      let total = bias?.data[o] ?? 0;
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const y = row * stride[0] - padding[0] + i * dilation[0];
          const z = column * stride[1] - padding[1] + j * dilation[1];
          if (y < 0 || y >= height || z < 0 || z >= width) continue;
          for (let c = 0; c < channels; c++) {
            total +=
              x.data[((n * height + y) * width + z) * channels + c] *
              filters.data[((i * kw + j) * channels + c) * features + o];
          }
        }
      }
      result.data[offset] = total;
    });
    return result;
  },
  samples: () => {
    const plain: Window = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] };
    const sample = (x: number[], filters: number[], window: Partial<Window> = {}) => ({
      inputs: [{ shape: x }, { shape: filters }, { shape: [filters[3]] }],
      attributes: { ...plain, ...window },
    });
    return [
      sample([2, 5, 5, 3], [3, 3, 3, 4], { padding: [1, 1, 1, 1] }),
      sample([2, 7, 6, 2], [3, 3, 2, 3], { stride: [2, 2], padding: [1, 1, 1, 1] }),
      sample([1, 6, 5, 1], [2, 3, 1, 2], { stride: [3, 1], padding: [0, 2, 1, 0] }),
      sample([2, 6, 6, 2], [3, 3, 2, 3], { dilation: [2, 1] }),
      sample([1, 4, 4, 3], [1, 1, 3, 3], { stride: [2, 2] }),
      sample([1, 2, 8, 1], [1, 1, 1, 2], { stride: [3, 3] }),
      sample([1, 1, 1, 2], [1, 1, 2, 1]),
      sample([0, 3, 3, 2], [3, 3, 2, 1]),
      { inputs: [{ shape: [2, 3, 3, 1] }, { shape: [2, 2, 1, 2] }], attributes: plain },
    ];
  },
};

function byWinograd(node: Node): boolean {
  const [kh, kw, ...channels] = node.inputs[1].shape as [number, number, number, number];
  const { stride, dilation, padding }: Window = node.attributes;
  return (
    typeof node.shape[0] === 'number' &&
    kh === 3 &&
    kw === 3 &&
    [...stride, ...dilation].every((step) => step === 1) &&
    padding.every((width) => width < 3) &&
    paysWinograd(channels, node.shape.slice(1, 3) as [number, number])
  );
}

function asWinograd(node: Node, x: Node, filters: Node): Node {
  const [top, left] = (node.attributes as Window).padding;
  return winograd(x, filters, [top, left], node.shape.slice(1, 3) as [number, number]);
}

function asProduct(node: Node, x: Node, filters: Node, bias: Node | undefined): Node {
  const [kh, kw, c, o] = filters.shape as number[];
  const [n, oh, ow] = node.shape as number[];
  const matrix = reshape(filters, [kh * kw * c, o]);
  const parts = pieces(n, oh * ow * kh * kw * c, oh * ow * o, PIECE).map((range) => {
    const product = matmul(unfold(slice(x, { 0: range }), [kh, kw], [oh, ow], node.attributes), matrix);
    return bias === undefined ? product : add(product, bias);
  });
  return reshape(concat(parts, 0), node.shape);
}

function asConv(emitter: Emitter, [x, filters, ...bias]: readonly string[], node: Node): string {
  const { stride, padding, dilation }: Window = node.attributes;
  const arranged = (name: string, perm: readonly number[]) => emitter.emit('Transpose', [name], { perm })[0];
  const [result] = emitter.emit('Conv', [arranged(x, [0, 3, 1, 2]), arranged(filters, [3, 2, 0, 1]), ...bias], {
    strides: stride,
    pads: padding,
    dilations: dilation,
    kernel_shape: node.inputs[1].shape.slice(0, 2) as number[],
  });
  return arranged(result, [0, 2, 3, 1]);
}

/** Options not given: stride 1, no padding, dilation 1, no bias. A single number serves both axes (or all sides). */
export function conv2dLast(
  x: Node,
  filters: Node,
  options: { bias?: Node; stride?: number; padding?: number; dilation?: number } = {},
): Node {
  const { bias, stride = 1, padding = 0, dilation = 1 } = options;
  return apply(op, bias === undefined ? [x, filters] : [x, filters, bias], {
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    dilation: [dilation, dilation],
  });
}
