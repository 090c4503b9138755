import { batchNorm } from '../../src/graph/batch-norm.ts';
import { gelu } from '../../src/graph/gelu.ts';
import { l2Pool } from '../../src/graph/l2-pool.ts';
import { layerNorm } from '../../src/graph/layer-norm.ts';
import type { Node } from '../../src/graph/node.ts';
import { norm } from '../../src/graph/norm.ts';
import { abs } from '../../src/graph/ops/abs.ts';
import { add } from '../../src/graph/ops/add.ts';
import { avgPool } from '../../src/graph/ops/avg-pool.ts';
import { broadcastTo } from '../../src/graph/ops/broadcast-to.ts';
import { concat } from '../../src/graph/ops/concat.ts';
import { constant, scalar } from '../../src/graph/ops/constant.ts';
import { conv2d } from '../../src/graph/ops/conv2d.ts';
import { conv2dLast } from '../../src/graph/ops/conv2d-last.ts';
import { cumSum } from '../../src/graph/ops/cum-sum.ts';
import { div } from '../../src/graph/ops/div.ts';
import { erf } from '../../src/graph/ops/erf.ts';
import { exp } from '../../src/graph/ops/exp.ts';
import { gather } from '../../src/graph/ops/gather.ts';
import { greater } from '../../src/graph/ops/greater.ts';
import { log } from '../../src/graph/ops/log.ts';
import { logSoftmax } from '../../src/graph/ops/log-softmax.ts';
import { logSumExp } from '../../src/graph/ops/log-sum-exp.ts';
import { matmul } from '../../src/graph/ops/matmul.ts';
import { max } from '../../src/graph/ops/max.ts';
import { maxPool } from '../../src/graph/ops/max-pool.ts';
import { maximum } from '../../src/graph/ops/maximum.ts';
import { mean } from '../../src/graph/ops/mean.ts';
import { min } from '../../src/graph/ops/min.ts';
import { mul } from '../../src/graph/ops/mul.ts';
import { neg } from '../../src/graph/ops/neg.ts';
import { pad } from '../../src/graph/ops/pad.ts';
import { relu } from '../../src/graph/ops/relu.ts';
import { reshape } from '../../src/graph/ops/reshape.ts';
import { scatterAdd } from '../../src/graph/ops/scatter-add.ts';
import { sigmoid } from '../../src/graph/ops/sigmoid.ts';
import { slice } from '../../src/graph/ops/slice.ts';
import { softmax } from '../../src/graph/ops/softmax.ts';
import { softplus } from '../../src/graph/ops/softplus.ts';
import { sqrt } from '../../src/graph/ops/sqrt.ts';
import { stopGradient } from '../../src/graph/ops/stop-gradient.ts';
import { sub } from '../../src/graph/ops/sub.ts';
import { sum } from '../../src/graph/ops/sum.ts';
import { take } from '../../src/graph/ops/take.ts';
import { takeAlong } from '../../src/graph/ops/take-along.ts';
import { tanh } from '../../src/graph/ops/tanh.ts';
import { topK } from '../../src/graph/ops/top-k.ts';
import { transpose } from '../../src/graph/ops/transpose.ts';
import { where } from '../../src/graph/ops/where.ts';
import { sizeOf } from '../../src/graph/shape.ts';
import { unitNorm } from '../../src/graph/unit-norm.ts';

/** What a rule of the table works with. Sizes are known everywhere. */
export interface Context {
  readonly shape: readonly number[];
  readonly rank: number;
  /** A whole number from 0 up to and without `below`. */
  choose(below: number): number;
  flag(): boolean;
  axis(): number;
  axes(): number[];
  /** An earlier value of this shape, or a new input. */
  other(shape: readonly number[]): Node;
  /** A value that broadcasts with x. */
  partner(): Node;
}

export type Rule = (x: Node, context: Context) => Node | null;

/** 0.5 + x^2: keeps away from the pole of a quotient, the logarithm and the root. */
const atLeastHalf = (x: Node): Node => add(mul(x, x), scalar(0.5));
const ranked =
  (least: number, rule: Rule): Rule =>
  (x, context) =>
    context.rank >= least ? rule(x, context) : null;
const pictures =
  (rule: Rule): Rule =>
  (x, context) =>
    context.rank === 4 ? rule(x, context) : null;
const positions = (count: number, below: number, { choose }: Context): number[] =>
  Array.from({ length: count }, () => choose(below));

