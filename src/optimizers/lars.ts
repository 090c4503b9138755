import { addScaledKernel, momentumKernel, sumOfSquares } from '../kernels/vector.ts';
import { hasTag } from './layout.ts';
import { atLeastZero, belowOne } from './options.ts';
import { type Rate, rateAt, scheduleOf } from './schedules.ts';
import type { Transform } from './transform.ts';

/**
 * LARS: momentum in which every parameter w (a whole matrix, a whole filter bank) moves in proportion to its own size, so
 * that large batches can take large rates.
 *
 *     d        = g + decay w
 *     ratio    = trust |w| / |d|,  1 where either norm is 0
 *     velocity = momentum velocity + rate ratio d
 *     update   = -velocity
 *
 * As in SimCLR: the decay counts in the ratio's norm `|g + decay w|` (the paper: `|g| + decay |w|`), the rate stands inside
 * the velocity, and parameters tagged `bias` or `norm` have ratio 1 and no decay. Defaults: momentum 0.9, trust 0.001,
 * decay 0 (SimCLR: 1e-6). The paper has epsilon nowhere, nor have we. Norms are summed in float64. You, Gitman and Ginsburg,
 * "Large Batch Training of Convolutional Networks", 2017.
 */
export function lars(options: {
  rate: Rate;
  momentum?: number;
  trust?: number;
  decay?: number;
  exclude?: readonly string[];
}): Transform {
  const { momentum = 0.9, trust = 0.001, decay = 0, exclude = ['bias', 'norm'] } = options;
  const schedule = scheduleOf(options.rate);
  belowOne('momentum', momentum);
  atLeastZero('trust', trust);
  atLeastZero('decay', decay);
  return {
    name: 'lars',
    state: ['velocity'],
    start({ layout, parameters, updates, state: { velocity } }) {
      const slices = layout.slices.map((slice) => {
        const part = (values: Float32Array) => values.subarray(slice.start, slice.start + slice.length);
        const [w, g, v] = [part(parameters), part(updates), part(velocity)];
        return { adapts: !hasTag(slice, exclude), w, g, decayed: [g, w], moving: [g, v] };
      });
      return {
        update(progress) {
          const rate = rateAt(schedule, progress);
          for (const { adapts, w, g, decayed, moving } of slices) {
            if (adapts && decay > 0) addScaledKernel(decayed, [decay]);
            const ratio = adapts ? trustRatio(trust, w, g) : 1;
            momentumKernel(moving, [momentum, rate * ratio, -1, 0]);
          }
        },
      };
    },
  };
}

/** `trust |w| / |update|`, 1 where either norm is 0. */
export function trustRatio(trust: number, w: Float32Array, update: Float32Array): number {
  const size = Math.sqrt(sumOfSquares(w));
  const step = Math.sqrt(sumOfSquares(update));
  return size > 0 && step > 0 ? (trust * size) / step : 1;
}
