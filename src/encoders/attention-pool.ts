import { must } from '../core/error.ts';
import type { Node } from '../graph/node.ts';
import { scalar } from '../graph/ops/constant.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { sigmoid } from '../graph/ops/sigmoid.ts';
import { softmax } from '../graph/ops/softmax.ts';
import { sum } from '../graph/ops/sum.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { where } from '../graph/ops/where.ts';
import { productOf, sameShape, show } from '../graph/shape.ts';
import type { Scope } from './encoder.ts';
import { glorotUniform } from './initializers.ts';

/** The score of what is masked: its share of any sum is 0, also where everything is masked. */
const NEVER = -1e30;

/**
 * Gated attention over a set or a sequence: `[batch, n, d] -> [batch, d]`, a mean of its members by learned weights,
 *
 *     weight_k = softmax over k of  score . (tanh(x_k V) * sigmoid(x_k U)),   y = sum of weight_k x_k
 *
 * with V and U `[d, hidden]` (`NAME.value`, `NAME.gate`) and `NAME.score` `[hidden, 1]`. The order of the members does not
 * matter. Members where `mask`, bool `[batch, n]`, is false do not count, whatever they hold; a set without any member gives
 * zeros, and no gradient. Batch and n may be symbols.
 *
 * Throws a `KindredError` for another x or mask.
 *
 * Ilse, Tomczak, Welling: Attention-based Deep Multiple Instance Learning (2018), equations 7 and 9.
 */
export function attentionPool(
  scope: Scope,
  name: string,
  x: Node,
  mask: Node,
  { hidden = 128 }: { readonly hidden?: number } = {},
): Node {
  const [batch, members, features] = x.shape;
  must(x.shape.length === 3 && x.type === 'float32' && typeof features === 'number', () => ({
    rule: 'attentionPool takes float32 [batch, n, d] with a d that is known',
    received: `${x.type} ${show(x.shape)}`,
    next: 'Reshape it first',
  }));
  must(mask.type === 'bool' && sameShape(mask.shape, [batch, members]), () => ({
    rule: 'attentionPool takes a mask, bool [batch, n]: which members count',
    received: `${mask.type} ${show(mask.shape)} for ${show(x.shape)}`,
    next: 'Give one value for each member',
  }));
  const counts = reshape(mask, [batch, members, 1]);
  const d = features as number;
  // What is masked could be not-a-number, which a weight of 0 does not take away.
  const counted = where(counts, x, scalar(0));
  const rows = reshape(counted, [productOf([batch, members]), d]);
  const project = (what: string) => matmul(rows, scope.parameter(`${name}.${what}`, [d, hidden], glorotUniform));
  const gated = mul(tanh(project('value')), sigmoid(project('gate')));
  const scores = matmul(gated, scope.parameter(`${name}.score`, [hidden, 1], glorotUniform));
  const weights = softmax(where(counts, reshape(scores, [batch, members, 1]), scalar(NEVER)), 1);
  return sum(mul(where(counts, weights, scalar(0)), counted), [1]);
}
