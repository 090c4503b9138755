import type { Sample } from './op.ts';
import { everyIndex, stridesOf, type Tensor, tensor } from './tensor.ts';

/** The plain loop behind argMax and argMin: the first position that `beats` all earlier ones. */
export function argReference(
  x: Tensor,
  axis: number,
  shape: readonly number[],
  beats: (a: number, b: number) => boolean,
): Tensor {
  const result = tensor(shape);
  const strides = stridesOf(x.shape);
  everyIndex(shape, (offset, index) => {
    const full = [...index.slice(0, axis), 0, ...index.slice(axis)];
    const base = full.reduce((sum, at, i) => sum + at * strides[i], 0);
    let best = 0;
    for (let i = 1; i < x.shape[axis]; i++) {
      if (beats(x.data[base + i * strides[axis]], x.data[base + best * strides[axis]])) best = i;
    }
    result.data[offset] = best;
  });
  return result;
}

export const argSamples: Sample<{ axis: number }>[] = [
  { inputs: [{ shape: [3, 4], fill: 'distinct' }], attributes: { axis: 1 } },
  { inputs: [{ shape: [3, 4, 2], fill: 'distinct' }], attributes: { axis: 1 } },
  { inputs: [{ shape: [5], fill: [1, 7, 7, 1, 7] }], attributes: { axis: 0 } },
  { inputs: [{ shape: [0, 4], fill: [] }], attributes: { axis: 1 } },
  { inputs: [{ shape: [1, 1], fill: [2] }], attributes: { axis: 0 } },
];
