import { factorsOf, type Shape, show } from './shape.ts';

/** A value of the float64 reference: row-major, booleans as 0 and 1, integers as whole numbers. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export function tensor(shape: readonly number[], data: ArrayLike<number> = new Float64Array(product(shape))): Tensor {
  if (data.length !== product(shape)) {
    throw new RangeError(`a tensor of shape ${show(shape)} has ${product(shape)} values, received ${data.length}`);
  }
  return { shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

/** Row-major strides: how far apart neighbours along each axis lie. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Calls `visit(offset, index)` for each position in row-major order; `index` is reused between calls. */
export function everyIndex(shape: readonly number[], visit: (offset: number, index: readonly number[]) => void): void {
  const index = shape.map(() => 0);
  const size = product(shape);
  for (let offset = 0; offset < size; offset++) {
    visit(offset, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** The offset, in a tensor that is broadcast to a larger shape, of the value at `index` of that larger shape. */
export function broadcastOffset(from: readonly number[], index: readonly number[]): number {
  let offset = 0;
  const skip = index.length - from.length;
  for (let axis = 0; axis < from.length; axis++) {
    offset = offset * from[axis] + (from[axis] === 1 ? 0 : index[axis + skip]);
  }
  return offset;
}

/** A shape with every symbol replaced by its size. */
export function bindShape(shape: Shape, symbols: ReadonlyMap<string, number>): number[] {
  return shape.map((size) => {
    const factors = factorsOf(size);
    return factors.symbols.reduce((product, symbol) => {
      const bound = symbols.get(symbol);
      if (bound === undefined) throw new RangeError(`no input says how large "${symbol}" of ${show(shape)} is`);
      return product * bound;
    }, factors.count);
  });
}
