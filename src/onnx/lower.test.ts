import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { expectClose, runOnnx } from '../../test/laws/compare.ts';
import { evaluate } from '../graph/evaluate.ts';
import { gradients } from '../graph/gradient.ts';
import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { constant, scalar, zeros } from '../graph/ops/constant.ts';
import { input } from '../graph/ops/input.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { relu } from '../graph/ops/relu.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { stopGradient } from '../graph/ops/stop-gradient.ts';
import { sum } from '../graph/ops/sum.ts';
import { tensor } from '../graph/tensor.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { type Lowering, lower } from './lower.ts';
import { ModelProtoSchema } from './onnx_pb.ts';
import { Program, type Value } from './program.ts';

const floats = (shape: number[], ...values: number[]): Value => ({ shape, data: Float32Array.from(values) });
const read = (lowering: Lowering) => fromBinary(ModelProtoSchema, lower(lowering));

async function run(lowering: Lowering, inputs: Record<string, Value>): Promise<Record<string, number[]>> {
  const program = await Program.compile(lower(lowering), { threads: 1 });
  const results = await program.run(inputs);
  await program.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

const x = input('x', [2]);

test('weights become part of the model, and are no inputs', async () => {
  const weight = input('weight', [2]);
  const lowering = {
    outputs: { y: mul(x, weight) },
    weights: new Map([[weight, Float32Array.of(10, 20)]]),
    metadata: { margin: '0.2' },
  };
  expect(await run(lowering, { x: floats([2], 1, 2) })).toEqual({ y: [10, 40] });
  const model = read(lowering);
  expect(model.graph?.input.map(({ name }) => name)).toEqual(['x']);
  expect(model.graph?.initializer.map(({ name, dims }) => [name, dims])).toEqual([['weight', [2n]]]);
  expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([['margin', '0.2']]);
});

test('weights of another number are refused', () => {
  const weight = input('weight', [2]);
  const outputs = { y: mul(x, weight) };
  expect(() => lower({ outputs, weights: new Map([[weight, new Float32Array(3)]]) })).toThrow(
    '"weight" has 2 weights, received 3',
  );
});

test('a symbol takes any size when the model runs', async () => {
  const batch = input('batch', ['n', 3]);
  const flat = reshape(unitNorm(relu(batch)), ['n', 3, 1]);
  const outputs = { y: sum(flat, [2]), zeros: zeros(['n', 2]) };
  const program = await Program.compile(lower({ outputs }), { threads: 1 });
  for (const n of [1, 7]) {
    const values = Float32Array.from({ length: 3 * n }, (_, i) => i - 2);
    const { y, zeros: none } = await program.run({ batch: { shape: [n, 3], data: values } });
    const [expected] = evaluate([outputs.y], new Map([[batch, tensor([n, 3], values)]]));
    expectClose(tensor([...y.shape], y.data as Float32Array), expected);
    expect(none).toEqual({ shape: [n, 2], data: new Float32Array(2 * n) });
  }
  expect(read({ outputs }).graph?.input[0].type?.value).toMatchObject({
    value: { shape: { dim: [{ value: { value: 'n' } }, { value: { value: 3n } }] } },
  });
});

test('an output may be an input, a constant, or a weight', async () => {
  const weight = input('weight', [1]);
  const lowering = {
    outputs: { same: x, two: constant([2, 3], [2]), kept: stopGradient(x), weighted: weight },
    weights: new Map([[weight, Float32Array.of(5)]]),
  };
  expect(await run(lowering, { x: floats([2], 7, 8) })).toEqual({
    same: [7, 8],
    two: [2, 3],
    kept: [7, 8],
    weighted: [5],
  });
});

test('an output may be what another output is made of', async () => {
  const square = mul(x, x);
  const outputs = { cube: mul(square, x), square, more: add(square, x) };
  expect(await run({ outputs }, { x: floats([2], 2, 3) })).toEqual({ cube: [8, 27], square: [4, 9], more: [6, 12] });
});

test('one value may be several outputs, also where two nodes are lowered to one', async () => {
  const square = mul(x, x);
  const outputs = { a: square, b: square, c: mul(x, x), again: mul(square, x) };
  expect(await run({ outputs }, { x: floats([2], 2, 3) })).toEqual({
    a: [4, 9],
    b: [4, 9],
    c: [4, 9],
    again: [8, 27],
  });
});

test('the same graph gives the same bytes, whenever and however often it is built', () => {
  const build = () => {
    const [a, w] = [input('a', [4, 3]), input('w', [3, 2])];
    const loss = sum(relu(matmul(a, w)));
    return lower({ outputs: { loss, gradient: gradients(loss, [w])[0] }, contrib: true });
  };
  const [first, second] = [build(), build()];
  expect(Buffer.from(first).equals(second)).toBe(true);
});

test('standard models name opset 17 alone; contrib ops bring their domain', () => {
  const [a, b] = [input('a', [2, 3, 4]), input('b', [2, 5, 4])];
  const outputs = { y: matmul(a, b, { b: true }) };
  const domains = (contrib: boolean) =>
    read({ outputs, contrib }).opsetImport.map(({ domain, version }) => [domain, version]);
  expect(domains(false)).toEqual([['', 17n]]);
  expect(domains(true)).toContainEqual(['com.microsoft', 1n]);
  expect(read({ outputs }).irVersion).toBe(8n);
});

test('what no output needs is not in the model', () => {
  const [a, unused] = [input('a', [2]), input('unused', [2])];
  mul(a, unused);
  const { graph } = read({ outputs: { y: mul(a, a) } });
  expect(graph?.input.map(({ name }) => name)).toEqual(['a']);
  expect(graph?.node.map(({ opType }) => opType)).toEqual(['Mul']);
});

test('inputs of every type go in, and results of every type come out', async () => {
  const whole = input('whole', [2], 'int64');
  const bytes = input('bytes', [2], 'uint8');
  const flags = input('flags', [2], 'bool');
  const sums = [whole, bytes, flags].map((node) => cast(node, 'float32')).reduce(add);
  const outputs = { sums, whole2: cast(sums, 'int64'), bytes2: cast(sums, 'uint8'), flags2: cast(flags, 'bool') };
  const program = await Program.compile(lower({ outputs }), { threads: 1 });
  const found = await program.run({
    whole: { shape: [2], data: BigInt64Array.of(100n, 3n) },
    bytes: { shape: [2], data: Uint8Array.of(50, 0) },
    flags: { shape: [2], data: Uint8Array.of(1, 0), type: 'bool' },
  });
  expect(found.sums.data).toEqual(Float32Array.of(151, 3));
  expect(found.whole2.data).toEqual(BigInt64Array.of(151n, 3n));
  expect(found.bytes2.data).toEqual(Uint8Array.of(151, 3));
  expect(found.flags2.data).toEqual(Uint8Array.of(1, 0));
});

test('a loss with its gradients in one model equals the reference', async () => {
  const [a, w] = [input('a', [4, 3]), input('w', [3, 2])];
  const loss = sum(mul(relu(matmul(a, w)), scalar(0.5)));
  const outputs: Node[] = [loss, ...gradients(loss, [a, w])];
  const feeds = new Map([
    [a, tensor([4, 3], [1, -2, 3, 0.5, 0, -1, 2, 2, 2, -3, 1, 0.25])],
    [w, tensor([3, 2], [0.5, -1, 1, 2, -0.25, 0.75])],
  ]);
  const expected = evaluate(outputs, feeds);
  (await runOnnx(outputs, feeds)).forEach((actual, i) => {
    expectClose(actual, expected[i]);
  });
});
