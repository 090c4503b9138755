import { must } from '../core/error.ts';
import { toUnitLength } from '../core/matrix.ts';
import type { Initializer } from '../encoders/encoder.ts';
import type { Node } from '../graph/node.ts';
import { constant } from '../graph/ops/constant.ts';
import { equal } from '../graph/ops/equal.ts';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { neg } from '../graph/ops/neg.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { takeAlong } from '../graph/ops/take-along.ts';
import { sizeOf } from '../graph/shape.ts';
import type { Comparison } from './comparison.ts';

/** What losses over classes compare anchors with: vectors that they learn, one or more for each of `K` groups. */
interface ClassWeights {
  /** `[K * centres, D]`: the centres of a group lie one after the other. */
  readonly weights: Node;
  /** `K`, the number of groups there are in all. */
  readonly classes: number;
  /** `[A, 1]`, int64: the group of each anchor. */
  readonly own: Node;
  /** `[A, K]`, bool: where the group of the anchor is. */
  readonly target: Node;
  /** `[A]`, bool: every anchor has a term, unless the comparison says that it does not count. */
  readonly every: Node;
}

/**
 * The parameter `weights` of the objective: `centres` vectors for each group, which start as random vectors of length 1.
 *
 * @throws KindredError where it is not known which groups there are: the relations are not groups.
 */
export function classWeights(comparison: Comparison, loss: string, centres = 1): ClassWeights {
  const { anchors, labels, classes } = comparison;
  must(labels !== undefined && classes !== undefined, () => ({
    rule: `The loss ${loss} learns a vector for each group, so the relations have to be groups`,
    received: 'relations without groups',
    next: 'Train on items with groups, or choose a loss over pairs such as loss: { name: supcon }',
    exitCode: 2,
  }));
  const [size, dimension] = [sizeOf(anchors.shape.slice(0, 1)), sizeOf(anchors.shape.slice(1))];
  const own = reshape(labels.anchors, [size, 1]);
  const each = constant(
    Array.from({ length: classes }, (_, i) => i),
    [1, classes],
    'int64',
  );
  return {
    weights: comparison.parameter('weights', [classes * centres, dimension], unitRows),
    classes,
    own,
    target: equal(own, each),
    every: comparison.counted ?? constant(new Float64Array(size).fill(1), [size], 'bool'),
  };
}

/** `-log( exp(l(own)) / sum over groups of exp(l) )`: of logits `[A, K]` and groups `[A, 1]`, `[A]`. */
export const crossEntropy = (logits: Node, own: Node): Node =>
  neg(reshape(takeAlong(logSoftmax(logits, 1), own, 1), [sizeOf(own.shape)]));

/** Rows that are random directions, of length 1. */
const unitRows: Initializer = (values, [rows, dimension], random) => {
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * dimension, (row + 1) * dimension);
    for (let i = 0; i < dimension; i++) own[i] = random.normal();
    toUnitLength(own);
  }
};
