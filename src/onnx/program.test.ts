import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { input } from '../graph/ops/input.ts';
import { mul } from '../graph/ops/mul.ts';
import { sum } from '../graph/ops/sum.ts';
import { lower } from './lower.ts';
import { Program } from './program.ts';

const x = input('x', ['n', 2]);
const model = lower({ outputs: { square: mul(x, x), total: sum(mul(x, x)) } });

let folder: string;
let program: Program;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kindred-program-'));
  program = await Program.compile(model, { threads: 1 });
});
afterAll(async () => {
  await program.release();
  rmSync(folder, { recursive: true });
});

/** The error, which is for people: of this project, one line, without a stack in its text. */
async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => expect.fail('this is refused'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KindredError);
  const { message, cause } = error as KindredError;
  expect(message).not.toMatch(/\n|\bat .*\.[jt]s:/);
  expect(cause).toBeDefined();
  return message;
}

test('a model tells its inputs and outputs', () => {
  expect(program.inputs.map(({ name }) => name)).toEqual(['x']);
  expect(program.outputs.map(({ name }) => name)).toEqual(['square', 'total']);
});

test('from bytes and from a file, the same', async () => {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, model);
  const fromFile = await Program.compile(path, { threads: 1 });
  const given = { x: { shape: [1, 2], data: Float32Array.of(3, 4) } };
  const expected = {
    square: { shape: [1, 2], data: Float32Array.of(9, 16) },
    total: { shape: [], data: Float32Array.of(25) },
  };
  expect(await program.run(given)).toEqual(expected);
  expect(await fromFile.run(given)).toEqual(expected);
  await fromFile.release();
});

test('an output is written to the place that is given for it, part of a larger array too', async () => {
  const flat = new Float32Array(8).fill(-1);
  const place = { shape: [2, 2], data: flat.subarray(2, 6) };
  const { square, total } = await program.run(
    { x: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } },
    { square: place },
  );
  expect(square).toBe(place);
  expect([...flat]).toEqual([-1, -1, 1, 4, 9, 16, -1, -1]);
  expect(total.data[0]).toBe(30);
});

test('inputs are read where they lie, and left alone', async () => {
  const flat = Float32Array.of(9, 1, 2, 9);
  const { square } = await program.run({ x: { shape: [1, 2], data: flat.subarray(1, 3) } });
  expect([...square.data]).toEqual([1, 4]);
  expect([...flat]).toEqual([9, 1, 2, 9]);
});

test('runs do not disturb each other', async () => {
  const results = await Promise.all(
    [1, 2, 3].map((value) => program.run({ x: { shape: [1, 2], data: Float32Array.of(value, 0) } })),
  );
  expect(results.map(({ total }) => total.data[0])).toEqual([1, 4, 9]);
});

test('the same inputs give the same bits', async () => {
  const data = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i));
  const [first, second] = await Promise.all([0, 1].map(() => program.run({ x: { shape: [1000, 2], data } })));
  expect(first.total.data[0]).toBe(second.total.data[0]);
});

test('bytes that are no model are refused', async () => {
  expect(await refused(Program.compile(Uint8Array.of(1, 2, 3, 4), { threads: 1 }))).toMatch(
    /could not load the model: 4 bytes: .*Check that the file is a complete ONNX model/,
  );
  await refused(Program.compile(new Uint8Array(0), { threads: 1 }));
  await refused(Program.compile(model.subarray(0, model.length >> 1), { threads: 1 }));
});

test('a file that is missing, or no model, is named', async () => {
  const missing = join(folder, 'missing.onnx');
  expect(await refused(Program.compile(missing, { threads: 1 }))).toContain(missing);
  const text = join(folder, 'text.onnx');
  writeFileSync(text, 'not a model');
  expect(await refused(Program.compile(text, { threads: 1 }))).toContain(text);
});

test('inputs of the wrong shape, type, number or name are refused', async () => {
  const data = Float32Array.of(1, 2, 3);
  expect(await refused(program.run({ x: { shape: [1, 3], data } }))).toMatch(
    /could not run the model: inputs x \[1, 3\]: /,
  );
  await refused(program.run({ x: { shape: [2], data: data.subarray(0, 2) } }));
  await refused(program.run({ x: { shape: [1, 2], data: BigInt64Array.of(1n, 2n) } }));
  await refused(program.run({}));
  await refused(program.run({ y: { shape: [1, 2], data: data.subarray(0, 2) } }));
});

test('a place of the wrong shape is refused, and one for no result', async () => {
  const x = { shape: [1, 2], data: Float32Array.of(1, 2) };
  await expect(program.run({ x }, { cube: { shape: [1, 2], data: new Float32Array(2) } })).rejects.toThrow(
    /a place for cube, and a model that gives .*square/,
  );
  await refused(program.run({ x }, { square: { shape: [1, 3], data: new Float32Array(3) } }));
});

// The tensors are made before the errors of ONNX Runtime are caught.
test('a shape that does not fit the number of values is refused, of inputs and of places', async () => {
  const x = { shape: [1, 2], data: Float32Array.of(1, 2) };
  await refused(program.run({ x: { shape: [2, 2], data: Float32Array.of(1, 2) } }));
  await refused(program.run({ x }, { square: { shape: [1, 2], data: new Float32Array(3) } }));
});

test('what was written to a place takes no other memory, and does not wait for the garbage collector', async () => {
  const rows = 2 ** 18;
  const given = { x: { shape: [rows, 2], data: new Float32Array(2 * rows).fill(2) } };
  const square = { shape: [rows, 2], data: new Float32Array(2 * rows) };
  const held = () => process.memoryUsage().arrayBuffers / square.data.byteLength;
  const before = held();
  const most: number[] = [];
  for (let run = 0; run < 8; run++) {
    expect((await program.run(given, { square })).square).toBe(square);
    most.push(held() - before);
  }
  expect(Math.max(...most)).toBeLessThan(1);
  expect(square.data.every((value) => value === 4)).toBe(true);
});
