import { must } from '../core/error.ts';
import { momentumKernel, scaleKernel } from '../kernels/vector.ts';
import { belowOne } from './options.ts';
import { type Rate, rateAt, scheduleOf } from './schedules.ts';
import type { Transform } from './transform.ts';

/**
 * Stochastic gradient descent, with heavy-ball or Nesterov momentum:
 *
 *     velocity = momentum velocity + (1 - dampening) g,  in the first step velocity = g
 *     update   = -rate velocity,  Nesterov: -rate (g + momentum velocity)
 *
 * PyTorch's formulas and defaults: momentum 0 (then there is no buffer), dampening 0. The rate stands outside the velocity,
 * so that a change of rate acts at once; TensorFlow's 1.x `MomentumOptimizer` does the same, Keras's SGD puts the rate
 * inside, which is the same as long as the rate is constant.
 *
 * Nesterov momentum needs momentum above 0 and no dampening. Sutskever et al., "On the importance of initialization and
 * momentum in deep learning", 2013.
 */
export function sgd(options: { rate: Rate; momentum?: number; dampening?: number; nesterov?: boolean }): Transform {
  const { momentum = 0, dampening = 0, nesterov = false } = options;
  const schedule = scheduleOf(options.rate);
  belowOne('momentum', momentum);
  belowOne('dampening', dampening);
  must(!nesterov || (momentum > 0 && dampening === 0), () => ({
    rule: 'Nesterov momentum needs momentum above 0 and no dampening',
    received: `momentum ${momentum}, dampening ${dampening}`,
    next: 'Set momentum to 0.9, say, and leave dampening out',
  }));
  if (momentum === 0) {
    return {
      name: 'sgd',
      state: [],
      start: ({ updates }) => ({
        update(progress) {
          scaleKernel([updates], [-rateAt(schedule, progress)]);
        },
      }),
    };
  }
  return {
    name: 'sgd',
    state: ['velocity'],
    start: ({ updates, state: { velocity } }) => ({
      update(progress) {
        const rate = rateAt(schedule, progress);
        const weight = progress.step === 0 ? 1 : 1 - dampening;
        const [ofVelocity, ofGradient] = nesterov ? [-rate * momentum, -rate] : [-rate, 0];
        momentumKernel([updates, velocity], [momentum, weight, ofVelocity, ofGradient]);
      },
    }),
  };
}
