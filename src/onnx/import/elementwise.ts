import { must } from '../../core/error.ts';
import { gelu } from '../../graph/gelu.ts';
import type { Node } from '../../graph/node.ts';
import { abs } from '../../graph/ops/abs.ts';
import { add } from '../../graph/ops/add.ts';
import { and } from '../../graph/ops/and.ts';
import { cast } from '../../graph/ops/cast.ts';
import { scalar } from '../../graph/ops/constant.ts';
import { div } from '../../graph/ops/div.ts';
import { equal } from '../../graph/ops/equal.ts';
import { erf } from '../../graph/ops/erf.ts';
import { exp } from '../../graph/ops/exp.ts';
import { greater } from '../../graph/ops/greater.ts';
import { greaterEqual } from '../../graph/ops/greater-equal.ts';
import { log } from '../../graph/ops/log.ts';
import { logSoftmax } from '../../graph/ops/log-softmax.ts';
import { maximum } from '../../graph/ops/maximum.ts';
import { mul } from '../../graph/ops/mul.ts';
import { neg } from '../../graph/ops/neg.ts';
import { not } from '../../graph/ops/not.ts';
import { or } from '../../graph/ops/or.ts';
import { relu } from '../../graph/ops/relu.ts';
import { sigmoid } from '../../graph/ops/sigmoid.ts';
import { softmax } from '../../graph/ops/softmax.ts';
import { softplus } from '../../graph/ops/softplus.ts';
import { sqrt } from '../../graph/ops/sqrt.ts';
import { sub } from '../../graph/ops/sub.ts';
import { tanh } from '../../graph/ops/tanh.ts';
import { where } from '../../graph/ops/where.ts';
import { as } from './fold.ts';
import type { Call, Rule, Rules } from './rule.ts';
import { dataTypeOf, typeName } from './tensors.ts';
import { known } from './value.ts';

const unary =
  (write: (x: Node) => Node): Rule =>
  (call) =>
    write(call.node(0));

const binary =
  (write: (a: Node, b: Node) => Node): Rule =>
  (call) =>
    write(call.node(0), call.node(1));

const variadic =
  (write: (a: Node, b: Node) => Node): Rule =>
  (call) =>
    call.nodes().reduce(write);

const minimum = (a: Node, b: Node): Node => neg(maximum(neg(a), neg(b)));
const clip = (x: Node, low: number, high: number): Node => minimum(maximum(x, scalar(low)), scalar(high));
const hardSigmoid = (x: Node, slope: number, offset: number): Node =>
  clip(add(mul(x, scalar(slope)), scalar(offset)), 0, 1);
/** `x` above 0, `slope` times it below. */
const leaky = (x: Node, slope: Node): Node => sub(relu(x), mul(slope, relu(neg(x))));

/** `gelu` as its approximation by tanh. */
function geluByTanh(x: Node): Node {
  const inner = mul(scalar(Math.sqrt(2 / Math.PI)), add(x, mul(scalar(0.044715), mul(x, mul(x, x)))));
  return mul(mul(scalar(0.5), x), add(scalar(1), tanh(inner)));
}

/** `x^p`: by products and roots where p is a small known number, else `e^(p log x)`, which is for x above 0. */
function power(call: Call): Node {
  const x = call.node(0);
  const exponent = call.value(1).known?.values;
  const [p] = exponent?.length === 1 ? exponent : [undefined];
  if (p === 0.5) return sqrt(x);
  if (p === -0.5) return div(scalar(1), sqrt(x));
  if (p === -1) return div(scalar(1), x);
  if (typeof p === 'number' && Number.isInteger(p) && p >= 1 && p <= 8) {
    return Array.from({ length: p }, () => x).reduce((product, factor) => mul(product, factor));
  }
  return exp(mul(call.node(1), log(x)));
}

function castTo(call: Call): ReturnType<Rule> {
  const to = call.attributes.int('to', 1);
  const type = dataTypeOf(to);
  must(type !== undefined, () => ({
    rule: 'Values are computed as float32, whole numbers and booleans',
    received: `a cast to ${typeName(to)}`,
    next: 'Convert the model to float32',
  }));
  const value = call.value(0);
  if (value.known === undefined) return cast(value.node(), type);
  return known(
    value.known.shape,
    type,
    value.known.values.map((each) => (typeof each === 'string' ? each : as(type, each))),
  );
}

/** Ops on each value by itself, and on pairs under broadcasting. */
export const elementwise: Rules = {
  Abs: unary(abs),
  Add: binary(add),
  And: binary(and),
  Cast: castTo,
  CastLike: (call) => cast(call.node(0), call.value(1).type),
  Clip: (call) => {
    const low = call.has(1) ? maximum(call.node(0), call.node(1)) : call.node(0);
    return call.has(2) ? minimum(low, call.node(2)) : low;
  },
  Div: binary(div),
  // Only training drops anything, and who trains here decides on that by itself.
  Dropout: unary((x) => x),
  Elu: (call) => {
    const x = call.node(0);
    const below = sub(exp(neg(relu(neg(x)))), scalar(1));
    return add(relu(x), mul(scalar(call.attributes.float('alpha', 1)), below));
  },
  Equal: binary(equal),
  Erf: unary(erf),
  Exp: unary(exp),
  Gelu: (call) =>
    call.attributes.string('approximate', 'none') === 'tanh' ? geluByTanh(call.node(0)) : gelu(call.node(0)),
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterEqual),
  HardSigmoid: (call) =>
    hardSigmoid(call.node(0), call.attributes.float('alpha', 0.2), call.attributes.float('beta', 0.5)),
  HardSwish: unary((x) => mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Identity: (call) => call.value(0),
  LeakyRelu: (call) => leaky(call.node(0), scalar(call.attributes.float('alpha', 0.01))),
  Less: binary((a, b) => greater(b, a)),
  LessOrEqual: binary((a, b) => greaterEqual(b, a)),
  Log: unary(log),
  LogSoftmax: (call) => logSoftmax(call.node(0), call.attributes.int('axis', -1)),
  Max: variadic(maximum),
  Mean: (call) => div(call.nodes().reduce(add), scalar(call.count)),
  Min: variadic(minimum),
  Mul: binary(mul),
  Neg: unary(neg),
  Not: unary(not),
  Or: binary(or),
  Pow: power,
  PRelu: binary(leaky),
  Reciprocal: unary((x) => div(scalar(1), x)),
  Relu: unary(relu),
  Sigmoid: unary(sigmoid),
  Softmax: (call) => softmax(call.node(0), call.attributes.int('axis', -1)),
  Softplus: unary(softplus),
  Softsign: unary((x) => div(x, add(scalar(1), abs(x)))),
  Sqrt: unary(sqrt),
  Sub: binary(sub),
  Sum: variadic(add),
  Tanh: unary(tanh),
  Where: (call) => where(call.node(0), call.node(1), call.node(2)),
};
