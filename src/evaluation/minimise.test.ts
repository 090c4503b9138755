import { expect, test } from 'vitest';
import { type Differentiable, minimise } from './minimise.ts';

test('a quadratic, whose minimum is known', async () => {
  // x^T A x / 2 - b^T x, with A = [[4, 1], [1, 3]] and b = (1, 2): the minimum is A^-1 b = (1/11, 7/11), of the value -15/22.
  const f: Differentiable = async ([x, y], gradient) => {
    gradient.set([4 * x + y - 1, x + 3 * y - 2]);
    return 2 * x * x + x * y + 1.5 * y * y - x - 2 * y;
  };
  const found = await minimise(f, Float64Array.of(50, -30), { tolerance: 1e-10, iterations: 100 });
  expect(found.x[0]).toBeCloseTo(1 / 11, 9);
  expect(found.x[1]).toBeCloseTo(7 / 11, 9);
  expect(found.value).toBeCloseTo(-15 / 22, 12);
  expect(found.converged).toBe(true);
  expect(found.iterations).toBeLessThan(15);
});

test("Rosenbrock's valley, from its usual start", async () => {
  const f: Differentiable = async ([x, y], gradient) => {
    gradient.set([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]);
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
  };
  const found = await minimise(f, Float64Array.of(-1.2, 1), { tolerance: 1e-8, iterations: 200 });
  expect([...found.x].map((value) => Math.round(value * 1e7) / 1e7)).toEqual([1, 1]);
  expect(found.converged).toBe(true);
  const cut = await minimise(f, Float64Array.of(-1.2, 1), { tolerance: 1e-8, iterations: 3 });
  expect([cut.iterations, cut.converged]).toEqual([3, false]);
});

test('every step goes down, and a minimum is left alone', async () => {
  const values: number[] = [];
  const f: Differentiable = async (x, gradient) => {
    let value = 0;
    for (let i = 0; i < x.length; i++) {
      // Curvatures from 1 to 100.
      const weight = 10 ** ((2 * i) / (x.length - 1));
      gradient[i] = weight * (x[i] - 1);
      value += (weight / 2) * (x[i] - 1) ** 2;
    }
    return value;
  };
  let x = new Float64Array(20);
  for (let iterations = 1; iterations < 200; iterations += 20) {
    const found = await minimise(f, new Float64Array(20), { tolerance: 1e-9, iterations });
    values.push(found.value);
    x = Float64Array.from(found.x);
  }
  expect(values).toEqual([...values].sort((a, b) => b - a));
  expect(Math.max(...x.map((value) => Math.abs(value - 1)))).toBeLessThan(1e-8);
  const again = await minimise(f, x, { tolerance: 1e-3, iterations: 10 });
  expect([again.iterations, again.converged]).toEqual([0, true]);
});

test('where nothing goes down, as rounding has it in the end, it ends', async () => {
  const f: Differentiable = async (x, gradient) => {
    gradient.fill(1);
    return x[0] === 0 ? 0 : 1;
  };
  const found = await minimise(f, new Float64Array(1), { tolerance: 1e-9, iterations: 10 });
  expect([found.iterations, found.converged, found.x[0]]).toEqual([0, false, 0]);
});
