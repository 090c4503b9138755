import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { type Held, onnxModel } from '../../../test/import/onnx-model.ts';
import { expectations, exported, fixture, run, traced, train, wave } from '../../../test/import/training.ts';
import { KindredError } from '../../core/error.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { gradients } from '../../graph/gradient.ts';
import { add } from '../../graph/ops/add.ts';
import { input } from '../../graph/ops/input.ts';
import { tensor } from '../../graph/tensor.ts';
import { sgd } from '../../optimizers/sgd.ts';
import { type ImportOptions, importOnnx } from '../import.ts';
import { lower } from '../lower.ts';
import { ModelProtoSchema, NodeProtoSchema } from '../onnx_pb.ts';
import { readOnnx } from './file.ts';

const golden = expectations(fixture('expected.json'));
const read = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);
const close = (found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 1e-5) => {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(found[i] - wanted[i])).toBeLessThan(tolerance);
};
const errorOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(KindredError);
    return (error as KindredError).message;
  }
  return expect.fail('this is refused');
};

describe('a residual network above a module', () => {
  const path = fixture('tiny-resnet.onnx');
  const resnet = golden['tiny-resnet'];
  const x = { shape: resnet.shape, data: wave(resnet.shape, Math.sin, 1) };
  const cut = '/layer3';

  test('trains what lies above, to the same weights as without a cut when the others are kept', async () => {
    const above = ['layer4*', 'fc*'];
    const withCut = await train(importOnnx(path, { cut }), resnet, sgd({ rate: 0.05 }));
    const without = await train(importOnnx(path, { trainable: above }), resnet, sgd({ rate: 0.05 }));
    expect([...withCut.weights.keys()].sort()).toEqual([...without.weights.keys()].sort());
    expect(withCut.weights.size).toBeGreaterThan(10);
    for (const [name, values] of withCut.weights) {
      expect(name).toMatch(/^(layer4|fc)\./);
      close(values, without.weights.get(name) as Float32Array, 1e-6);
    }
  });

  test('is exported with the part below as it was: nodes, attributes, and weights bit for bit', async () => {
    const model = importOnnx(path, { cut });
    const { weights } = await train(model, resnet, sgd({ rate: 0.05 }));
    const file = exported(model, resnet.shape, weights);
    const after = read(file);
    const original = readOnnx(path);
    const carried = after.graph?.node.filter(({ name }) => name.startsWith('frozen/')) ?? [];
    expect(carried.length).toBe(model.nodes.carried);
    const rename = (name: string) => (name.startsWith('frozen/') ? name.slice('frozen/'.length) : name);
    for (const node of carried) {
      const before = original.nodes.find(({ name }) => name === rename(node.name));
      node.input = node.input.map(rename);
      node.output = node.output.map(rename);
      node.name = rename(node.name);
      expect(Buffer.from(toBinary(NodeProtoSchema, node))).toEqual(
        Buffer.from(toBinary(NodeProtoSchema, before as typeof node)),
      );
    }
    const frozen = after.graph?.initializer.filter(({ name }) => name.startsWith('frozen/')) ?? [];
    expect(frozen.length).toBeGreaterThan(20);
    for (const { name, rawData } of frozen) {
      expect(Buffer.from(rawData).equals(Buffer.from(original.initializers.get(rename(name))?.rawData ?? []))).toBe(
        true,
      );
    }
    // And it has been trained, and takes any batch.
    const trained = await run(file, x);
    expect(Math.max(...trained.map((value, i) => Math.abs(value - resnet.steps.sgd.before[i])))).toBeGreaterThan(1e-3);
    close(
      await run(file, { shape: [1, ...resnet.shape.slice(1)], data: x.data.subarray(0, 256) }),
      trained.subarray(0, resnet.out),
    );
  });

  test('a cut at the output leaves nothing to train, another output leaves the classifier out', async () => {
    const whole = importOnnx(path, { cut: 'y' });
    expect(whole.nodes.translated).toBe(0);
    expect(traced(whole, { x: input('x', ['batch', 1, 16, 16]) }).parameters).toEqual([]);
    close(await run(exported(whole, resnet.shape), x), resnet.steps.sgd.before, 1e-4);
    const features = importOnnx(path, { cut, output: '/Flatten' });
    expect(traced(features, { x: input('x', ['batch', 1, 16, 16]) }).result.shape).toEqual(['batch', 32]);
  });

  test('the float64 reference says that it cannot evaluate what is carried', () => {
    const x = input('x', [1, 1, 16, 16]);
    const { result } = traced(importOnnx(path, { cut: 'y' }), { x });
    expect(errorOf(() => evaluate([result], new Map([[x, tensor([1, 1, 16, 16])]])))).toMatch(/float64 .* "y"/);
    // Nothing flows through it, and nothing needs to.
    expect(gradients(result, [x], input('upstream', result.shape))[0].shape).toEqual([1, 1, 16, 16]);
  });
});

