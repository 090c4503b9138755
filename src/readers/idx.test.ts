import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { members } from '../relations/groups.ts';
import { picture } from '../relations/items.ts';
import { readIdx, readIdxLabels, readIdxPictures } from './idx.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindred-idx-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function file(bytes: Uint8Array): string {
  const path = join(folder, `${made++}.idx`);
  writeFileSync(path, bytes);
  return path;
}

function idx(magic: number, shape: number[], values: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc(4 + 4 * shape.length + values.length);
  [magic, ...shape].forEach((value, i) => {
    bytes.writeUInt32BE(value, 4 * i);
  });
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

const two = idx(0x803, [2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);

test.each(['plain', 'gzipped'])('reads pictures and labels, %s', async (kind) => {
  const pack = (bytes: Uint8Array) => file(kind === 'plain' ? bytes : gzipSync(bytes));
  const { pictures, groups } = await readIdx(pack(two), pack(idx(0x801, [2], [3, 1])));
  expect(pictures).toMatchObject({ count: 2, height: 2, width: 3, channels: 1, ids: ['0', '1'] });
  expect([...picture(pictures, 1)]).toEqual([6, 7, 8, 9, 10, 255]);
  expect(groups).toEqual({ labels: Int32Array.of(3, 1), names: ['0', '1', '2', '3'] });
});

test('names are kept, and must be enough', async () => {
  const labels = file(idx(0x801, [2], [0, 1]));
  expect((await readIdx(file(two), labels, { names: ['shoe', 'bag'] })).groups.names).toEqual(['shoe', 'bag']);
  await expect(readIdx(file(two), labels, { names: ['shoe'] })).rejects.toThrow(/label 1 .* 1 names.*from 0 to 1/);
});

test.each([
  ['zero bytes', [], /has zero bytes/],
  ['half a header', two.subarray(0, 7), /ends inside its header, after 7 of 16 bytes/],
  ['a wrong magic number', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, ...two]), /starts with 0x89504e47/],
  ['labels', idx(0x801, [12], two.subarray(4)), /magic number 0x00000801, 1 dimensions.*0x00000803/],
  ['floats', idx(0xd03, [1, 1, 1], [0, 0, 0, 0]), /32-bit floats/],
  ['no pictures', idx(0x803, [0, 28, 28], []), /holds nothing/],
  ['a cut', two.subarray(0, 20), /promises 12 bytes \(2 x 2 x 3\) and has 4: it was cut short/],
  ['bytes left over', Uint8Array.from([...two, 0]), /bytes left over/],
  ['zipped, bytes left over', gzipSync(Uint8Array.from([...two, 0])), /bytes left over/],
  ['zipped, values missing', gzipSync(two.subarray(0, 20)), /4 of 12 values/],
  ['gzip without its end', gzipSync(two).subarray(0, -9), /was cut short/],
  ['gzip with a wrong byte', gzipSync(two).fill(7, 24, 26), /cannot be read: invalid|cannot be read: incorrect/],
  ['too much promised', idx(0x803, [2 ** 31, 28, 28], new Uint8Array(84)), /promises 1683627180032 bytes/],
  ['too much promised, zipped', gzipSync(idx(0x803, [2 ** 31, 28, 28], [])), /zipped bytes cannot hold that/],
])('refuses %s', async (_, bytes, message) => {
  const path = file(Uint8Array.from(bytes));
  const error = await readIdxPictures(path).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(KindredError);
  expect(error.message).toMatch(message);
  expect(error.message).toContain(path);
});

test('refuses what is no file, and files that do not belong together', async () => {
  await expect(readIdxPictures(join(folder, 'none'))).rejects.toThrow(/there is no file .*none\. Check the path/);
  await expect(readIdxPictures(folder)).rejects.toThrow(/is no plain file/);
  const labels = file(idx(0x801, [3], [0, 1, 2]));
  await expect(readIdx(file(two), labels)).rejects.toThrow(/2 pictures in .* and 3 labels in/);
});

test('random bytes, with or without a true header, never do anything but read or explain', async () => {
  const bytes = fc.tuple(
    fc.constantFrom([], [0, 0, 8, 1], [0, 0, 8, 1, 0, 0, 0, 3], [0x1f, 0x8b, 8, 0]),
    fc.uint8Array(),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async ([start, rest], zip) => {
      const whole = Uint8Array.from([...start, ...rest]);
      const read = await readIdxLabels(file(zip ? gzipSync(whole) : whole)).catch((error) => error);
      if (read instanceof Uint8Array) expect(read).toEqual(whole.subarray(8));
      else expect(read).toBeInstanceOf(KindredError);
    }),
    { numRuns: 200 },
  );
});

test('the pictures that come with the project are balanced', async () => {
  const at = (name: string) => fileURLToPath(new URL(`../../data/fashion-mnist/${name}`, import.meta.url));
  for (const [part, perClass] of [
    ['train', 1200],
    ['validation', 100],
    ['test', 200],
  ] as const) {
    const { pictures, groups } = await readIdx(at(`${part}-images-idx3-ubyte.gz`), at(`${part}-labels-idx1-ubyte.gz`));
    expect(pictures).toMatchObject({ count: perClass * 10, height: 28, width: 28 });
    expect(members(groups).map((items) => items.length)).toEqual(Array(10).fill(perClass));
  }
});
