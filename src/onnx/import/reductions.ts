import type { Node } from '../../graph/node.ts';
import { norm } from '../../graph/norm.ts';
import { abs } from '../../graph/ops/abs.ts';
import { log } from '../../graph/ops/log.ts';
import { logSumExp } from '../../graph/ops/log-sum-exp.ts';
import { max } from '../../graph/ops/max.ts';
import { mean } from '../../graph/ops/mean.ts';
import { min } from '../../graph/ops/min.ts';
import { mul } from '../../graph/ops/mul.ts';
import { sum } from '../../graph/ops/sum.ts';
import { productOf } from '../../graph/shape.ts';
import type { Call, Rule, Rules } from './rule.ts';
import { known } from './value.ts';

type Reduce = (x: Node, axes: readonly number[], options: { keep: boolean }) => Node;

/** Over the axes of the attribute or the input, whichever the op set has; over all of them, or none, where none are given. */
const reduction =
  (reduce: Reduce): Rule =>
  (call) => {
    const x = call.node(0);
    const given = call.numbersOrAttribute(1, 'axes') ?? [];
    const none = call.attributes.int('noop_with_empty_axes', 0) === 1 ? [] : x.shape.map((_, axis) => axis);
    const axes = given.length === 0 ? none : given;
    return reduce(x, axes, { keep: call.attributes.int('keepdims', 1) === 1 });
  };

/** The product of known sizes, which some exporters take of a shape. */
function product(call: Call): ReturnType<Rule> {
  const all = call.sizes(0, 'What a product is taken of');
  const shape = call.attributes.int('keepdims', 1) === 1 ? call.value(0).shape.map(() => 1) : [];
  return known(shape, call.value(0).type, [productOf(all)]);
}

/** Reductions over axes. */
export const reductions: Rules = {
  ReduceL1: reduction((x, axes, options) => sum(abs(x), axes, options)),
  ReduceL2: reduction(norm),
  ReduceLogSum: reduction((x, axes, options) => log(sum(x, axes, options))),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceMax: reduction(max),
  ReduceMean: reduction(mean),
  ReduceMin: reduction(min),
  ReduceProd: product,
  ReduceSum: reduction(sum),
  ReduceSumSquare: reduction((x, axes, options) => sum(mul(x, x), axes, options)),
};
