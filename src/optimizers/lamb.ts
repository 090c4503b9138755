import { addScaledKernel, scaleKernel } from '../kernels/vector.ts';
import { type AdamOptions, moments } from './adam.ts';
import { trustRatio } from './lars.ts';
import { hasTag } from './layout.ts';
import { atLeastZero } from './options.ts';
import { rateAt, scheduleOf } from './schedules.ts';
import type { Transform } from './transform.ts';
import type { Decay } from './weight-decay.ts';

/**
 * LAMB: Adam whose step, for every parameter w (a whole matrix), is as long as the parameter, for large batches.
 *
 *     r      = Adam's step at rate 1, with bias correction, plus decay w
 *     update = -rate |w| / |r| r,  the ratio of norms being 1 where either is 0
 *
 * The paper's defaults: beta1 0.9, beta2 0.999, epsilon 1e-6, decay 0.01. Parameters tagged `bias` or `norm` have ratio 1
 * and no decay, as in the authors' code. Norms are summed in float64 and not clipped. You et al., "Large Batch Optimization
 * for Deep Learning: Training BERT in 76 minutes", 2020.
 */
export function lamb(options: Omit<AdamOptions, 'amsgrad'> & Decay): Transform {
  const { decay = 0.01, exclude = ['bias', 'norm'] } = options;
  const schedule = scheduleOf(options.rate);
  atLeastZero('decay', decay);
  const { state, start } = moments({ epsilon: 1e-6, ...options });
  return {
    name: 'lamb',
    state,
    start(work) {
      const propose = start(work);
      const slices = work.layout.slices.map((slice) => {
        const part = (values: Float32Array) => values.subarray(slice.start, slice.start + slice.length);
        const [w, r] = [part(work.parameters), part(work.updates)];
        return { adapts: !hasTag(slice, exclude), w, r, decayed: [r, w], scaled: [r] };
      });
      return {
        update(progress) {
          const rate = rateAt(schedule, progress);
          propose(progress, 1);
          for (const { adapts, w, r, decayed, scaled } of slices) {
            if (adapts && decay > 0) addScaledKernel(decayed, [-decay]);
            scaleKernel(scaled, [rate * (adapts ? trustRatio(1, w, r) : 1)]);
          }
        },
      };
    },
  };
}
