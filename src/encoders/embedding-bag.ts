import { must } from '../core/error.ts';
import type { Node } from '../graph/node.ts';
import { and } from '../graph/ops/and.ts';
import { cast } from '../graph/ops/cast.ts';
import { constant, scalar } from '../graph/ops/constant.ts';
import { div } from '../graph/ops/div.ts';
import { equal } from '../graph/ops/equal.ts';
import { gather } from '../graph/ops/gather.ts';
import { greater } from '../graph/ops/greater.ts';
import { maximum } from '../graph/ops/maximum.ts';
import { not } from '../graph/ops/not.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { sum } from '../graph/ops/sum.ts';
import { where } from '../graph/ops/where.ts';
import { sameShape, show } from '../graph/shape.ts';
import type { Initializer, Scope } from './encoder.ts';

/** Normal with mean 0 and variance 1: PyTorch's start of embeddings. */
const standardNormal: Initializer = (values, _, random) => {
  for (let i = 0; i < values.length; i++) values[i] = random.normal();
};

export interface EmbeddingBagOptions {
  /** How many ids there are; they lie between 0 and this minus 1. */
  readonly rows: number;
  /** Numbers for each id. */
  readonly dimension: number;
  /** `'mean'` unless given. */
  readonly pool?: 'mean' | 'sum';
  /** The id that stands for nothing: -1 unless given. */
  readonly padding?: number;
  /** How the table starts: standard normal unless given. */
  readonly initial?: Initializer;
}

/**
 * The mean or the sum of the embeddings of ids: int64 `[batch, n] -> [batch, dimension]`, from a table `[rows, dimension]`
 * that is learned (`NAME.table`). An id that comes twice counts twice.
 *
 * Ids where `mask`, bool `[batch, n]`, is false do not count, nor do those that equal `padding`; what does not count may be
 * any number. A bag without any id gives zeros, and no gradient. Any other id outside the table fails when the graph runs.
 * Batch and n may be symbols.
 *
 * Throws a `KindredError` for other ids or another mask.
 *
 * Joulin et al.: Bag of Tricks for Efficient Text Classification (2017), section 2.
 */
export function embeddingBag(
  scope: Scope,
  name: string,
  ids: Node,
  mask: Node | undefined,
  { rows, dimension, pool = 'mean', padding = -1, initial = standardNormal }: EmbeddingBagOptions,
): Node {
  must(ids.type === 'int64' && ids.shape.length === 2, () => ({
    rule: 'embeddingBag takes ids, int64 [batch, n]',
    received: `${ids.type} ${show(ids.shape)}`,
    next: 'Cast or reshape them first',
  }));
  must(mask === undefined || (mask.type === 'bool' && sameShape(mask.shape, ids.shape)), () => ({
    rule: 'embeddingBag takes a mask, bool [batch, n]: which ids count',
    received: `${mask?.type} ${show(mask?.shape ?? [])} for ${show(ids.shape)}`,
    next: 'Give one value for each id',
  }));
  const table = scope.parameter(`${name}.table`, [rows, dimension], initial);
  const whole = (value: number) => constant([value], [], 'int64');
  const filled = not(equal(ids, whole(padding)));
  const counts = mask === undefined ? filled : and(mask, filled);
  // Below 0 ONNX would count from the end of the table, and nobody would notice.
  const strict = where(greater(whole(0), ids), whole(rows), ids);
  const taken = gather(table, where(counts, strict, whole(0)));
  const total = sum(where(reshape(counts, [...ids.shape, 1]), taken, scalar(0)), [1]);
  if (pool === 'sum') return total;
  return div(total, maximum(sum(cast(counts, 'float32'), [1], { keep: true }), scalar(1)));
}
