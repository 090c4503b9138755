import { must } from '../core/error.ts';

/** Refuses values that are not finite: the weights have grown beyond all bounds, and no later step brings them back. */
export function mustNotHaveDiverged(values: ArrayLike<number>, where: string): void {
  for (let i = 0; i < values.length; i++) {
    must(Number.isFinite(values[i]), () => ({
      rule: 'Training has diverged',
      received: `${values[i]} in ${where}`,
      next: 'Lower the rate of the optimizer, raise its warmup, or put { name: clip-by-norm, norm: 1 } before it',
    }));
  }
}
