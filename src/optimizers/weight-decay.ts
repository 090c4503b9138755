import { addScaledKernel } from '../kernels/vector.ts';
import { hasTag } from './layout.ts';
import { atLeastZero } from './options.ts';
import type { Transform, Workspace } from './transform.ts';

export interface Decay {
  /** How strongly weights are pulled to zero. */
  readonly decay?: number;
  /** Parameters with one of these tags are left alone, such as `['bias', 'norm']`. */
  readonly exclude?: readonly string[];
}

/**
 * L2 regularisation: `update = g + decay w`, the gradient of `decay / 2 |w|^2`.
 *
 * It belongs before an optimiser, where PyTorch's `weight_decay` of SGD, Adam, Adagrad and RMSprop is:
 * `chain(weightDecay(1e-4), sgd({ rate: 0.1 }))`. For decay that Adam does not rescale use `adamw`.
 *
 * @param options.exclude tags of parameters that are left alone (none by default, as in PyTorch).
 */
export function weightDecay(decay: number, options: { exclude?: readonly string[] } = {}): Transform {
  atLeastZero('decay', decay);
  return {
    name: 'weightDecay',
    state: [],
    start(work) {
      const add = decayed(work, options.exclude ?? []);
      return { update: () => add(decay) };
    },
  };
}

/** `update = update + factor w` on the parameters without one of the tags. */
export function decayed(
  { layout, parameters, updates }: Workspace,
  exclude: readonly string[],
): (factor: number) => void {
  const pairs = layout.slices
    .filter((slice) => !hasTag(slice, exclude))
    .map(({ start, length }) => [updates, parameters].map((values) => values.subarray(start, start + length)));
  return (factor) => {
    if (factor !== 0) for (const pair of pairs) addScaledKernel(pair, [factor]);
  };
}
