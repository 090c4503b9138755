import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { type Matrix, matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { pca, project, symmetricEigen } from './pca.ts';

/** Normal data whose columns, before a rotation by `mix` of them, have the given spreads. */
function cloud(rows: number, spreads: number[], offset: number, seed: number): Matrix {
  const random = Random.seeded(seed);
  const d = spreads.length;
  const data = new Float32Array(rows * d);
  // A Householder reflection spreads every direction over all columns.
  const axis = Float64Array.from({ length: d }, () => random.normal());
  const length = axis.reduce((sum, x) => sum + x * x, 0);
  for (let i = 0; i < rows; i++) {
    const x = spreads.map((spread) => spread * random.normal());
    const along = x.reduce((sum, value, j) => sum + value * axis[j], 0) * (2 / length);
    for (let j = 0; j < d; j++) data[i * d + j] = offset + x[j] - along * axis[j];
  }
  return matrix(rows, d, data);
}

/** Covariance by a triple loop. */
function covariance(m: Matrix): Float64Array {
  const c = new Float64Array(m.columns ** 2);
  const mean = Array.from({ length: m.columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < m.rows; i++) sum += row(m, i)[j];
    return sum / m.rows;
  });
  for (let j = 0; j < m.columns; j++) {
    for (let k = 0; k < m.columns; k++) {
      for (let i = 0; i < m.rows; i++) {
        c[j * m.columns + k] += ((row(m, i)[j] - mean[j]) * (row(m, i)[k] - mean[k])) / m.rows;
      }
    }
  }
  return c;
}

function expectOrthonormal(m: Matrix): void {
  for (let a = 0; a < m.rows; a++) {
    for (let b = 0; b <= a; b++) {
      const dot = row(m, a).reduce((sum, x, j) => sum + x * row(m, b)[j], 0);
      expect(dot).toBeCloseTo(a === b ? 1 : 0, 4);
    }
  }
}

test('points on a diagonal have one component', async () => {
  const line = matrix(3, 2, Float32Array.of(1, 2, 2, 3, 3, 4));
  const model = await pca(line, { components: 2, seed: 1 });
  expect([...model.mean]).toEqual([2, 3]);
  expect(model.components.rows).toBe(1);
  expect(model.variances[0]).toBeCloseTo(4 / 3, 5);
  expect(Math.abs(model.components.data[0])).toBeCloseTo(Math.SQRT1_2, 5);
  const coordinates = await project(model, line);
  expect(Math.abs(coordinates.data[2] - coordinates.data[0])).toBeCloseTo(2 * Math.SQRT2, 5);
  expect(coordinates.data[1]).toBeCloseTo(0, 5);
});

test('few features: the eigenvectors of the covariance, also far from the origin', async () => {
  for (const offset of [0, 100]) {
    const data = cloud(200, [5, 3, 2, 1, 0.5], offset, 2);
    const model = await pca(data, { components: 3, seed: 1 });
    const exact = symmetricEigen(covariance(data), 5);
    expectOrthonormal(model.components);
    for (let k = 0; k < 3; k++) {
      expect(model.variances[k] / exact.values[k]).toBeCloseTo(1, 4);
      const along = row(model.components, k).reduce((sum, x, j) => sum + x * exact.vectors[k * 5 + j], 0);
      expect(Math.abs(along)).toBeCloseTo(1, 4);
    }
  }
});

test('many features: the random start finds the large components', async () => {
  const spreads = Array.from({ length: 80 }, (_, j) => 10 * 0.85 ** j);
  const data = cloud(2500, spreads, 1, 3);
  const model = await pca(data, { components: 10, seed: 1 });
  const exact = symmetricEigen(covariance(data), 80);
  expectOrthonormal(model.components);
  for (let k = 0; k < 10; k++) expect(model.variances[k] / exact.values[k]).toBeCloseTo(1, 3);
  // The coordinates have the variances, and are uncorrelated.
  const inside = covariance(await project(model, data));
  for (let a = 0; a < 10; a++) {
    for (let b = 0; b < 10; b++) {
      expect(inside[a * 10 + b] / model.variances[0]).toBeCloseTo(
        a === b ? model.variances[a] / model.variances[0] : 0,
        4,
      );
    }
  }
  expect((await pca(data, { components: 10, seed: 1 })).components.data).toEqual(model.components.data);
});

test('fewer components where the data have fewer', async () => {
  const flat = cloud(40, [3, 2, ...new Array(60).fill(0)], 0, 4);
  expect((await pca(flat, { components: 20, seed: 1 })).components.rows).toBe(2);
  const few = cloud(6, new Array(60).fill(1), 0, 5);
  expect((await pca(few, { components: 20, seed: 1 })).components.rows).toBe(5);
  const equal = matrix(
    4,
    3,
    Float32Array.from({ length: 12 }, (_, i) => i % 3),
  );
  const none = await pca(equal, { components: 2, seed: 1 });
  expect(none.components.rows).toBe(0);
  expect((await pca(matrix(1, 3), { components: 2, seed: 1 })).components.rows).toBe(0);
});

test('features that are not finite, and no items, are refused', async () => {
  const broken = matrix(2, 2, Float32Array.of(1, 2, Number.NaN, 3));
  await expect(pca(broken, { components: 1, seed: 1 })).rejects.toThrow(KindredError);
  await expect(pca(matrix(0, 2), { components: 1, seed: 1 })).rejects.toThrow(/no items/);
});

test('symmetric eigenvectors are rows, largest value first', () => {
  const { vectors, values } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  expect(values[0]).toBeCloseTo(3, 12);
  expect(values[1]).toBeCloseTo(1, 12);
  expect(vectors[0] * vectors[1]).toBeCloseTo(0.5, 12);
  expect(vectors[2] * vectors[3]).toBeCloseTo(-0.5, 12);
});
