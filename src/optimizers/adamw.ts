import { type AdamOptions, moments } from './adam.ts';
import { atLeastZero } from './options.ts';
import { rateAt, scheduleOf } from './schedules.ts';
import type { Transform } from './transform.ts';
import { type Decay, decayed } from './weight-decay.ts';

/**
 * Adam with decoupled weight decay: `update = Adam's update - rate decay w`. The decay is not divided by the second moment,
 * so all weights shrink at the same pace.
 *
 * PyTorch's formulas and defaults: decay 0.01, times the rate of the step, and applied to all parameters; pass
 * `exclude: ['bias', 'norm']` to spare those. The other options are those of {@link adam}. Loshchilov and Hutter,
 * "Decoupled Weight Decay Regularization", 2019.
 */
export function adamw(options: AdamOptions & Decay): Transform {
  const { decay = 0.01, exclude = [] } = options;
  const schedule = scheduleOf(options.rate);
  atLeastZero('decay', decay);
  const { state, start } = moments(options);
  return {
    name: 'adamw',
    state,
    start(work) {
      const propose = start(work);
      const add = decayed(work, exclude);
      return {
        update(progress) {
          const rate = rateAt(schedule, progress);
          propose(progress, rate);
          add(-rate * decay);
        },
      };
    },
  };
}