/** Every differentiable op and composite, made of any value that fits. A rule that does not fit gives null. */
export const rules: Readonly<Record<string, Rule>> = {
  neg: (x) => neg(x),
  abs: (x) => abs(x),
  relu: (x) => relu(x),
  tanh: (x) => tanh(x),
  sigmoid: (x) => sigmoid(x),
  softplus: (x) => softplus(x),
  erf: (x) => erf(x),
  gelu: (x) => gelu(x),
  exp: (x) => exp(tanh(x)),
  log: (x) => log(atLeastHalf(x)),
  sqrt: (x) => sqrt(atLeastHalf(x)),
  stopGradient: (x) => add(x, stopGradient(mul(x, x))),
  add: (x, { partner }) => add(x, partner()),
  sub: (x, { partner }) => sub(partner(), x),
  mul: (x, { partner }) => mul(x, partner()),
  div: (x, { partner, flag }) => (flag() ? div(x, atLeastHalf(partner())) : div(partner(), atLeastHalf(x))),
  maximum: (x, { partner }) => maximum(x, partner()),
  where: (x, { partner }) => where(greater(x, partner()), x, partner()),
  sum: (x, { axes, flag }) => sum(x, axes(), { keep: flag() }),
  mean: (x, { axes, flag }) => mean(x, axes(), { keep: flag() }),
  max: (x, { axes, flag }) => max(x, axes(), { keep: flag() }),
  min: (x, { axes, flag }) => min(x, axes(), { keep: flag() }),
  logSumExp: (x, { axes, flag }) => logSumExp(x, axes(), { keep: flag() }),
  norm: (x, { axes, flag }) => norm(x, axes(), { keep: flag() }),
  softmax: ranked(1, (x, { axis }) => softmax(x, axis())),
  logSoftmax: ranked(1, (x, { axis }) => logSoftmax(x, axis())),
  cumSum: ranked(1, (x, { axis, flag }) => cumSum(x, axis(), { exclusive: flag(), reverse: flag() })),
  unitNorm: ranked(1, (x) => unitNorm(x)),
  layerNorm: ranked(1, (x, { shape, other }) => {
    const width = shape.slice(-1);
    return layerNorm(x, other(width), other(width), { epsilon: 0.1 });
  }),
  batchNorm: ranked(2, (x, { shape, other, axis }) => {
    const channels = axis();
    const size = [shape[channels]];
    return batchNorm(x, other(size), other(size), { epsilon: 0.1, axis: channels }).y;
  }),
  matmul: ranked(2, (x, { shape, rank, choose, flag, other }) => {
    const [a, b] = [flag(), flag()];
    const inner = shape[rank - (a ? 2 : 1)];
    const columns = 1 + choose(4);
    const leading = flag() ? [] : shape.slice(0, -2).map((size) => (flag() ? size : 1));
    return matmul(x, other([...leading, ...(b ? [columns, inner] : [inner, columns])]), { a, b });
  }),
  transpose: ranked(2, (x, { rank, choose }) => {
    const order = Array.from({ length: rank }, (_, axis) => axis);
    for (let i = rank - 1; i > 0; i--) {
      const j = choose(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return transpose(x, order);
  }),
  reshape: (x, { shape, choose }) => {
    const size = sizeOf(shape);
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((each) => size % each === 0);
    const first = divisors[choose(divisors.length)];
    return reshape(x, [[size], [first, size / first], [1, first, size / first, 1]][choose(3)]);
  },
  broadcastTo: (x, { shape, choose }) =>
    broadcastTo(x, [1 + choose(3), ...shape.map((n) => (n === 1 ? 1 + choose(3) : n))]),
  slice: ranked(1, (x, { shape, axis, choose }) => {
    const along = axis();
    const start = choose(shape[along]);
    return slice(x, { [along]: { start, end: start + 1 + choose(shape[along] - start), step: 1 + choose(3) } });
  }),
  concat: ranked(1, (x, { shape, axis, choose, other }) => {
    const along = axis();
    return concat([x, other(shape.map((size, i) => (i === along ? 1 + choose(3) : size)))], along);
  }),
  pad: (x, { shape, choose }) =>
    pad(
      x,
      shape.map(() => choose(2)),
      shape.map(() => choose(3)),
    ),
  take: ranked(1, (x, context) => {
    const along = context.axis();
    return take(x, along, [-1, ...positions(3, context.shape[along], context)]);
  }),
  takeAlong: ranked(1, (x, context) => {
    const along = context.axis();
    const shape = context.shape.map((size, i) => (i === along ? 1 + context.choose(4) : size));
    return takeAlong(x, constant(positions(sizeOf(shape), context.shape[along], context), shape, 'int64'), along);
  }),
  gather: ranked(1, (x, context) =>
    gather(x, constant(positions(4, context.shape[0], context), [[4], [2, 2]][context.choose(2)], 'int64')),
  ),
  scatterAdd: ranked(1, (x, context) => {
    const size = 1 + context.choose(4);
    const rows = context.shape[0];
    return scatterAdd(x, constant(positions(rows, size, context), [rows], 'int64'), size);
  }),
  topK: ranked(1, (x, { shape, axis, choose, flag }) => {
    const along = axis();
    return topK(x, 1 + choose(shape[along]), { axis: along, largest: flag() }).values;
  }),
  conv2d: pictures((x, { shape, choose, other }) => {
    const [, channels, h, w] = shape;
    const groups = channels % 2 === 0 ? 1 + choose(2) : 1;
    const kernel = [1 + choose(Math.min(3, h)), 1 + choose(Math.min(3, w))];
    const filters = other([groups * (1 + choose(2)), channels / groups, ...kernel]);
    return conv2d(x, filters, { stride: 1 + choose(2), padding: choose(2), groups });
  }),
  conv2dLast: pictures((x, { shape, choose, flag, other }) => {
    const [, h, w, channels] = shape;
    const features = 1 + choose(3);
    const filters = other([1 + choose(Math.min(3, h)), 1 + choose(Math.min(3, w)), channels, features]);
    const bias = flag() ? { bias: other([features]) } : {};
    return conv2dLast(x, filters, { ...bias, stride: 1 + choose(2), padding: choose(2) });
  }),
  maxPool: pictures((x, { shape, choose }) => {
    const kernel = 1 + choose(Math.min(3, shape[2], shape[3]));
    return maxPool(x, { kernel, stride: 1 + choose(2), padding: choose(Math.min(2, kernel)) });
  }),
  avgPool: pictures((x, { shape, choose, flag }) => {
    const kernel = 1 + choose(Math.min(3, shape[2], shape[3]));
    return avgPool(x, { kernel, stride: 1 + choose(2), padding: choose(Math.min(2, kernel)), countPadding: flag() });
  }),
  l2Pool: pictures((x, { shape, choose }) => l2Pool(x, { kernel: 1 + choose(Math.min(2, shape[2], shape[3])) })),
};
