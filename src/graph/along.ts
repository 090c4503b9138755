import type { Sample } from './op.ts';
import { everyIndex, stridesOf, type Tensor, tensor } from './tensor.ts';

/** For references: `change` each row of values that lie along `axis`, in their order. */
export function alongAxis(x: Tensor, axis: number, change: (row: readonly number[]) => readonly number[]): Tensor {
  const result = tensor(x.shape);
  const step = stridesOf(x.shape)[axis];
  everyIndex(x.shape, (offset, index) => {
    if (index[axis] > 0) return;
    const row = Array.from({ length: x.shape[axis] }, (_, i) => x.data[offset + i * step]);
    change(row).forEach((value, i) => {
      result.data[offset + i * step] = value;
    });
  });
  return result;
}

/** Samples of ops along one axis. */
export const axisSamples: Sample<{ axis: number }>[] = [
  { inputs: [{ shape: [3, 5] }], attributes: { axis: 1 } },
  { inputs: [{ shape: [2, 3, 4] }], attributes: { axis: 1 } },
  { inputs: [{ shape: [3, 2] }], attributes: { axis: 0 } },
  { inputs: [{ shape: [1] }], attributes: { axis: 0 } },
  { inputs: [{ shape: [0, 3] }], attributes: { axis: 1 } },
  { inputs: [{ shape: [2, 3], fill: [1000, 1000, 999, -1000, -1001, -1000] }], attributes: { axis: 1 } },
];
