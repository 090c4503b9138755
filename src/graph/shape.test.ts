import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { axisOf, broadcastShapes, factorsOf, productOf, sameShape, show, sizeOf } from './shape.ts';
import { bindShape, broadcastOffset, everyIndex, stridesOf, tensor } from './tensor.ts';

test('show', () => {
  expect(show(['batch', 28, 1])).toBe('[batch, 28, 1]');
  expect(show([])).toBe('[]');
});

test('sizeOf multiplies whole numbers, and names a symbol', () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([2, 3, 4])).toBe(24);
  expect(sizeOf([2, 0, 4])).toBe(0);
  expect(() => sizeOf([2, 'batch'])).toThrow(/\[2, batch\]\. Give "batch" a size/);
});

test('sameShape: symbols are equal by name', () => {
  expect(sameShape(['n', 2], ['n', 2])).toBe(true);
  expect(sameShape(['n', 2], ['m', 2])).toBe(false);
  expect(sameShape([2], [2, 1])).toBe(false);
  expect(sameShape([], [])).toBe(true);
});

test('axisOf counts from either end, and refuses what is not there', () => {
  expect([0, 1, 2, -1, -2, -3].map((axis) => axisOf('sum', [4, 5, 6], axis))).toEqual([0, 1, 2, 2, 1, 0]);
  for (const axis of [3, -4, 0.5, Number.NaN]) expect(() => axisOf('sum', [4, 5, 6], axis)).toThrow(KindredError);
  expect(() => axisOf('sum', [4, 5], 2)).toThrow('sum takes an axis of its input: axis 2 of [4, 5]. Use -2 to 1.');
});

test.each([
  [[2, 3], [3], [2, 3]],
  [
    [2, 1],
    [1, 3],
    [2, 3],
  ],
  [[], [4], [4]],
  [['batch', 1], [5], ['batch', 5]],
  [['batch'], ['batch'], ['batch']],
  [[1], ['batch'], ['batch']],
  [[0, 3], [1], [0, 3]],
])('%j and %j broadcast to %j, either way round', (a, b, expected) => {
  expect(broadcastShapes('add', a, b)).toEqual(expected);
  expect(broadcastShapes('add', b, a)).toEqual(expected);
});

test.each([
  [[2], [3]],
  [['batch'], [3]],
  [['a'], ['b']],
  [[2, 3], [2]],
  [[0], [2]],
])('%j and %j do not broadcast', (a, b) => {
  expect(() => broadcastShapes('add', a, b)).toThrow(/^add needs shapes that broadcast .*axis -1 agree/);
});

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

test('everyIndex visits each position once, in row-major order', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const strides = stridesOf(shape);
      const offsets: number[] = [];
      everyIndex(shape, (offset, index) => {
        offsets.push(offset);
        expect(index.reduce((sum, at, axis) => sum + at * strides[axis], 0)).toBe(offset);
        index.forEach((at, axis) => {
          expect(at >= 0 && at < shape[axis]).toBe(true);
        });
      });
      expect(offsets).toEqual([...Array(sizeOf(shape)).keys()]);
    }),
  );
});

test('broadcastOffset, by hand: a column and a row in [2, 3]', () => {
  const [column, row, one]: number[][] = [[], [], []];
  everyIndex([2, 3], (_, index) => {
    column.push(broadcastOffset([2, 1], index));
    row.push(broadcastOffset([3], index));
    one.push(broadcastOffset([], index));
  });
  expect(column).toEqual([0, 0, 0, 1, 1, 1]);
  expect(row).toEqual([0, 1, 2, 0, 1, 2]);
  expect(one).toEqual([0, 0, 0, 0, 0, 0]);
});

test('a product of sizes is written in one way, and read back', () => {
  expect(productOf([2, 3])).toBe(6);
  expect(productOf([])).toBe(1);
  expect(productOf(['n', 1])).toBe('n');
  expect(productOf(['n', 4])).toBe('4*n');
  expect(productOf([2, 'n', 'm', '4*n'])).toBe('8*m*n*n');
  expect(productOf(['n', 0])).toBe(0);
  expect(factorsOf('8*m*n')).toEqual({ count: 8, symbols: ['m', 'n'] });
  expect(factorsOf('n')).toEqual({ count: 1, symbols: ['n'] });
  expect(factorsOf(7)).toEqual({ count: 7, symbols: [] });
});

test('bindShape puts sizes for symbols', () => {
  expect(bindShape(['n', 3, 'n'], new Map([['n', 2]]))).toEqual([2, 3, 2]);
  expect(bindShape(['4*n', 'm*n'], new Map(Object.entries({ n: 2, m: 5 })))).toEqual([8, 10]);
  expect(() => bindShape(['m'], new Map())).toThrow('no input says how large "m" of [m] is');
});

test('a tensor has as many values as its shape says', () => {
  expect([...tensor([2, 2]).data]).toEqual([0, 0, 0, 0]);
  expect(() => tensor([2, 2], [1])).toThrow('a tensor of shape [2, 2] has 4 values, received 1');
});
