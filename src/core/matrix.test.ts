import { expect, test } from 'vitest';
import { matrix, row, takeRows, toUnitLength } from './matrix.ts';

const three = matrix(3, 2, Float32Array.of(1, 2, 3, 4, 5, 6));

test('a matrix holds the data that it is given, or zeros', () => {
  const data = Float32Array.of(1, 2);
  expect(matrix(1, 2, data).data).toBe(data);
  expect(matrix(2, 3)).toEqual({ rows: 2, columns: 3, data: new Float32Array(6) });
  expect(matrix(0, 5).data.length).toBe(0);
});

test('data of another size is refused', () => {
  expect(() => matrix(2, 2, new Float32Array(3))).toThrow('a 2 x 2 matrix has 4 values, received 3');
});

test('a row is a view', () => {
  const own = matrix(2, 2, Float32Array.of(1, 2, 3, 4));
  expect([...row(own, 1)]).toEqual([3, 4]);
  row(own, 1)[0] = 9;
  expect([...own.data]).toEqual([1, 2, 9, 4]);
});

test('a vector is scaled to length 1, and zeros stay', () => {
  const [vector, zeros] = [Float32Array.of(3, 0, -4), new Float32Array(2)];
  expect([toUnitLength(vector), toUnitLength(zeros)]).toEqual([5, 0]);
  expect([vector, zeros]).toEqual([Float32Array.of(0.6, 0, -0.8), Float32Array.of(0, 0)]);
});

test('taken rows are copies, in the given order, as often as they are named', () => {
  const taken = takeRows(three, [2, 0, 2]);
  expect(taken).toEqual(matrix(3, 2, Float32Array.of(5, 6, 1, 2, 5, 6)));
  taken.data[0] = 0;
  expect(three.data[4]).toBe(5);
  expect(takeRows(three, Int32Array.of(1)).data).toEqual(Float32Array.of(3, 4));
  expect(takeRows(three, [])).toEqual(matrix(0, 2));
});

test.each([3, -1, 0.5, Number.NaN])('there is no row %d of 3, and no zeros in its place', (index) => {
  expect(() => row(three, index)).toThrow(`there is no row ${index} in 3 rows`);
  expect(() => takeRows(three, [0, index])).toThrow(RangeError);
});
