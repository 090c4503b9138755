import { must } from '../core/error.ts';
import type { Node } from './node.ts';
import { cast } from './ops/cast.ts';
import { scalar } from './ops/constant.ts';
import { greaterEqual } from './ops/greater-equal.ts';
import { mul } from './ops/mul.ts';

/**
 * Keeps the values whose noise is at least `rate`, divided by `1 - rate`, and sets the others to 0. `noise` is uniform in
 * [0, 1), fed by whoever owns the seed; it broadcasts, so `[n, c, 1, 1]` drops whole channels.
 *
 * Srivastava et al.: Dropout, a simple way to prevent neural networks from overfitting (2014).
 */
export function dropout(x: Node, noise: Node, rate: number): Node {
  must(rate >= 0 && rate < 1, () => ({
    rule: 'dropout takes the share of values that it drops, 0 or more and less than 1',
    received: `${rate}`,
    next: 'Use a rate such as 0.5',
  }));
  const kept = cast(greaterEqual(noise, scalar(rate)), 'float32');
  return mul(x, mul(kept, scalar(1 / (1 - rate))));
}
