import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { fromSafetensors, type NamedTensor, toSafetensors } from './safetensors.ts';

const bits = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
const seen = (tensors: ReadonlyMap<string, NamedTensor>) =>
  Object.fromEntries([...tensors].map(([name, { shape, data }]) => [`:${name}`, [shape, bits(data)]]));
const headerOf = (file: Uint8Array) => {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  return { length, text: new TextDecoder().decode(file.subarray(8, 8 + length)) };
};

/** A file of this header and so many bytes of values. */
function written(header: unknown, values: Uint8Array | number = 0): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Uint8Array.from(Buffer.concat([length, text, Buffer.from(new Uint8Array(values as number))]));
}

test('the bytes, by hand: length of the header, header, values', () => {
  const file = toSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(1, -2) }]]));
  const header = '{"__metadata__":{},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  expect(header.length).toBe(72);
  expect(Buffer.from(file).toString('latin1')).toBe(`\x48\0\0\0\0\0\0\0${header}\0\0\x80\x3f\0\0\0\xc0`);
});

test('a file that another wrote: no metadata, values of another order than their names, and not at a multiple of 4', () => {
  const header = {
    b: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
    a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
    none: { dtype: 'F32', shape: [3, 0], data_offsets: [8, 8] },
  };
  const values = new Uint8Array(Float32Array.of(3, 4, 5).buffer);
  const text = JSON.stringify(header);
  for (const spaces of [0, 1, 2, 3]) {
    const file = written(text + ' '.repeat(spaces));
    const whole = new Uint8Array(1 + file.length + values.length);
    whole.set(file, 1);
    whole.set(values, 1 + file.length);
    // A view that begins at an odd byte, too.
    expect(fromSafetensors(whole.subarray(1), 'f')).toEqual(
      new Map([
        ['b', { shape: [], data: Float32Array.of(5) }],
        ['a', { shape: [2, 1], data: Float32Array.of(3, 4) }],
        ['none', { shape: [3, 0], data: Float32Array.of() }],
      ]),
    );
  }
});

const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '12', 'gewicht/größe', '重み', '👩‍🔬', '"', '\n'),
);
const tensor = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, -0, 1e-45));
  return fc
    .array(values, { minLength: size, maxLength: size })
    .map((list) => ({ shape, data: Float32Array.from(list) }));
});
const tensors = fc.array(fc.tuple(name, tensor), { maxLength: 5 }).map((list) => new Map(list));

test('what is written is read again, bit for bit, whatever the names', () => {
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (given, metadata) => {
      const file = toSafetensors(given, metadata);
      expect(seen(fromSafetensors(file, 'f'))).toEqual(seen(given));
      const { length, text } = headerOf(file);
      expect((8 + length) % 8).toBe(0);
      expect(JSON.parse(text).__metadata__).toEqual({ ...metadata });
      expect(file.length).toBe(8 + length + 4 * [...given.values()].reduce((sum, { data }) => sum + data.length, 0));
    }),
  );
});

test('values are copies: a view into a larger array is written alone, and what is read is free of the file', () => {
  const large = Float32Array.of(9, 1, 2, 9);
  const file = toSafetensors(new Map([['w', { shape: [2], data: large.subarray(1, 3) }]]));
  const read = fromSafetensors(file, 'f').get('w');
  file.fill(0);
  expect(read).toEqual({ shape: [2], data: Float32Array.of(1, 2) });
});

test('a file that was cut off anywhere, or goes on, is refused', () => {
  const file = toSafetensors(
    new Map([
      ['größe', { shape: [2], data: Float32Array.of(1, 2) }],
      ['none', { shape: [0], data: Float32Array.of() }],
      ['last', { shape: [], data: Float32Array.of(3) }],
    ]),
  );
  for (let length = 0; length < file.length; length++) {
    expect(() => fromSafetensors(file.subarray(0, length), 'cut'), `${length}`).toThrow(KindredError);
  }
  const longer = new Uint8Array(file.length + 1);
  longer.set(file);
  expect(() => fromSafetensors(longer, 'long')).toThrow(/long: tensors that do not fill its 13 bytes of values/);
});

test('any bytes are tensors or a KindredError', () => {
  const read = (bytes: Uint8Array) => {
    try {
      for (const { shape, data } of fromSafetensors(bytes, 'f').values()) {
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      }
    } catch (error) {
      expect(error).toBeInstanceOf(KindredError);
    }
  };
  fc.assert(fc.property(fc.uint8Array(), read));
  const entry = fc.record(
    {
      dtype: fc.constantFrom('F32', 'F64', 4),
      shape: fc.oneof(fc.array(fc.oneof(fc.integer({ min: -2, max: 3 }), fc.jsonValue())), fc.jsonValue()),
      data_offsets: fc.oneof(fc.array(fc.integer({ min: -4, max: 16 }), { maxLength: 3 }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const header = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue())));
  fc.assert(fc.property(header, fc.integer({ min: 0, max: 20 }), (json, size) => read(written(json, size))));
  // One byte of a real file changed.
  const file = toSafetensors(new Map([['w', { shape: [2, 1], data: Float32Array.of(1, 2) }]]));
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), (at, value) => {
      const changed = file.slice();
      changed[at] = value;
      read(changed);
    }),
  );
});

const f32 = (shape: unknown, place: unknown) => ({ dtype: 'F32', shape, data_offsets: place });
test.each<[string, unknown, number, RegExp]>([
  ['null for a tensor', { w: null }, 0, /'w' as null, not as a tensor of float32/],
  ['another type', { w: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, 4, /F16.*not as a tensor of float32/],
  ['sizes below 0', { w: f32([-1, -1], [0, 4]) }, 4, /not as a tensor/],
  ['sizes as text', { w: f32(['1'], [0, 4]) }, 4, /not as a tensor/],
  ['half a size', { w: f32([0.5, 2], [0, 4]) }, 4, /not as a tensor/],
  ['a shape of other values than there are', { w: f32([3], [0, 8]) }, 8, /'w' as .* of 8 bytes/],
  ['values behind the end', { w: f32([2], [0, 8]) }, 4, /'w' as .* of 4 bytes/],
  ['an end before the start', { w: f32([0], [4, 0]) }, 4, /not as a tensor/],
  ['two tensors in one place', { v: f32([1], [0, 4]), w: f32([1], [0, 4]) }, 4, /do not fill/],
  ['a gap', { v: f32([1], [0, 4]), w: f32([1], [8, 12]) }, 12, /do not fill its 12 bytes/],
  ['a list for a header', [], 0, /not a JSON object/],
  ['no JSON', '{"w": ', 0, /not a JSON object/],
])('%s is refused', (_, header, size, message) => {
  expect(() => fromSafetensors(written(header, size), 'f')).toThrow(message);
  expect(() => fromSafetensors(written(header, size), 'f')).toThrow(
    /^A safetensors file holds .*: f: .*Use another copy/,
  );
});

test('a header longer than the file, or than any header, is refused', () => {
  const file = written({}, 0);
  new DataView(file.buffer).setBigUint64(0, 2n ** 64n - 1n, true);
  expect(() => fromSafetensors(file, 'f')).toThrow(/a header of \d+ bytes in 10/);
});

test('what no such file can hold is not written', () => {
  const one = { shape: [1], data: Float32Array.of(1) };
  expect(() => toSafetensors(new Map([['__metadata__', one]]))).toThrow(RangeError);
  expect(() => toSafetensors(new Map([['w', { ...one, shape: [2] }]]))).toThrow(/'w' \[2\] with 1 values/);
});