test('a transformer may be cut at any tensor', { timeout: 120_000 }, async () => {
  const path = fixture('tiny-transformer.onnx');
  const transformer = golden['tiny-transformer'];
  const x = { shape: transformer.shape, data: wave(transformer.shape, Math.sin, 1) };
  const names = readOnnx(path).nodes.flatMap(({ output, opType }) => (opType === 'Constant' ? [] : output));
  const upTo = importOnnx(path).nodes.translated;
  let parameters = Number.POSITIVE_INFINITY;
  for (const cut of names.filter((_, i) => i % 9 === 5)) {
    const options: ImportOptions = { cut };
    let model: ReturnType<typeof importOnnx>;
    try {
      model = importOnnx(path, options);
    } catch (error) {
      // A copy of a weight is made of no input, and one that only shapes are made of may be none of the output's.
      expect(String(error)).toMatch(/cut lies below the output/);
      continue;
    }
    expect(model.nodes.carried + model.nodes.translated).toBe(upTo);
    close(await run(exported(model, transformer.shape), x), transformer.steps.sgd.before, 1e-4);
    parameters = traced(model, { x: input('x', ['batch', 6, 16]) }).parameters.length;
  }
  expect(parameters).toBeLessThan(10);
});

const ints = (...values: number[]): Held => ({ shape: [values.length], values, type: 'int64' });
const w: Held = { shape: [4, 3], values: Array.from({ length: 12 }, (_, i) => Math.sin(i)) };
const any = { shape: undefined };

/** What a model gives, as the file and as imported with a cut and exported again. */
async function expectSame(
  parts: Parameters<typeof onnxModel>[0],
  options: ImportOptions,
): Promise<ReturnType<typeof read>> {
  const file = onnxModel(parts);
  const x = { shape: [2, 4], data: wave([2, 4], Math.cos, 1) };
  const again = exported(importOnnx(file, options), [2, 4]);
  close(await run(again, x), await run(file, x));
  return read(again);
}

test.each([13, 15, 17, 18, 19, 20, 21])('what is carried of op set %d stands beside ops of ours', async (opset) => {
  const reduced =
    opset < 18 ? (['ReduceMax', ['x'], ['m'], { axes: [1] }] as const) : (['ReduceMax', ['x', 'axes'], ['m']] as const);
  const mean =
    opset < 18
      ? (['ReduceMean', ['t'], ['y'], { axes: [1] }] as const)
      : (['ReduceMean', ['t', 'axes'], ['y']] as const);
  const model = await expectSame(
    {
      opset,
      inputs: { x: { shape: ['n', 4] } },
      outputs: { y: any },
      initializers: { w, axes: ints(1) },
      nodes: [reduced, ['Sub', ['x', 'm'], ['s']], ['MatMul', ['s', 'w'], ['p']], ['Tanh', ['p'], ['t']], mean],
    },
    { cut: 's' },
  );
  expect(model.opsetImport.find(({ domain }) => domain === '')?.version).toBe(BigInt(Math.max(17, opset)));
  expect(
    importOnnx(
      onnxModel({ opset, outputs: { y: any }, inputs: { x: { shape: ['n', 4] } }, nodes: [['Relu', ['x'], ['y']]] }),
    ).exportOpset,
  ).toBe(17);
});

