import { type Tensor, tensor } from '../src/graph/tensor.ts';

// Layers as loops over [n, h, w, c], in float64, that share nothing with the graph.

const indexed = (x: Tensor) => {
  const [, h, w, c] = x.shape;
  return (n: number, i: number, j: number, k: number) => x.data[((n * h + i) * w + j) * c + k];
};

function filled(
  shape: readonly [number, number, number, number],
  value: (n: number, i: number, j: number, k: number) => number,
): Tensor {
  const data: number[] = [];
  for (let n = 0; n < shape[0]; n++)
    for (let i = 0; i < shape[1]; i++)
      for (let j = 0; j < shape[2]; j++) for (let k = 0; k < shape[3]; k++) data.push(value(n, i, j, k));
  return tensor(shape, data);
}

/** Square filters `[size, size, in, out]`, zeros around the picture. */
export function naiveConvolution(
  x: Tensor,
  filters: Tensor,
  { bias, stride = 1, padding = 0 }: { bias?: Tensor; stride?: number; padding?: number } = {},
): Tensor {
  const [batch, height, width, channels] = x.shape;
  const [size, , , out] = filters.shape;
  const at = indexed(x);
  const weight = indexed(filters);
  const places = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  return filled([batch, places(height), places(width), out], (n, row, column, o) => {
    let sum = bias?.data[o] ?? 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const y = row * stride + i - padding;
        const z = column * stride + j - padding;
        if (y < 0 || y >= height || z < 0 || z >= width) continue;
        for (let k = 0; k < channels; k++) sum += at(n, y, z, k) * weight(i, j, k, o);
      }
    }
    return sum;
  });
}

/** Mean and variance of each channel; the variance divided by the count, and by the count less one. */
export function naiveStatistics(x: Tensor): { mean: number[]; variance: number[]; unbiased: number[] } {
  const channels = x.shape[x.shape.length - 1];
  const lists = Array.from({ length: channels }, (_, c) => [...x.data].filter((_, i) => i % channels === c));
  const mean = lists.map((list) => list.reduce((a, b) => a + b, 0) / list.length);
  const squares = lists.map((list, c) => list.reduce((sum, value) => sum + (value - mean[c]) ** 2, 0));
  return {
    mean,
    variance: squares.map((sum, c) => sum / lists[c].length),
    unbiased: squares.map((sum, c) => sum / (lists[c].length - 1)),
  };
}

/** Batch norm by these statistics. */
export function naiveNorm(
  x: Tensor,
  { scale, offset }: { scale: Tensor; offset: Tensor },
  { mean, variance }: { mean: ArrayLike<number>; variance: ArrayLike<number> },
): Tensor {
  const channels = x.shape[x.shape.length - 1];
  return tensor(
    x.shape,
    x.data.map((value, i) => {
      const c = i % channels;
      return (scale.data[c] * (value - mean[c])) / Math.sqrt(variance[c] + 1e-5) + offset.data[c];
    }),
  );
}

/** 2x2 max-pooling with stride 2. */
export function naivePool(x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape;
  const at = indexed(x);
  return filled([batch, Math.floor(height / 2), Math.floor(width / 2), channels], (n, i, j, k) =>
    Math.max(
      at(n, 2 * i, 2 * j, k),
      at(n, 2 * i + 1, 2 * j, k),
      at(n, 2 * i, 2 * j + 1, k),
      at(n, 2 * i + 1, 2 * j + 1, k),
    ),
  );
}

export const naiveRelu = (x: Tensor): Tensor =>
  tensor(
    x.shape,
    x.data.map((value) => Math.max(0, value)),
  );

export const naiveSum = (a: Tensor, b: Tensor): Tensor =>
  tensor(
    a.shape,
    a.data.map((value, i) => value + b.data[i]),
  );

/** `x W + b` of `[n, in]`. */
export function naiveLinear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [rows, inner] = x.shape;
  const [, out] = weight.shape;
  const data = Array.from({ length: rows * out }, (_, i) => {
    const [row, column] = [Math.floor(i / out), i % out];
    let sum = bias.data[column];
    for (let k = 0; k < inner; k++) sum += x.data[row * inner + k] * weight.data[k * out + column];
    return sum;
  });
  return tensor([rows, out], data);
}

/** Rows `[n, d]` of length one. */
export function naiveUnit(x: Tensor): Tensor {
  const [rows, columns] = x.shape;
  const lengths = Array.from({ length: rows }, (_, i) =>
    Math.hypot(...x.data.subarray(i * columns, (i + 1) * columns)),
  );
  return tensor(
    x.shape,
    x.data.map((value, i) => value / lengths[Math.floor(i / columns)]),
  );
}
