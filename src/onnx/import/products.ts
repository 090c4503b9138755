import { must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { scalar } from '../../graph/ops/constant.ts';
import { type Convolution, convolve } from '../../graph/ops/conv2d.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { mul } from '../../graph/ops/mul.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { show } from '../../graph/shape.ts';
import type { Call, Rules } from './rule.ts';
import { flat, lined, slides } from './sliding.ts';

function convolution(call: Call): Node {
  const x = call.node(0);
  const filters = call.node(1);
  must(x.shape.length === 3 || x.shape.length === 4, () => ({
    rule: 'Convolutions go along one or two axes',
    received: show(x.shape),
    next: 'Move the cut above it',
  }));
  const kernel = filters.shape.slice(2) as number[];
  const slide = slides(call, x.shape.slice(2), kernel);
  const window: Convolution = { ...slide, groups: call.attributes.int('group', 1) };
  const y = flat(x, convolve(lined(x), lined(filters), window));
  if (!call.has(2)) return y;
  return add(y, reshape(call.node(2), [filters.shape[0], ...kernel.map(() => 1)]));
}

/** MatMul takes vectors too: a row on the left, a column on the right. */
function matrixProduct(call: Call): Node {
  const [a, b] = [call.node(0), call.node(1)];
  const left = a.shape.length === 1 ? reshape(a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? reshape(b, [...b.shape, 1]) : b;
  const y = matmul(left, right);
  const row = a.shape.length === 1 ? [] : y.shape.slice(-2, -1);
  const column = b.shape.length === 1 ? [] : y.shape.slice(-1);
  return reshape(y, [...y.shape.slice(0, -2), ...row, ...column]);
}

function gemm(call: Call): Node {
  const { attributes } = call;
  const scaled = (x: Node, by: number) => (by === 1 ? x : mul(x, scalar(by)));
  const transposed = { a: attributes.int('transA', 0) === 1, b: attributes.int('transB', 0) === 1 };
  const y = scaled(matmul(call.node(0), call.node(1), transposed), attributes.float('alpha', 1));
  return call.has(2) ? add(y, scaled(call.node(2), attributes.float('beta', 1))) : y;
}

/** Matrix products and convolutions. */
export const products: Rules = { Conv: convolution, Gemm: gemm, MatMul: matrixProduct };
