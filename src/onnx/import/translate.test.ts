import { describe, expect, test } from 'vitest';
import { type Held, type NodeParts, onnxModel } from '../../../test/import/onnx-model.ts';
import { traced } from '../../../test/import/training.ts';
import { expectClose, finiteDifferences } from '../../../test/laws/compare.ts';
import { Random } from '../../core/random.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { gradients } from '../../graph/gradient.ts';
import type { DataType, Node } from '../../graph/node.ts';
import { input } from '../../graph/ops/input.ts';
import { type Tensor, tensor } from '../../graph/tensor.ts';
import { importOnnx } from '../import.ts';
import { lower } from '../lower.ts';
import { Program, type Value } from '../program.ts';

/** Nodes that end in `y`, from `x` and the tensors that are held. */
interface Case {
  readonly name: string;
  readonly x: readonly number[];
  readonly type?: DataType;
  readonly fill?: 'normal' | 'positive' | readonly number[];
  readonly held?: Readonly<Record<string, Held>>;
  readonly nodes: readonly NodeParts[];
  /** The first op set that has these forms; 13 unless given. */
  readonly from?: number;
  /** The last one; 21 unless given. */
  readonly to?: number;
  /** The first axis of x is not the batch, or is taken apart. */
  readonly fixed?: boolean;
}

const ints = (...values: number[]): Held => ({ shape: [values.length], values, type: 'int64' });
const one = (value: number, type: DataType = 'int64'): Held => ({ shape: [], values: [value], type });
const floats = (shape: number[], scale = 0.3): Held => ({
  shape,
  values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + 0.4) * scale + 0.1),
});
const plain = (op: string, attributes: NodeParts[3] = {}, more: Partial<Case> = {}): Case => ({
  name: `${op} ${JSON.stringify(attributes)}`,
  x: [2, 5],
  nodes: [[op, ['x'], ['y'], attributes]],
  ...more,
});
const withHeld = (
  op: string,
  held: Record<string, Held>,
  more: Partial<Case> & { attributes?: NodeParts[3] } = {},
): Case => ({
  name: `${op} with ${Object.entries(held).map(([name, { values }]) => `${name} ${Array.from(values).slice(0, 6)}`)} ${JSON.stringify(more.attributes ?? {})}`,
  x: [2, 4, 5],
  held,
  nodes: [[op, ['x', ...Object.keys(held)], ['y'], more.attributes ?? {}]],
  ...more,
});

const positive = { fill: 'positive' } as const;
const pictures = { x: [2, 3, 7, 6] };
const rows = { x: [2, 3, 9] };