test('ops of other domains, and an If that looks outside, are carried', async () => {
  const model = await expectSame(
    {
      opset: 17,
      domains: { 'com.microsoft': 1 },
      inputs: { x: { shape: ['n', 4] } },
      outputs: { y: any },
      initializers: { w, zero: { shape: [], values: [0] } },
      declared: { chosen: { shape: ['n', 4] } },
      nodes: [
        ['FastGelu', ['x'], ['g'], {}, 'com.microsoft'],
        ['ReduceSum', ['g'], ['total'], { keepdims: 0 }],
        ['Greater', ['total', 'zero'], ['is']],
        [
          'If',
          ['is'],
          ['chosen'],
          {
            then_branch: { graph: { nodes: [['Add', ['g', 'x'], ['a']]], outputs: { a: any } } },
            else_branch: { graph: { nodes: [['Sub', ['g', 'x'], ['b']]], outputs: { b: any } } },
          },
        ],
        ['MatMul', ['chosen', 'w'], ['y']],
      ],
    },
    { cut: 'chosen' },
  );
  expect(model.opsetImport.map(({ domain }) => domain).sort()).toEqual(['', 'com.microsoft']);
  expect(model.graph?.initializer.map(({ name }) => name)).toEqual(['frozen/zero', 'w']);
});

test('functions of the model are carried with what calls them, twice too', async () => {
  const parts = {
    opset: 18,
    domains: { mine: 1 },
    functions: [
      { domain: 'mine', name: 'Square', input: ['a'], output: ['b'], nodes: [['Mul', ['a', 'a'], ['b']] as const] },
    ],
    inputs: { x: { shape: ['n', 4] } },
    outputs: { y: any },
    initializers: { w },
    declared: { s: { shape: ['n', 4] } },
    nodes: [['Square', ['x'], ['s'], {}, 'mine'] as const, ['MatMul', ['s', 'w'], ['y']] as const],
  };
  const model = await expectSame(parts, { cut: 's' });
  expect(model.functions.map(({ name }) => name)).toEqual(['Square']);
  expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 18n],
    ['mine', 1n],
  ]);
  expect(errorOf(() => importOnnx(onnxModel(parts)))).toContain('mine.Square');
  // The same file read twice, as two encoders of one graph.
  const x = input('x', ['n', 4]);
  const towers = [0, 1].map(() => traced(importOnnx(onnxModel(parts), { cut: 'y' }), { x }).result);
  expect(read(lower({ outputs: { y: add(towers[0], towers[1]) } })).functions.length).toBe(1);
});

test('whole numbers come out of a carried part, of whatever type', async () => {
  await expectSame(
    {
      opset: 17,
      inputs: { x: { shape: ['n', 4] } },
      outputs: { y: any },
      initializers: { table: { shape: [6, 3], values: wave([18], Math.cos, 2) }, five: { shape: [], values: [5] } },
      nodes: [
        ['Abs', ['x'], ['a']],
        ['Mul', ['a', 'five'], ['m']],
        ['Cast', ['m'], ['i'], { to: 6 }],
        ['Gather', ['table', 'i'], ['y']],
      ],
    },
    { cut: 'i' },
  );
});

test('two towers share what is carried', () => {
  const model = importOnnx(fixture('tiny-resnet.onnx'), { cut: 'y' });
  const [a, b] = ['a', 'b'].map((name) => input(name, ['n', 1, 16, 16]));
  const towers = [a, b].map((x) => traced(model, { x }).result);
  const file = read(lower({ outputs: { y: add(towers[0], towers[1]) } }));
  const once = read(lower({ outputs: { y: towers[0] } }));
  expect(file.graph?.initializer.length).toBe(once.graph?.initializer.length);
  const outputs = file.graph?.node.flatMap(({ output }) => output) ?? [];
  expect(new Set(outputs).size).toBe(outputs.length);
});

