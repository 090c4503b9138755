import { add, elementwise, mul, sub } from './elementwise.ts';

const f = Math.fround;

/** `x = factor x`. Arrays `[x]`, constants `[factor]`. */
export const scaleKernel = elementwise({
  arrays: 1,
  scalars: 1,
  lanes: ([x], [factor]) => [mul(factor, x)],
  plain([x], [factor], start) {
    for (let i = start; i < x.length; i++) x[i] = f(factor * x[i]);
  },
});

/** `x = x + factor y`. Arrays `[x, y]`, constants `[factor]`. */
export const addScaledKernel = elementwise({
  arrays: 2,
  scalars: 1,
  lanes: ([x, y], [factor]) => [add(x, mul(factor, y)), undefined],
  plain([x, y], [factor], start) {
    for (let i = start; i < x.length; i++) x[i] = f(x[i] + f(factor * y[i]));
  },
});

/** `x = x + weight (y - x)`, a step from x towards y. Arrays `[x, y]`, constants `[weight]`. */
export const approachKernel = elementwise({
  arrays: 2,
  scalars: 1,
  lanes: ([x, y], [weight]) => [add(x, mul(weight, sub(y, x))), undefined],
  plain([x, y], [weight], start) {
    for (let i = start; i < x.length; i++) x[i] = f(x[i] + f(weight * f(y[i] - x[i])));
  },
});

/**
 * `velocity = momentum velocity + weight g`, then `g = a velocity + b g`. Arrays `[g, velocity]`, constants
 * `[momentum, weight, a, b]`.
 */
export const momentumKernel = elementwise({
  arrays: 2,
  scalars: 4,
  lanes([g, velocity], [momentum, weight, a, b]) {
    const next = add(mul(momentum, velocity), mul(weight, g));
    return [add(mul(a, next), mul(b, g)), next];
  },
  plain([g, velocity], [momentum, weight, a, b], start) {
    for (let i = start; i < g.length; i++) {
      const next = f(f(momentum * velocity[i]) + f(weight * g[i]));
      velocity[i] = next;
      g[i] = f(f(a * next) + f(b * g[i]));
    }
  },
});

/**
 * The sum of the squares of `x`, in float64, where it cannot overflow: finite if and only if every value is. Four partial
 * sums, so that one addition need not wait for the last; the order, and so the result, is fixed.
 */
export function sumOfSquares(x: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = x.length - (x.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += x[i] * x[i];
    b += x[i + 1] * x[i + 1];
    c += x[i + 2] * x[i + 2];
    d += x[i + 3] * x[i + 3];
  }
  for (let i = whole; i < x.length; i++) a += x[i] * x[i];
  return a + b + c + d;
}
