import { describe, expect, test } from 'vitest';
import { float } from '../graph/op.ts';
import { input } from '../graph/ops/input.ts';
import { GraphEmitter } from './emitter.ts';

const fresh = (...inputs: Parameters<typeof input>[]) =>
  new GraphEmitter({ contrib: true, inputs: inputs.map((each) => input(...each)) });

describe('nodes', () => {
  test('equal ones are written once', () => {
    const emitter = fresh();
    const [first] = emitter.emit('Softmax', ['x'], { axis: 1 });
    expect(emitter.emit('Softmax', ['x'], { axis: 1 })).toEqual([first]);
    expect(emitter.nodes.length).toBe(1);
  });

  test('ones that differ in anything are not', () => {
    const emitter = fresh();
    const names = [
      emitter.emit('Softmax', ['x'], { axis: 1 }),
      emitter.emit('Softmax', ['x'], { axis: 2 }),
      emitter.emit('Softmax', ['y'], { axis: 1 }),
      emitter.emit('Softmax', ['x'], { axis: float(1) }),
      emitter.emit('LogSoftmax', ['x'], { axis: 1 }),
      emitter.emit('Softmax', ['x'], { axis: 1 }, { domain: 'com.microsoft' }),
      emitter.emit('Sub', ['x', 'y']),
      emitter.emit('Sub', ['y', 'x']),
    ].flat();
    expect(new Set(names).size).toBe(names.length);
    expect(emitter.nodes.length).toBe(names.length);
    expect([...emitter.domains]).toEqual(['', 'com.microsoft']);
  });

  test('a node that is asked for more results gets more, and keeps those it had', () => {
    const emitter = fresh();
    const [values] = emitter.emit('MaxPool', ['x']);
    const both = emitter.emit('MaxPool', ['x'], {}, { outputs: 2 });
    expect(both[0]).toBe(values);
    expect(new Set(both).size).toBe(2);
    expect(emitter.emit('MaxPool', ['x'])).toEqual([values]);
    expect(emitter.nodes.map(({ output }) => output)).toEqual([both]);
  });

  test('attributes get the type that ONNX expects', () => {
    const emitter = fresh();
    emitter.emit('Any', [], { axis: -1, alpha: float(0.5), mode: 'reflect', pads: [0, 1, 2] });
    const found = emitter.nodes[0].attribute.map(({ name, i, f, s, ints }) => [
      name,
      i,
      f,
      Buffer.from(s).toString(),
      ints,
    ]);
    expect(found).toEqual([
      ['axis', -1n, 0, '', []],
      ['alpha', 0n, 0.5, '', []],
      ['mode', 0n, 0, 'reflect', []],
      ['pads', 0n, 0, '', [0n, 1n, 2n]],
    ]);
  });
});

describe('constants', () => {
  test('equal ones are written once, by value, shape and type', () => {
    const emitter = fresh();
    const one = emitter.constant([1], [], 'float32');
    expect(emitter.constant(Float32Array.of(1), [], 'float32')).toBe(one);
    const others = [
      emitter.constant([1], [1], 'float32'),
      emitter.constant([1], [], 'int64'),
      emitter.constant([2], [], 'float32'),
      emitter.constant([0], [], 'float32'),
      // The two zeros differ under division.
      emitter.constant([-0], [], 'float32'),
    ];
    expect(new Set([one, ...others]).size).toBe(6);
    expect(emitter.constants.length).toBe(6);
  });

  test('their bytes are little-endian, in the type of the tensor', () => {
    const emitter = fresh();
    emitter.constant([1.5], [1], 'float32');
    emitter.constant([-2], [1], 'int64');
    emitter.constant([3, 0], [2], 'bool');
    emitter.constant([200], [1], 'uint8');
    expect(emitter.constants.map(({ rawData, dataType, dims }) => [[...rawData], dataType, dims])).toEqual([
      [[0, 0, 0xc0, 0x3f], 1, [1n]],
      [[0xfe, ...Array(7).fill(0xff)], 7, [1n]],
      [[1, 0], 9, [2n]],
      [[200], 2, [1n]],
    ]);
  });
});

describe('sizes', () => {
  test('of whole numbers are a constant', () => {
    const emitter = fresh();
    expect(emitter.sizes([2, 3])).toBe(emitter.constant([2, 3], [2], 'int64'));
    expect(emitter.nodes).toEqual([]);
  });

  test('of a symbol are read from the input that carries it, once', () => {
    const emitter = fresh(['a', [3, 'n']], ['b', ['n', 'm']]);
    const name = emitter.sizes(['n', 3]);
    expect(emitter.sizes(['n', 3])).toBe(name);
    expect(emitter.nodes.map(({ opType, input: from }) => [opType, from[0]]).slice(0, 2)).toEqual([
      ['Shape', 'a'],
      ['Gather', 'Shape_0:0'],
    ]);
    expect(emitter.nodes.map(({ opType }) => opType)).toEqual(['Shape', 'Gather', 'Concat']);
  });

  test('of a symbol that no input carries are refused', () => {
    expect(() => fresh(['a', ['n']]).sizes(['m'])).toThrow('no input of the graph says how large "m" is');
  });
});
