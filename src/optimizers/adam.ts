import { adamKernel, amsgradKernel } from '../kernels/adam.ts';
import { atLeastZero, belowOne } from './options.ts';
import { type Progress, type Rate, rateAt, scheduleOf } from './schedules.ts';
import type { Transform, Workspace } from './transform.ts';

export interface AdamOptions {
  readonly rate: Rate;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Divide by the largest second moment so far, so that steps never grow back. Reddi, Kale and Kumar 2018. */
  readonly amsgrad?: boolean;
}

/**
 * Adam: steps of about `rate` in every coordinate, whatever its scale:
 *
 *     mean   = beta1 mean + (1 - beta1) g
 *     square = beta2 square + (1 - beta2) g^2
 *     update = -rate (mean / (1 - beta1^t)) / (sqrt(square / (1 - beta2^t)) + epsilon),  t = 1, 2, ...
 *
 * PyTorch's formulas and defaults: rate given, beta1 0.9, beta2 0.999, epsilon 1e-8. Epsilon is added after the bias
 * correction, as in the paper's algorithm; TensorFlow adds it before ("epsilon hat"), which is a larger epsilon in the first
 * steps, and its Keras default is 1e-7. AMSGrad takes the largest `square` before the correction, as PyTorch does.
 *
 * All in float32. Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
 */
export function adam(options: AdamOptions): Transform {
  const schedule = scheduleOf(options.rate);
  const { state, start } = moments(options);
  return {
    name: 'adam',
    state,
    start(work) {
      const propose = start(work);
      return { update: (progress) => propose(progress, rateAt(schedule, progress)) };
    },
  };
}

/** The moments and their update, which `adam`, `adamw` and `lamb` share. */
export function moments(options: Omit<AdamOptions, 'rate'>): {
  state: readonly string[];
  start(work: Workspace): (progress: Progress, rate: number) => void;
} {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  belowOne('beta1', beta1);
  belowOne('beta2', beta2);
  atLeastZero('epsilon', epsilon);
  const state = amsgrad ? ['mean', 'square', 'largest'] : ['mean', 'square'];
  const kernel = amsgrad ? amsgradKernel : adamKernel;
  return {
    state,
    start(work) {
      const arrays = [work.updates, ...state.map((name) => work.state[name])];
      return ({ step }, rate) => {
        const scale = -rate / (1 - beta1 ** (step + 1));
        const correction = 1 / Math.sqrt(1 - beta2 ** (step + 1));
        kernel(arrays, [beta1, 1 - beta1, beta2, 1 - beta2, scale, correction, epsilon]);
      };
    },
  };
}
