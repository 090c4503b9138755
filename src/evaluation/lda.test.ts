import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { discriminants, scatter } from './lda.ts';

/** Around (-1, -1) and (1, 1), each with the scatter diag(1, 4) within. */
const corners = [
  [-1, -2],
  [-1, 2],
  [1, -2],
  [1, 2],
];
const two = {
  features: matrix(8, 2, Float32Array.from([-1, 1].flatMap((c) => corners.flatMap(([x, y]) => [c + x, c + y])))),
  labels: Int32Array.of(7, 7, 7, 7, 2, 2, 2, 2),
};

function random(groups: number, perGroup: number, d: number, seed: number) {
  const source = Random.seeded(seed);
  const centres = Array.from({ length: groups * d }, () => source.normal());
  const n = groups * perGroup;
  const labels = Int32Array.from({ length: n }, (_, i) => i % groups);
  const features = matrix(n, d).data.map((_, k) => {
    const j = k % d;
    return centres[labels[Math.floor(k / d)] * d + j] + (0.3 + j) * source.normal();
  });
  return { features: matrix(n, d, features), labels };
}

test('the scatter worked by hand', () => {
  const s = scatter(two.features, two.labels);
  expect(s).toMatchObject({ dimension: 2, groups: 2 });
  expect([...s.within]).toEqual([1, 0, 0, 4]);
  expect([...s.between]).toEqual([1, 1, 1, 1]);
});

test('within and between add up to the covariance, for groups of unequal size', () => {
  const features = matrix(4, 1, Float32Array.of(0, 2, 4, 10));
  const s = scatter(features, Int32Array.of(1, 1, 1, 8));
  // Means 2 and 10, of all 4; squares within 4 + 0 + 4 + 0; between 3 * 2^2 + 6^2.
  expect(s.within[0]).toBeCloseTo(8 / 4, 12);
  expect(s.between[0]).toBeCloseTo(48 / 4, 12);
});

test('two groups: the direction is W^-1 (m2 - m1), scaled to unit scatter within', () => {
  const s = scatter(two.features, two.labels);
  // W' = 0.5 diag(1, 4) + 0.5 * 2.5 I = diag(1.75, 3.25).
  const v = discriminants(s, { dimension: 2, shrinkage: 0.5 });
  expect([v.rows, v.columns]).toEqual([1, 2]);
  const scale = Math.sqrt(1 / 1.75 + 1 / 3.25);
  expect(Math.abs(v.data[0])).toBeCloseTo(1 / 1.75 / scale, 6);
  expect(v.data[1] / v.data[0]).toBeCloseTo(1.75 / 3.25, 6);
  const sphere = discriminants(s, { dimension: 2, shrinkage: 1 });
  expect(sphere.data[1] / sphere.data[0]).toBeCloseTo(1, 6);
});

test('directions have unit scatter within, none across, falling scatter between, and no other is better', () => {
  const { features, labels } = random(5, 60, 6, 1);
  const s = scatter(features, labels);
  const shrinkage = 0.1;
  const trace = [0, 1, 2, 3, 4, 5].reduce((sum, j) => sum + s.within[j * 7], 0);
  const shrunk = s.within.map((w, k) => (1 - shrinkage) * w + (k % 7 === 0 ? (shrinkage * trace) / 6 : 0));
  const form = (m: Float64Array, a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) sum += a[i] * m[i * 6 + j] * b[j];
    return sum;
  };
  const v = discriminants(s, { dimension: 6, shrinkage });
  expect(v.rows).toBe(4);
  const directions = [0, 1, 2, 3].map((i) => v.data.subarray(i * 6, i * 6 + 6));
  const ratios = directions.map((x) => form(s.between, x, x));
  directions.forEach((a, i) => {
    directions.forEach((b, j) => {
      expect(form(shrunk, a, b)).toBeCloseTo(i === j ? 1 : 0, 5);
    });
    if (i > 0) expect(ratios[i]).toBeLessThan(ratios[i - 1]);
  });
  const source = Random.seeded(2);
  for (let trial = 0; trial < 200; trial++) {
    const x = Float64Array.from({ length: 6 }, () => source.normal());
    expect(form(s.between, x, x) / form(shrunk, x, x)).toBeLessThanOrEqual(ratios[0] + 1e-6);
  }
});

test('the first features only, and at most as many directions as features', () => {
  const { features, labels } = random(9, 20, 5, 3);
  const first = matrix(
    180,
    3,
    Float32Array.from({ length: 540 }, (_, k) => features.data[Math.floor(k / 3) * 5 + (k % 3)]),
  );
  const part = discriminants(scatter(features, labels), { dimension: 3, shrinkage: 0.2 });
  const whole = discriminants(scatter(first, labels), { dimension: 3, shrinkage: 0.2 });
  expect(part.rows).toBe(3);
  part.data.forEach((x, k) => {
    expect(x).toBeCloseTo(whole.data[k], 6);
  });
});

test('groups with one item, one group, groups that coincide, no spread', () => {
  const { features, labels } = random(3, 10, 4, 4);
  const lonely = labels.slice();
  lonely[0] = 50;
  expect(discriminants(scatter(features, lonely), { dimension: 4, shrinkage: 0.1 }).rows).toBe(3);
  const one = scatter(features, new Int32Array(30));
  expect(discriminants(one, { dimension: 4, shrinkage: 0.1 }).rows).toBe(0);
  const same = scatter(matrix(4, 1, Float32Array.of(1, 2, 1, 2)), Int32Array.of(0, 0, 1, 1));
  expect(discriminants(same, { dimension: 1, shrinkage: 0.1 }).rows).toBe(0);
  const singles = scatter(matrix(2, 1, Float32Array.of(1, 2)), Int32Array.of(0, 1));
  expect(() => discriminants(singles, { dimension: 1, shrinkage: 0.1 })).toThrow(/items differ/);
  expect(() => discriminants(same, { dimension: 2, shrinkage: 0.1 })).toThrow(RangeError);
  expect(() => discriminants(same, { dimension: 1, shrinkage: 0 })).toThrow(RangeError);
});
