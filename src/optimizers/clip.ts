import { scaleKernel, sumOfSquares } from '../kernels/vector.ts';
import { aboveZero } from './options.ts';
import type { Transform } from './transform.ts';

/**
 * Shortens the gradient of all parameters together to at most `norm`, keeping its direction:
 * `update = g min(1, norm / |g|)`.
 *
 * PyTorch divides by `|g| + 1e-6`; here a shortened gradient has the norm exactly, to rounding, as in TensorFlow. Pascanu,
 * Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013.
 */
export function clipByNorm(norm: number): Transform {
  aboveZero('norm', norm);
  return {
    name: 'clipByNorm',
    state: [],
    start: ({ updates }) => ({
      update() {
        const length = Math.sqrt(sumOfSquares(updates));
        if (length > norm) scaleKernel([updates], [norm / length]);
      },
    }),
  };
}

/** Every value of the gradient by itself to at most `limit` in size: `update = min(limit, max(-limit, g))`. */
export function clipByValue(limit: number): Transform {
  aboveZero('limit', limit);
  return {
    name: 'clipByValue',
    state: [],
    start: ({ updates }) => ({
      update() {
        for (let i = 0; i < updates.length; i++) updates[i] = Math.min(limit, Math.max(-limit, updates[i]));
      },
    }),
  };
}
