import { add, div, elementwise, type Lane, max, mul, sqrt } from './elementwise.ts';

/**
 * The moments of Adam and the update they propose, in place:
 *
 *     mean   = beta1 mean + (1 - beta1) g
 *     square = beta2 square + (1 - beta2) g^2
 *     g      = scale mean / (sqrt(square) correction + epsilon)
 *
 * Arrays: `[g, mean, square]`. Constants: `[beta1, 1 - beta1, beta2, 1 - beta2, scale, correction, epsilon]`. With
 * `scale = -rate / (1 - beta1^t)` and `correction = 1 / sqrt(1 - beta2^t)` the moments are freed of their start at zero.
 * `1 - beta` is a constant of its own because 1 minus the float32 of beta would be less exact.
 */
export const adamKernel = elementwise({
  arrays: 3,
  scalars: 7,
  lanes([g, mean, square], constants) {
    const { newMean, newSquare, update } = moments(g, mean, square, constants);
    return [update(newSquare), newMean, newSquare];
  },
  plain: plainMoments,
});

/**
 * As {@link adamKernel}, but `g` is divided by the largest `square` there has been so far. Arrays: `[g, mean, square,
 * largest]`; the same constants.
 */
export const amsgradKernel = elementwise({
  arrays: 4,
  scalars: 7,
  lanes([g, mean, square, largest], constants) {
    const { newMean, newSquare, update } = moments(g, mean, square, constants);
    const newLargest = max(largest, newSquare);
    return [update(newLargest), newMean, newSquare, newLargest];
  },
  plain: plainMoments,
});

function moments(g: Lane, mean: Lane, square: Lane, constants: readonly Lane[]) {
  const [beta1, rest1, beta2, rest2, scale, correction, epsilon] = constants;
  const newMean = add(mul(beta1, mean), mul(rest1, g));
  return {
    newMean,
    newSquare: add(mul(beta2, square), mul(rest2, mul(g, g))),
    update: (divisor: Lane) => div(mul(scale, newMean), add(mul(sqrt(divisor), correction), epsilon)),
  };
}

function plainMoments(
  [g, mean, square, largest]: readonly Float32Array[],
  [beta1, rest1, beta2, rest2, scale, correction, epsilon]: readonly number[],
  start: number,
): void {
  const f = Math.fround;
  const hasLargest = largest !== undefined;
  for (let i = start; i < g.length; i++) {
    const x = g[i];
    const newMean = f(f(beta1 * mean[i]) + f(rest1 * x));
    const newSquare = f(f(beta2 * square[i]) + f(rest2 * f(x * x)));
    mean[i] = newMean;
    square[i] = newSquare;
    let divisor = newSquare;
    if (hasLargest) {
      divisor = Math.max(largest[i], newSquare);
      largest[i] = divisor;
    }
    g[i] = f(f(scale * newMean) / f(f(f(Math.sqrt(divisor)) * correction) + epsilon));
  }
}
