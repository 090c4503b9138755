import { batchNorm, fixedBatchNorm } from '../graph/batch-norm.ts';
import type { Node } from '../graph/node.ts';
import { scalar } from '../graph/ops/constant.ts';
import { maxPairs } from '../graph/ops/max-pairs.ts';
import { mul } from '../graph/ops/mul.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { slice } from '../graph/ops/slice.ts';
import type { Initializer, Scope } from './encoder.ts';
import { ones, zeros } from './initializers.ts';

/**
 * Batch norm with channels last, `[.., c]`: in training by the mean and variance of the batch, otherwise by their running
 * averages (`0.9 old + 0.1 batch`, the variance with the count less one, as PyTorch keeps them). The scale starts at one
 * unless given.
 */
export function normalized(scope: Scope, name: string, x: Node, initial: Initializer = ones): Node {
  const axis = x.shape.length - 1;
  const channels = x.shape[axis] as number;
  const scale = scope.parameter(`${name}.scale`, [channels], initial, ['norm']);
  const offset = scope.parameter(`${name}.offset`, [channels], zeros, ['norm', 'bias']);
  if (!scope.training) {
    const statistic = (what: string, first: number) => scope.statistic(`${name}.${what}`, [channels], first, () => x);
    const statistics = { mean: statistic('mean', 0), variance: statistic('variance', 1) };
    return fixedBatchNorm(x, scale, offset, statistics, { axis });
  }
  const { y, mean, variance } = batchNorm(x, scale, offset, { axis });
  const count = x.shape.slice(0, -1).reduce<number>((product, size) => product * (size as number), 1);
  scope.statistic(`${name}.mean`, [channels], 0, () => mean);
  scope.statistic(`${name}.variance`, [channels], 1, () => mul(variance, scalar(count / Math.max(1, count - 1))));
  return y;
}

/** 2x2 max-pooling with channels last: `[n, h, w, c] -> [n, floor(h / 2), floor(w / 2), c]`; an odd last line is dropped. */
export function halved(x: Node): Node {
  const [batch, height, width, channels] = x.shape;
  const rows = Math.floor((height as number) / 2);
  const columns = Math.floor((width as number) / 2);
  const even = slice(x, { 1: { start: 0, end: 2 * rows }, 2: { start: 0, end: 2 * columns } });
  const byRows = maxPairs(reshape(even, [batch, rows, 2, 2 * columns * (channels as number)]), 2);
  return maxPairs(reshape(byRows, [batch, rows, columns, 2, channels]), 3);
}