describe('refused, with what to do', () => {
  const base = { opset: 17, inputs: { x: { shape: ['n', 4] } }, outputs: { y: any } };

  test('an op without a gradient names its node, and the cuts that would do', () => {
    const file = onnxModel({
      ...base,
      initializers: { w },
      nodes: [
        ['Relu', ['x'], ['a']],
        ['Floor', ['a'], ['b']],
        ['MatMul', ['b', 'w'], ['c']],
        ['Tanh', ['c'], ['y']],
      ],
    });
    const message = errorOf(() => importOnnx(file));
    expect(message).toContain('Floor "node of b" (it makes "b")');
    expect(message).toContain('Move the cut above it, to "b" or "c" or "y"');
    expect(importOnnx(file, { cut: 'b' }).nodes).toEqual({ carried: 2, translated: 2 });
  });

  test('of several such ops, the cuts leave all below', () => {
    const nodes = [
      ['Floor', ['x'], ['a']],
      ['Ceil', ['x'], ['b']],
      ['Add', ['a', 'b'], ['c']],
      ['Tanh', ['c'], ['y']],
    ] as const;
    expect(errorOf(() => importOnnx(onnxModel({ ...base, nodes })))).toMatch(/and 1 more .* to "c" or "y"/);
  });

  test('a node that is written in a way that has no gradient here', () => {
    const nodes = [
      ['NonZero', ['x'], ['where']],
      ['Shape', ['where'], ['shape']],
      ['Reshape', ['x', 'shape'], ['y']],
    ] as const;
    expect(errorOf(() => importOnnx(onnxModel({ ...base, nodes })))).toContain('NonZero "node of where"');
    const computed = onnxModel({
      ...base,
      inputs: { x: { shape: ['n', 4] }, to: { shape: [2], type: 'int64' } },
      nodes: [
        ['Tanh', ['x'], ['t']],
        ['Reshape', ['t', 'to'], ['y']],
      ],
    });
    const given = { x: input('x', ['n', 4]), to: input('to', [2], 'int64') };
    expect(
      errorOf(() =>
        importOnnx(computed).build({ training: false, parameter: () => given.x, statistic: (_, c) => c() }, given),
      ),
    ).toMatch(/Reshape "node of y" .* must be known when the model is imported.* to "y"/);
  });

  test('a cut that is not there names those that are near', () => {
    const path = fixture('tiny-resnet.onnx');
    expect(errorOf(() => importOnnx(path, { cut: '/Flaten_output_0' }))).toMatch(/there is no .* "\/Flatten_output_0"/);
    expect(errorOf(() => importOnnx(path, { output: 'avgpool' }))).toContain('"/avgpool/GlobalAveragePool_output_0"');
    expect(errorOf(() => importOnnx(path, { cut: 'y', output: '/Flatten' }))).toContain('is not computed from "y"');
  });

  test('a carried part of a shape that nobody knows', () => {
    const nodes = [
      ['NonZero', ['x'], ['where']],
      ['Cast', ['where'], ['y'], { to: 1 }],
    ] as const;
    expect(errorOf(() => exported(importOnnx(onnxModel({ ...base, nodes }), { cut: 'where' }), [2, 4]))).toMatch(
      /nothing says it of "where".*infer_shapes/,
    );
  });

  test('inputs of another type, shape or name, and a missing one', () => {
    const model = importOnnx(onnxModel({ ...base, nodes: [['Relu', ['x'], ['y']]] }));
    expect(errorOf(() => traced(model, { x: input('x', ['n', 5]) }))).toContain('x FLOAT [n, 4]');
    expect(errorOf(() => traced(model, { x: input('x', ['n', 4], 'int64') }))).toContain('int64');
    expect(errorOf(() => traced(model, { z: input('z', ['n', 4]) }))).toContain('"z"');
    expect(errorOf(() => traced(model, {}))).toContain('none for "x"');
    expect(errorOf(() => traced(importOnnx(fixture('tiny-resnet.onnx'), { cut: 'y' }), {}))).toContain('none for "x"');
  });

  test('several outputs, of which none is chosen', () => {
    const file = onnxModel({
      ...base,
      outputs: { y: any, z: any },
      nodes: [
        ['Relu', ['x'], ['y']],
        ['Tanh', ['x'], ['z']],
      ],
    });
    expect(errorOf(() => importOnnx(file))).toContain('y, z');
    expect(importOnnx(file, { output: 'z' }).nodes.translated).toBe(1);
  });
});
