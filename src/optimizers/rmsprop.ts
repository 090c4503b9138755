import { momentumKernel, scaleKernel } from '../kernels/vector.ts';
import { atLeastZero, belowOne } from './options.ts';
import { type Rate, rateAt, scheduleOf } from './schedules.ts';
import type { Transform } from './transform.ts';

/**
 * RMSprop: gradients divided by their recent size.
 *
 *     square   = smoothing square + (1 - smoothing) g^2
 *     mean     = smoothing mean + (1 - smoothing) g                             only if centered
 *     scaled   = g / (sqrt(square - mean^2) + epsilon)                          mean is 0 if not centered
 *     velocity = momentum velocity + scaled,  update = -rate velocity
 *
 * PyTorch's formulas and defaults: smoothing 0.99, epsilon 1e-8 outside the root, momentum 0, square starts at 0. TensorFlow
 * has smoothing 0.9, epsilon (1e-7; often 1 or 0.1 in vision papers) inside the root, and the rate inside the velocity; its
 * 1.x version starts the square at 1: use `initial: 1`. The variance `square - mean^2` is at least 0 here, where rounding
 * could make it negative. Hinton's lecture 6e, 2012; centered: Graves 2013.
 *
 * @param options.initial the value from which `square` starts.
 */
export function rmsprop(options: {
  rate: Rate;
  smoothing?: number;
  epsilon?: number;
  momentum?: number;
  centered?: boolean;
  initial?: number;
}): Transform {
  const { smoothing = 0.99, epsilon = 1e-8, momentum = 0, centered = false, initial = 0 } = options;
  const schedule = scheduleOf(options.rate);
  belowOne('smoothing', smoothing);
  atLeastZero('epsilon', epsilon);
  belowOne('momentum', momentum);
  atLeastZero('initial', initial);
  return {
    name: 'rmsprop',
    state: ['square', ...(centered ? ['mean'] : []), ...(momentum > 0 ? ['velocity'] : [])],
    start: ({ updates, state: { square, mean, velocity } }) => ({
      update(progress) {
        const rate = rateAt(schedule, progress);
        if (progress.step === 0) square.fill(initial);
        for (let i = 0; i < updates.length; i++) {
          const g = updates[i];
          let variance = smoothing * square[i] + (1 - smoothing) * g * g;
          square[i] = variance;
          if (centered) {
            const centre = smoothing * mean[i] + (1 - smoothing) * g;
            mean[i] = centre;
            variance = Math.max(variance - centre * centre, 0);
          }
          updates[i] = g === 0 ? 0 : g / (Math.sqrt(variance) + epsilon);
        }
        if (momentum > 0) momentumKernel([updates, velocity], [momentum, 1, -rate, 0]);
        else scaleKernel([updates], [-rate]);
      },
    }),
  };
}