const cases: Case[] = [
  ...['Abs', 'Erf', 'Exp', 'Identity', 'Neg', 'Relu', 'Sigmoid', 'Softplus', 'Softsign', 'Tanh', 'Dropout'].map((op) =>
    plain(op),
  ),
  ...['Log', 'Reciprocal', 'Sqrt'].map((op) => plain(op, {}, positive)),
  plain('LeakyRelu', { alpha: { float: 0.2 } }),
  plain('Elu', { alpha: { float: 0.7 } }),
  plain('HardSigmoid'),
  plain('HardSigmoid', { alpha: { float: 0.3 }, beta: { float: 0.4 } }),
  plain('HardSwish', {}, { from: 14 }),
  plain('Gelu', {}, { from: 20 }),
  plain('Gelu', { approximate: 'tanh' }, { from: 20 }),
  plain('Softmax'),
  plain('Softmax', { axis: 1 }, { x: [2, 3, 4] }),
  plain('LogSoftmax', { axis: -2 }, { x: [2, 3, 4] }),
  ...['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max', 'PRelu'].map((op) => withHeld(op, { w: floats([4, 1]) })),
  ...[2, 0.5, -0.5, -1, 3, 1.7].map((p) => withHeld('Pow', { p: one(p, 'float32') }, positive)),
  withHeld('Sum', { a: floats([5]), b: floats([4, 5]) }),
  withHeld('Mean', { a: floats([5]), b: floats([4, 1]) }),
  withHeld('Max', { a: floats([5]), b: floats([4, 1], 0.4) }),
  withHeld('Clip', { low: one(-0.5, 'float32'), high: one(0.6, 'float32') }),
  withHeld('Clip', { low: one(0, 'float32') }),
  {
    name: 'Clip from above',
    x: [2, 5],
    held: { high: one(0.3, 'float32') },
    nodes: [['Clip', ['x', '', 'high'], ['y']]],
  },
  ...['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map(
    (op): Case => ({
      name: `${op}, And, Or, Not, Where`,
      x: [2, 4],
      held: { w: floats([4]), b: floats([4]) },
      from: op.endsWith('Equal') ? 16 : 13,
      nodes: [
        [op, ['x', 'w'], ['c']],
        [op, ['w', 'x'], ['d']],
        ['Not', ['d'], ['e']],
        ['And', ['c', 'e'], ['f']],
        ['Or', ['f', 'c'], ['g']],
        ['Where', ['g', 'x', 'b'], ['y']],
      ],
    }),
  ),
  {
    name: 'Cast and Equal of whole numbers',
    x: [2, 3],
    type: 'int64',
    fill: [0, 1, 2, 2, 1, 0],
    held: { one: ints(1) },
    nodes: [
      ['Equal', ['x', 'one'], ['is']],
      ['Cast', ['is'], ['y'], { to: 1 }],
    ],
  },
  {
    name: 'embedding lookup',
    x: [2, 3],
    type: 'int64',
    fill: [0, 3, 2, 2, 1, 0],
    held: { table: floats([4, 5]) },
    nodes: [['Gather', ['table', 'x'], ['y']]],
  },
  {
    name: 'lookup on a later axis',
    x: [2, 3],
    type: 'int64',
    fill: [0, 3, 2, 2, 1, 0],
    held: { table: floats([5, 4, 2]) },
    nodes: [['Gather', ['table', 'x'], ['y'], { axis: 1 }]],
    fixed: true,
  },
  withHeld('MatMul', { w: floats([5, 3]) }),
  withHeld('MatMul', { w: floats([5]) }),
  withHeld('MatMul', { w: floats([5, 3]) }, { x: [5], fixed: true }),
  withHeld('MatMul', { w: floats([4, 5, 3]) }, { x: [2, 4, 1, 5] }),
  withHeld('Gemm', { w: floats([5, 3]), b: floats([3]) }, { x: [2, 5] }),
  withHeld('Gemm', { w: floats([3, 5]) }, { x: [2, 5], attributes: { transB: 1, alpha: { float: 0.5 } } }),
  withHeld(
    'Gemm',
    { w: floats([2, 3]), b: floats([5, 1]) },
    {
      x: [2, 5],
      attributes: { transA: 1, beta: { float: 2 } },
      fixed: true,
    },
  ),
  withHeld('Conv', { w: floats([4, 3, 3, 3]), b: floats([4]) }, pictures),
  withHeld(
    'Conv',
    { w: floats([4, 3, 3, 2]) },
    {
      ...pictures,
      attributes: { strides: [2, 1], pads: [1, 0, 2, 1], dilations: [1, 2], kernel_shape: [3, 2] },
    },
  ),
  withHeld('Conv', { w: floats([6, 1, 3, 3]) }, { ...pictures, attributes: { group: 3, pads: [1, 1, 1, 1] } }),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto_pad) =>
    withHeld('Conv', { w: floats([4, 3, 3, 2]) }, { ...pictures, attributes: { auto_pad, strides: [2, 2] } }),
  ),
  withHeld('Conv', { w: floats([4, 3, 3]), b: floats([4]) }, { ...rows, attributes: { pads: [1, 1], strides: [2] } }),
  plain('MaxPool', { kernel_shape: [2, 2] }, pictures),
  plain('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, pictures),
  plain('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, pictures),
  plain('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }, pictures),
  plain('MaxPool', { kernel_shape: [3], strides: [2] }, rows),
  plain('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }, pictures),
  plain('AveragePool', { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }, pictures),
  plain('AveragePool', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }, pictures),
  plain('AveragePool', { kernel_shape: [2] }, rows),
  plain('GlobalAveragePool', {}, pictures),
  plain('GlobalMaxPool', {}, pictures),
  withHeld(
    'BatchNormalization',
    { s: floats([3]), b: floats([3]), m: floats([3]), v: { shape: [3], values: [0.5, 1, 2] } },
    {
      ...pictures,
      attributes: { epsilon: { float: 0.01 } },
    },
  ),
  withHeld(
    'BatchNormalization',
    { s: floats([5]), b: floats([5]), m: floats([5]), v: { shape: [5], values: [1, 2, 3, 4, 5] } },
    {
      x: [2, 5],
    },
  ),
  withHeld('LayerNormalization', { s: floats([5]), b: floats([5]) }, { from: 17 }),
  withHeld('LayerNormalization', { s: floats([4, 5]) }, { from: 17, attributes: { axis: 1, epsilon: { float: 0.1 } } }),
  withHeld('InstanceNormalization', { s: floats([3]), b: floats([3]) }, pictures),
  withHeld(
    'GroupNormalization',
    { s: floats([4]), b: floats([4]) },
    { from: 21, x: [2, 4, 3, 3], attributes: { num_groups: 2 } },
  ),
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceSumSquare'].flatMap(
    (op) => [
      plain(op, { axes: [1, -1], keepdims: 0 }, { x: [2, 3, 4], to: 17 }),
      plain(op, { axes: [1] }, { x: [2, 3, 4], to: 17 }),
      withHeld(op, { axes: ints(1, -1) }, { from: 18, attributes: { keepdims: 0 } }),
      withHeld(op, { axes: ints(2) }, { from: 18 }),
      plain(op, {}, { x: [2, 3], fixed: true }),
      plain(op, { noop_with_empty_axes: 1 }, { x: [2, 3], from: 18 }),
    ],
  ),
  withHeld('ReduceSum', { axes: ints(1, -1) }, { attributes: { keepdims: 0 } }),
  plain('ReduceSum', { keepdims: 1 }, { fixed: true }),
  plain('ReduceLogSum', { axes: [1] }, { ...positive, to: 17 }),
  withHeld('Reshape', { shape: ints(0, -1) }),
  withHeld('Reshape', { shape: ints(-1, 2, 10) }),
  withHeld('Reshape', { shape: ints(-1, 10) }),
  withHeld('Reshape', { shape: ints(-1) }),
  withHeld('Reshape', { shape: ints(0, 2, -1, 5) }, { from: 14, attributes: { allowzero: 0 } }),
  ...[0, 1, 2, -1, 3].map((axis) => plain('Flatten', { axis }, { x: [2, 3, 4] })),
  plain('Transpose', {}, { x: [2, 3, 4] }),
  plain('Transpose', { perm: [0, 2, 1] }, { x: [2, 3, 4] }),
  withHeld('Squeeze', { axes: ints(1, -1) }, { x: [2, 1, 3, 1] }),
  withHeld('Unsqueeze', { axes: ints(1, -1) }),
  withHeld('Concat', { w: floats([2, 4, 1]) }, { attributes: { axis: -1 }, fixed: true }),
  withHeld(
    'Expand',
    { shape: ints(4, 1, 1) },
    {
      x: [2, 1, 3],
      nodes: [
        ['Unsqueeze', ['x', 'axis'], ['wide']],
        ['Expand', ['wide', 'shape'], ['y']],
      ],
      held: { axis: ints(2), shape: ints(3, 4, 1) },
    },
  ),
  withHeld('Tile', { repeats: ints(1, 3, 2) }),
  withHeld('Tile', { repeats: ints(2, 1, 1) }),
  withHeld('Slice', { starts: ints(1, -3), ends: ints(3, 2 ** 31 - 1), axes: ints(1, -1) }),
  withHeld('Slice', { starts: ints(0, 0), ends: ints(9, 9), axes: ints(1, 2), steps: ints(2, 3) }),
  withHeld('Slice', { starts: ints(-1), ends: ints(-(2 ** 31)), axes: ints(2), steps: ints(-1) }),
  withHeld('Slice', { starts: ints(3), ends: ints(0), axes: ints(1), steps: ints(-2) }),
  withHeld('Slice', { starts: ints(3), ends: ints(2), axes: ints(1) }),
  withHeld('Slice', { starts: ints(0), ends: ints(2 ** 31 - 1), axes: ints(0) }),
  withHeld('Gather', { at: one(-1) }, { attributes: { axis: 1 } }),
  withHeld('Gather', { at: ints(3, 0, 0) }, { attributes: { axis: 1 } }),
  withHeld('Gather', { at: { shape: [2, 2], values: [3, 0, 1, -1], type: 'int64' } }, { attributes: { axis: 2 } }),
  {
    name: 'Split in two, and one of given sizes',
    x: [2, 6],
    to: 17,
    held: { sizes: ints(1, 2) },
    nodes: [
      ['Split', ['x'], ['a', 'b'], { axis: 1 }],
      ['Split', ['a', 'sizes'], ['c', 'd'], { axis: -1 }],
      ['Concat', ['d', 'b', 'c'], ['y'], { axis: 1 }],
    ],
  },
  {
    name: 'Split by num_outputs, the last one smaller',
    x: [2, 5],
    from: 18,
    nodes: [
      ['Split', ['x'], ['a', 'b'], { axis: 1, num_outputs: 2 }],
      ['Concat', ['b', 'a'], ['y'], { axis: 1 }],
    ],
  },
  withHeld('Pad', { pads: ints(0, 1, 0, 0, 2, 1) }),
  withHeld('Pad', { pads: ints(0, 1, 0, 0, 2, 1), value: one(-3, 'float32') }),
  withHeld('Pad', { pads: ints(0, -1, 0, 0, 2, -1) }),
  withHeld('Pad', { pads: ints(0, 2, 3, 0, 1, 0) }, { attributes: { mode: 'reflect' } }),
  withHeld('Pad', { pads: ints(0, 2, 3, 0, 1, 0) }, { attributes: { mode: 'edge' } }),
  withHeld('Pad', { pads: ints(0, 2, 3, 0, 1, 0) }, { from: 19, attributes: { mode: 'wrap' } }),
  {
    name: 'sizes are computed at import: [n, 4, 5] to [n * 2, 10] and back',
    x: [2, 4, 5],
    held: { zero: one(0), two: ints(2), axis: ints(0), ten: ints(10), half: one(2), one: one(1) },
    nodes: [
      ['Shape', ['x'], ['shape']],
      ['Gather', ['shape', 'zero'], ['n']],
      ['Unsqueeze', ['n', 'axis'], ['batch']],
      ['Mul', ['batch', 'two'], ['heads']],
      ['Concat', ['heads', 'ten'], ['folded'], { axis: 0 }],
      ['Reshape', ['x', 'folded'], ['z']],
      ['Relu', ['z'], ['relu']],
      ['Shape', ['relu'], ['wide']],
      ['Gather', ['wide', 'zero'], ['all']],
      ['Div', ['all', 'half'], ['back']],
      ['Unsqueeze', ['back', 'axis'], ['first']],
      ['Slice', ['shape', 'one vector', 'three', 'axis'], ['others']],
      ['Concat', ['first', 'others'], ['whole'], { axis: 0 }],
      ['Reshape', ['relu', 'whole'], ['y']],
      ['Constant', [], ['one vector'], { value_ints: [1] }],
      ['Constant', [], ['three'], { value: { tensor: ints(3) } }],
    ],
  },
  {
    name: "PyTorch's expand: ConstantOfShape, Equal, Where",
    x: [2, 3],
    held: { cls: floats([1, 1, 3]), wanted: ints(-1, -1), axis: ints(1) },
    nodes: [
      ['Unsqueeze', ['x', 'axis'], ['tokens']],
      ['Shape', ['x'], ['shape']],
      ['Constant', [], ['zero'], { value_int: 0 }],
      ['Gather', ['shape', 'zero'], ['n']],
      ['Constant', [], ['front'], { value_ints: [0] }],
      ['Unsqueeze', ['n', 'front'], ['batch']],
      ['Concat', ['batch', 'wanted'], ['target'], { axis: 0 }],
      ['Shape', ['target'], ['rank']],
      ['ConstantOfShape', ['rank'], ['ones'], { value: { tensor: ints(1) } }],
      ['Constant', [], ['minus'], { value: { tensor: ints(-1) } }],
      ['Mul', ['ones', 'minus'], ['open']],
      ['Equal', ['target', 'open'], ['kept']],
      ['Where', ['kept', 'ones', 'target'], ['sizes']],
      ['Expand', ['cls', 'sizes'], ['expanded']],
      ['Concat', ['expanded', 'tokens'], ['y'], { axis: 1 }],
    ],
  },
  {
    name: 'the root of a size, and zeros of an open shape',
    x: [2, 4],
    held: { last: one(-1), axis: ints(0) },
    nodes: [
      ['Shape', ['x'], ['shape']],
      ['Gather', ['shape', 'last'], ['d']],
      ['Cast', ['d'], ['real'], { to: 1 }],
      ['Sqrt', ['real'], ['root']],
      ['Div', ['x', 'root'], ['scaled']],
      ['ConstantOfShape', ['shape'], ['half'], { value: { tensor: { shape: [1], values: [0.5] } } }],
      ['Add', ['scaled', 'half'], ['y']],
    ],
  },
  {
    name: 'Range, and an If whose condition is known',
    x: [2, 4],
    held: { start: one(0), step: one(1), at: one(1) },
    nodes: [
      ['Shape', ['x'], ['shape']],
      ['Gather', ['shape', 'at'], ['d']],
      ['Range', ['start', 'd', 'step'], ['steps']],
      ['Cast', ['steps'], ['ramp'], { to: 1 }],
      ['Equal', ['d', 'at'], ['single']],
      [
        'If',
        ['single'],
        ['z'],
        {
          then_branch: { graph: { nodes: [['Neg', ['x'], ['a']]], outputs: { a: { shape: undefined } } } },
          else_branch: { graph: { nodes: [['Tanh', ['x'], ['b']]], outputs: { b: { shape: undefined } } } },
        },
      ],
      ['Mul', ['z', 'ramp'], ['y']],
    ],
  },
  {
    name: 'part of a shape, its product and its size (op set 15)',
    x: [2, 3, 4],
    from: 15,
    nodes: [
      ['Shape', ['x'], ['inner'], { start: 1 }],
      ['ReduceProd', ['inner'], ['features']],
      ['Shape', ['x'], ['outer'], { end: 1 }],
      ['Concat', ['outer', 'features'], ['shape'], { axis: 0 }],
      ['Reshape', ['x', 'shape'], ['y']],
    ],
  },
];

async function runModel(model: Uint8Array, x: Value): Promise<Tensor> {
  const program = await Program.compile(model, { threads: 1 });
  const { y } = await program.run({ x });
  await program.release();
  return tensor([...y.shape], Float64Array.from(y.data as Float32Array));
}

function filled({ x: shape, type = 'float32', fill = 'normal' }: Case): Tensor {
  const random = Random.seeded(5);
  const draw = () => (fill === 'positive' ? 0.5 + random.uniform() : random.normal());
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Array.isArray(fill) ? fill : Array.from({ length: size }, draw);
  return tensor(shape, type === 'float32' ? Float64Array.from(values, Math.fround) : values);
}

describe.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
  const { type = 'float32', from = 13, to = 21, held = {}, nodes } = each;
  const value = filled(each);
  const given: Value = {
    shape: each.x,
    data: type === 'float32' ? Float32Array.from(value.data) : BigInt64Array.from([...value.data].map(BigInt)),
  };
  const file = (opset: number) =>
    onnxModel({
      opset,
      inputs: { x: { shape: ['batch', ...each.x.slice(1)], type } },
      outputs: { y: { shape: undefined } },
      initializers: held,
      // The order of the nodes of a file is put right where it is wrong; here ONNX Runtime must be able to read it.
      nodes: [...nodes].sort(([a], [b]) => Number(b === 'Constant') - Number(a === 'Constant')),
    });

  test.each([...new Set([from, Math.max(from, Math.min(to, 17)), to])])(
    'op set %d: the values of the file',
    async (opset) => {
      const model = importOnnx(file(opset));
      const expected = await runModel(file(opset), given);
      const batches = each.fixed ? [each.x[0]] : [each.x[0], 'batch'];
      for (const batch of batches) {
        const x = input('x', [batch, ...each.x.slice(1)], type);
        const { result, parameters } = traced(model, { x });
        const weights = new Map(parameters.map(({ weight, node }) => [node, weight.values]));
        expectClose(await runModel(lower({ outputs: { y: result }, weights }), given), expected, {
          note: `batch ${batch}`,
        });
        if (typeof batch === 'number') expect(result.shape).toEqual(expected.shape);
      }
    },
  );

  test('gradients equal finite differences', () => {
    const x = input('x', each.x, type);
    const { result, parameters } = traced(importOnnx(file(to)), { x });
    const wanted = [...(type === 'float32' ? [x] : []), ...parameters.map(({ node }) => node)];
    const feeds = new Map<Node, Tensor>([[x, value]]);
    for (const { node, weight } of parameters) feeds.set(node, tensor(weight.shape, Float64Array.from(weight.values)));
    const upstream = input('upstream', result.shape);
    const weights = tensor(
      result.shape as number[],
      Float64Array.from({ length: evaluate([result], feeds)[0].data.length }, (_, i) => Math.cos(i)),
    );
    const found = evaluate(gradients(result, wanted, upstream), new Map([...feeds, [upstream, weights]]));
    wanted.forEach((node, i) => {
      const expected = finiteDifferences(result, weights, node, feeds);
      expectClose(found[i], expected, { relative: 1e-5, absolute: 1e-6, note: node.attributes.name });
    });
  });
});
