import { KindredError } from '../core/error.ts';
import type { Node } from './node.ts';
import { expectTypes } from './op.ts';
import { type Shape, show } from './shape.ts';
import { everyIndex, type Tensor } from './tensor.ts';
import { windowed } from './windows.ts';

/** How a pooling window slides over rows and columns. */
export interface Pooling {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Places outside of the picture: above, left, below, right. Each is smaller than the kernel. */
  readonly padding: readonly [number, number, number, number];
}

/** Options of the poolings: square windows, by default side by side, without padding. */
export interface PoolingOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
}

export function poolingOf({ kernel, stride = kernel, padding = 0 }: PoolingOptions): Pooling {
  return { kernel: [kernel, kernel], stride: [stride, stride], padding: [padding, padding, padding, padding] };
}

/** The shape rule of the poolings: `[n, c, h, w] -> [n, c, oh, ow]`. */
export function pooledShape(op: string, x: Node, { kernel, stride, padding }: Pooling): Shape {
  expectTypes(op, [x], 'float32');
  const [batch, channels, height, width] = x.shape;
  const fits =
    x.shape.length === 4 &&
    typeof height === 'number' &&
    typeof width === 'number' &&
    padding.every((places, side) => places >= 0 && places < kernel[side % 2]);
  if (!fits) {
    throw new KindredError({
      rule: `${op} needs pictures [n, c, h, w] with whole numbers for h and w, and less padding than its kernel`,
      received: `${show(x.shape)}, kernel ${show(kernel)} and padding ${show(padding)}`,
      next: 'Bring the channels in front of rows and columns, or use a larger kernel',
    });
  }
  const window = { stride, padding, dilation: [1, 1] as const };
  return [batch, channels, windowed(op, height, kernel[0], 0, window), windowed(op, width, kernel[1], 1, window)];
}

/** For references: calls `visit` with each window's place in the result and the offsets of its values, row by row. */
export function everyWindow(
  x: Tensor,
  shape: readonly number[],
  { kernel, stride, padding }: Pooling,
  visit: (offset: number, inside: readonly number[]) => void,
): void {
  const [, channels, height, width] = x.shape;
  everyIndex(shape, (offset, [n, c, row, column]) => {
    const inside: number[] = [];
    for (let i = 0; i < kernel[0]; i++) {
      for (let j = 0; j < kernel[1]; j++) {
        const y = row * stride[0] - padding[0] + i;
        const z = column * stride[1] - padding[1] + j;
        if (y >= 0 && y < height && z >= 0 && z < width) inside.push(((n * channels + c) * height + y) * width + z);
      }
    }
    visit(offset, inside);
  });
}

/** Windows side by side, overlapping, with rows left over, with padding, of size 1, and no pictures. */
export const poolingSamples: readonly { readonly x: readonly number[]; readonly pooling: Pooling }[] = [
  { x: [2, 3, 4, 4], pooling: poolingOf({ kernel: 2 }) },
  { x: [1, 2, 7, 5], pooling: poolingOf({ kernel: 2 }) },
  { x: [2, 1, 7, 7], pooling: poolingOf({ kernel: 3, stride: 2, padding: 1 }) },
  { x: [1, 2, 5, 6], pooling: poolingOf({ kernel: 3, stride: 1 }) },
  { x: [1, 1, 6, 5], pooling: { kernel: [1, 3], stride: [2, 4], padding: [0, 2, 0, 1] } },
  { x: [2, 2, 1, 1], pooling: poolingOf({ kernel: 1 }) },
  { x: [0, 2, 4, 4], pooling: poolingOf({ kernel: 2 }) },
];
