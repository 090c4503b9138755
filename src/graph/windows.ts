import { KindredError } from '../core/error.ts';
import type { Node } from './node.ts';
import { concat } from './ops/concat.ts';
import { pad } from './ops/pad.ts';
import { reshape } from './ops/reshape.ts';
import { slice } from './ops/slice.ts';
import { show } from './shape.ts';

/** How a window slides over rows and columns: convolutions and pooling. */
export interface Window {
  readonly stride: readonly [number, number];
  /** Zeros above, left, below, right. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
}

/** `floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1`; an error when the window does not fit once. */
export function windowed(op: string, size: number, kernel: number, axis: 0 | 1, window: Window): number {
  const { stride, padding, dilation } = window;
  const span = size + padding[axis] + padding[axis + 2] - dilation[axis] * (kernel - 1) - 1;
  if (span < 0 || !(stride[axis] >= 1) || !(dilation[axis] >= 1)) {
    throw new KindredError({
      rule: `${op} needs a window that fits into the padded picture, a stride and a dilation of at least 1`,
      received: `kernel ${kernel} on ${axis === 0 ? 'height' : 'width'} ${size}, ${JSON.stringify(window)}`,
      next: 'Use a larger picture, more padding or a smaller kernel',
    });
  }
  return Math.floor(span / stride[axis]) + 1;
}

/**
 * im2col: `[n, c, h, w] -> [n, c, kh * kw, oh * ow]`, each window's values below each other. Strided slices, one for each
 * place in the window.
 */
export function patches(
  x: Node,
  kernel: readonly [number, number],
  out: readonly [number, number],
  window: Window,
): Node {
  const { stride, padding, dilation } = window;
  const [batch, channels] = x.shape;
  if (typeof batch !== 'number') {
    throw new KindredError({
      rule: 'The gradient of a convolution needs a batch whose size is known',
      received: show(x.shape),
      next: 'Build the training graph with a whole number for the batch; exported encoders may keep the symbol',
    });
  }
  const padded = pad(x, [0, 0, padding[0], padding[1]], [0, 0, padding[2], padding[3]]);
  const places: Node[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const range = (axis: 0 | 1, at: number) => {
        const start = at * dilation[axis];
        return { start, end: start + (out[axis] - 1) * stride[axis] + 1, step: stride[axis] };
      };
      const place = slice(padded, { 2: range(0, i), 3: range(1, j) });
      places.push(reshape(place, [batch, channels, 1, out[0] * out[1]]));
    }
  }
  return concat(places, 2);
}
