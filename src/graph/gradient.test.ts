import { expect, test } from 'vitest';
import { finiteDifferences, runOnnx } from '../../test/laws/compare.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradient.ts';
import { type Node, topological } from './node.ts';
import { add } from './ops/add.ts';
import { cast } from './ops/cast.ts';
import { constant, scalar } from './ops/constant.ts';
import { exp } from './ops/exp.ts';
import { input } from './ops/input.ts';
import { mul } from './ops/mul.ts';
import { neg } from './ops/neg.ts';
import { stopGradient } from './ops/stop-gradient.ts';
import { sum } from './ops/sum.ts';
import { type Tensor, tensor } from './tensor.ts';

const x = input('x', []);
const at = (value: number): Map<Node, Tensor> => new Map([[x, tensor([], [value])]]);
const numbers = (nodes: readonly Node[], feeds: Map<Node, Tensor>) =>
  evaluate(nodes, feeds).map(({ data }) => [...data]);

test('a product and a sum, by hand', () => {
  const [a, b] = [input('a', [2]), input('b', [2])];
  const loss = sum(mul(a, add(a, b)));
  // d/da (a^2 + ab) = 2a + b, d/db = a.
  const feeds = new Map([
    [a, tensor([2], [1, 2])],
    [b, tensor([2], [10, 20])],
  ]);
  expect(numbers(gradients(loss, [a, b]), feeds)).toEqual([
    [12, 24],
    [1, 2],
  ]);
});

test('a node that is used twice gets both parts', () => {
  const square = mul(x, x);
  // x^2 + x^2 * x: 2x + 3x^2.
  const [slope] = gradients(add(square, mul(square, x)), [x]);
  expect(numbers([slope], at(2))).toEqual([[16]]);
  expect(numbers(gradients(add(x, x), [x]), at(5))).toEqual([[2]]);
});

test('higher orders: x^3 has 3x^2, 6x, 6 and 0', async () => {
  const orders: Node[] = [mul(x, mul(x, x))];
  for (let i = 0; i < 4; i++) orders.push(gradients(orders[i], [x])[0]);
  expect(numbers(orders, at(5))).toEqual([[125], [75], [30], [6], [0]]);
  const native = await runOnnx(orders, at(5));
  expect(native.map(({ data }) => data[0])).toEqual([125, 75, 30, 6, 0]);
});

test('second order through a sum over entries: a Hessian times a vector', () => {
  const v = input('v', [3]);
  const direction = constant([1, 0, -2], [3]);
  const [gradient] = gradients(sum(exp(mul(v, v))), [v]);
  const product = sum(mul(gradient, direction));
  const feeds = new Map([[v, tensor([3], [0.3, -0.5, 0.8])]]);
  const [[...found]] = numbers(gradients(product, [v]), feeds);
  const expected = finiteDifferences(product, tensor([], [1]), v, feeds);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected.data[i], 5);
  });
});

test('a node that the loss does not depend on gets zeros of its shape', () => {
  const far = input('far', [2, 3]);
  const [near, zeros] = gradients(mul(x, x), [x, far]);
  expect(evaluate([near, zeros], at(3))).toEqual([tensor([], [6]), tensor([2, 3])]);
});

test('zeros for a node with a symbol take its size from the inputs of the graph', () => {
  const batch = input('batch', ['n', 2]);
  const [zeros] = gradients(mul(x, x), [batch]);
  const [, found] = evaluate([batch, zeros], new Map([...at(1), [batch, tensor([4, 2], Array(8).fill(1))]]));
  expect(found).toEqual(tensor([4, 2]));
});

test('with respect to itself, and to nodes on the way', () => {
  const middle = mul(x, x);
  const loss = neg(exp(middle));
  const slopes = gradients(loss, [loss, middle, x]);
  const value = Math.exp(4);
  expect(numbers(slopes, at(2))).toEqual([[1], [-value], [-4 * value]]);
});

test('a node and what it is made of both get their gradient', () => {
  const middle = mul(x, scalar(3));
  expect(numbers(gradients(mul(middle, x), [x, middle]), at(2))).toEqual([[12], [2]]);
});

test('whole numbers, booleans and stopGradient end the gradient', () => {
  for (const end of [
    (node: Node) => cast(cast(node, 'int64'), 'float32'),
    (node: Node) => cast(cast(node, 'bool'), 'float32'),
    stopGradient,
  ]) {
    // x * end(x): only the first factor counts.
    expect(numbers(gradients(mul(x, end(x)), [x]), at(3.5))).toEqual(numbers([end(x)], at(3.5)));
    expect(numbers(gradients(end(x), [x]), at(3.5))).toEqual([[0]]);
  }
});

test('a seed makes it a vector-Jacobian product, and has the shape of what is differentiated', () => {
  const v = input('v', [2]);
  const [slope] = gradients(mul(v, v), [v], constant([1, 10], [2]));
  expect(numbers([slope], new Map([[v, tensor([2], [3, 4])]]))).toEqual([[6, 80]]);
  expect(() => gradients(mul(v, v), [v], constant([1], [1]))).toThrow(/A seed has the shape .*: \[1\] for \[2\]/);
  expect(() => gradients(mul(v, v), [v])).toThrow(/taken of a scalar: mul \[2\]\. Reduce it with sum or mean/);
});

test('what nobody asked for is not differentiated', () => {
  const other = input('other', [50]);
  const deep = sum(exp(exp(other)));
  const [slope] = gradients(mul(x, deep), [x]);
  // The slope is deep itself, up to the factor 1: no exp'(other) in it.
  const ops = topological([slope]).map(({ op }) => op.name);
  expect(ops.filter((name) => name === 'exp').length).toBe(2);
});

test('a chain of 20,000 ops overflows no stack', () => {
  let node: Node = x;
  for (let i = 0; i < 20_000; i++) node = neg(node);
  expect(numbers(gradients(node, [x]), at(1))).toEqual([[1]]);
});
