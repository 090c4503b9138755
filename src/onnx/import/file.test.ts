import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { type GraphParts, onnxModel } from '../../../test/import/onnx-model.ts';
import { fixture, traced } from '../../../test/import/training.ts';
import { KindredError } from '../../core/error.ts';
import { Random } from '../../core/random.ts';
import { input } from '../../graph/ops/input.ts';
import { importOnnx } from '../import.ts';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../onnx_pb.ts';

const any = { shape: undefined };
const base = { opset: 17, inputs: { x: { shape: ['n', 4] } }, outputs: { y: any } } as const;
const w = { shape: [4, 3], values: Array.from({ length: 12 }, (_, i) => i) };
const small = (more: Partial<GraphParts & { opset: number }> = {}) =>
  onnxModel({ ...base, initializers: { w }, nodes: [['MatMul', ['x', 'w'], ['y']]], ...more });

const errorOf = (model: Uint8Array | string): string => {
  try {
    importOnnx(model);
  } catch (error) {
    expect(error).toBeInstanceOf(KindredError);
    expect((error as KindredError).message).not.toMatch(/\n|\bat .*\.[jt]s:/);
    return (error as KindredError).message;
  }
  return expect.fail('this is refused');
};

describe('a file that is no model', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('This is not a model, but a letter.')],
    ['zeros', new Uint8Array(100)],
    ['noise', Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) % 251)],
  ])('%s', (_, bytes) => {
    expect(errorOf(bytes)).toMatch(/complete ONNX model|opset_version/);
  });

  test('a path that is not there, or a folder', () => {
    expect(errorOf('/nowhere/model.onnx')).toContain('/nowhere/model.onnx');
    expect(errorOf('/')).toContain('Check the path');
  });

  test('wherever a file is cut short', () => {
    const bytes = readFileSync(fixture('tiny-transformer.onnx'));
    for (let i = 0; i < 200; i++) errorOf(bytes.subarray(0, Math.floor((i * bytes.length) / 200)));
    for (let less = 1; less < 20; less++) errorOf(bytes.subarray(0, bytes.length - less));
  });

  test('one whose bytes are wrong is refused, or read: never anything else', () => {
    const bytes = small({
      initializers: { w, axes: { shape: [1], values: [1], type: 'int64' } },
      nodes: [
        ['MatMul', ['x', 'w'], ['p']],
        ['Unsqueeze', ['p', 'axes'], ['q']],
        ['Softmax', ['q'], ['s'], { axis: 2 }],
        ['Conv', ['s', 'k'], ['c'], { kernel_shape: [3] }],
        ['Constant', [], ['k'], { value: { tensor: { shape: [2, 1, 3], values: [1, 2, 3, 4, 5, 6] } } }],
        ['Flatten', ['c'], ['y']],
      ],
    });
    const random = Random.seeded(4);
    let read = 0;
    for (let i = 0; i < 3000; i++) {
      const wrong = bytes.slice();
      for (let k = 0; k <= i % 3; k++) wrong[random.integer(wrong.length)] = random.integer(256);
      try {
        traced(importOnnx(wrong), { x: input('x', ['n', 4]) });
        read++;
      } catch (error) {
        if (!(error instanceof KindredError)) throw new Error(`attempt ${i}`, { cause: error });
      }
    }
    expect(read).toBeGreaterThan(0);
  });
});

describe('a file that contradicts itself', () => {
  test('goes in circles', () => {
    const nodes = [
      ['Add', ['x', 'b'], ['a']],
      ['Relu', ['a'], ['b']],
      ['Tanh', ['b'], ['y']],
    ] as const;
    expect(errorOf(small({ nodes }))).toMatch(/go in circles: Add .* takes what is made of its own result/);
  });

  test('takes what is not there', () => {
    expect(errorOf(small({ initializers: {} }))).toMatch(/"w", which MatMul .* takes, is none of these/);
    expect(errorOf(small({ outputs: { z: any } }))).toContain('"z", which is an output');
  });

  test('makes a tensor twice', () => {
    const nodes = [
      ['Relu', ['x'], ['y']],
      ['Tanh', ['x'], ['y']],
    ] as const;
    expect(errorOf(small({ nodes }))).toContain('makes "y" again');
  });

  test('has less values than its shape', () => {
    const proto = fromBinary(ModelProtoSchema, small());
    const [tensor] = proto.graph?.initializer ?? [];
    tensor.rawData = tensor.rawData.subarray(0, 20);
    expect(errorOf(toBinary(ModelProtoSchema, proto))).toContain('"w" of [4, 3] has 5');
  });
});

test('nodes in the wrong order are put right', () => {
  const model = importOnnx(
    small({
      nodes: [
        ['Relu', ['p'], ['y']],
        ['MatMul', ['x', 'w'], ['p']],
      ],
    }),
  );
  expect(traced(model, { x: input('x', ['n', 4]) }).result.shape).toEqual(['n', 3]);
});

test.each([12, 22])('op set %d is refused', (opset) => {
  expect(errorOf(small({ opset }))).toContain(`has ${opset}`);
});

test('weights that lie in another file, or are half floats', () => {
  const outside = fromBinary(ModelProtoSchema, small());
  const [tensor] = outside.graph?.initializer ?? [];
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'weights.bin' })];
  expect(errorOf(toBinary(ModelProtoSchema, outside))).toMatch(/"w" .* lies in another one/);
  const half = fromBinary(ModelProtoSchema, small());
  if (half.graph) half.graph.initializer[0].dataType = TensorProto_DataType.FLOAT16;
  const model = importOnnx(toBinary(ModelProtoSchema, half));
  expect(() => traced(model, { x: input('x', ['n', 4]) })).toThrow(/"w" holds FLOAT16/);
});

test('values may lie in fields of their type', () => {
  const proto = fromBinary(ModelProtoSchema, small());
  const [tensor] = proto.graph?.initializer ?? [];
  tensor.floatData = [...w.values];
  tensor.rawData = new Uint8Array(0);
  const { parameters } = traced(importOnnx(toBinary(ModelProtoSchema, proto)), { x: input('x', ['n', 4]) });
  expect([...parameters[0].weight.values]).toEqual(w.values);
});
