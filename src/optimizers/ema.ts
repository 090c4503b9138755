import { approachKernel } from '../kernels/vector.ts';
import { belowOne } from './options.ts';
import type { Transform } from './transform.ts';

/**
 * Keeps an exponential moving average of the parameters beside the training, which it does not change; read it from
 * `optimizer.averaged`. With `t` the number of steps made before:
 *
 *     average = w after the first step
 *     average = average + (1 - decay_t) (w - average) after each later one
 *     decay_t = decay,  with warm-up min(decay, (1 + t) / (10 + t))
 *
 * As PyTorch's AveragedModel with `get_ema_multi_avg_fn`; the warm-up, TensorFlow's `num_updates`, forgets the first steps
 * sooner in short trainings. It may stand anywhere in a chain. Polyak and Juditsky, "Acceleration of stochastic approximation
 * by averaging", 1992.
 */
export function ema(options: { decay?: number; warmup?: boolean } = {}): Transform {
  const { decay = 0.999, warmup = false } = options;
  belowOne('decay', decay);
  return {
    name: 'ema',
    state: ['average'],
    start: ({ parameters, state: { average } }) => ({
      applied({ step }) {
        if (step === 0) average.set(parameters);
        else approachKernel([average, parameters], [1 - (warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay)]);
      },
      averaged: average,
    }),
  };
}
