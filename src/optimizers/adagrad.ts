import { atLeastZero } from './options.ts';
import { type Rate, rateAt, scheduleOf } from './schedules.ts';
import type { Transform } from './transform.ts';

/**
 * Adagrad: coordinates that moved much move less.
 *
 *     sum    = sum + g^2
 *     update = -rate g / (sqrt(sum) + epsilon)
 *
 * PyTorch's formulas and defaults: the sum starts at 0, epsilon 1e-10 outside the root; its `lr_decay` is a schedule here.
 * Keras starts the sum at 0.1 and has its epsilon (1e-7) inside the root; TensorFlow 1.x starts at 0.1 without epsilon. Use
 * `initial: 0.1` for either. Where `sum` and `epsilon` are 0, the update is 0. Duchi, Hazan and Singer, "Adaptive Subgradient
 * Methods", 2011.
 *
 * @param options.initial the value from which the sum starts.
 */
export function adagrad(options: { rate: Rate; initial?: number; epsilon?: number }): Transform {
  const { initial = 0, epsilon = 1e-10 } = options;
  const schedule = scheduleOf(options.rate);
  atLeastZero('initial', initial);
  atLeastZero('epsilon', epsilon);
  return {
    name: 'adagrad',
    state: ['sum'],
    start: ({ updates, state: { sum } }) => ({
      update(progress) {
        const rate = rateAt(schedule, progress);
        if (progress.step === 0) sum.fill(initial);
        for (let i = 0; i < updates.length; i++) {
          const g = updates[i];
          const next = sum[i] + g * g;
          sum[i] = next;
          updates[i] = g === 0 ? 0 : (-rate * g) / (Math.sqrt(next) + epsilon);
        }
      },
    }),
  };
}
