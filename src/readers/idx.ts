import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { KindredError } from '../core/error.ts';
import type { Groups } from '../relations/groups.ts';
import type { Pictures } from '../relations/items.ts';

/** The largest file read, in bytes once unzipped: one typed array holds it. */
const largest = 2 ** 32 - 1;
/** Deflate cannot shrink by more than 1032 to 1, so a larger promise is a lie and nothing is allocated for it. */
const bestRatio = 1032;

/**
 * Reads grey pictures from an IDX file (the format of MNIST), gzipped or plain, told apart by content.
 *
 * The file is: magic 0x00000803, count, height and width as big-endian 32-bit integers, then one byte per pixel. Ids
 * are the positions in the file, `'0'`, `'1'`, ... Memory is the pixels once, and never more than the file can hold,
 * whatever its header promises.
 *
 * Throws a {@link KindredError} naming the file for: a missing or empty file, a wrong magic number or type of values,
 * a file cut short or with bytes left over, damaged gzip, no pictures.
 *
 * Format: LeCun, Cortes and Burges, "The MNIST database", http://yann.lecun.com/exdb/mnist/
 */
export async function readIdxPictures(path: string): Promise<Pictures> {
  const { shape, values } = await readBytes(path, 3);
  const [count, height, width] = shape;
  const ids = Array.from({ length: count }, (_, i) => String(i));
  return { count, height, width, channels: 1, pixels: values, ids };
}

/** Reads labels, one byte each, from an IDX file with magic 0x00000801. Edges and errors as {@link readIdxPictures}. */
export async function readIdxLabels(path: string): Promise<Uint8Array> {
  return (await readBytes(path, 1)).values;
}

/**
 * Reads a file of pictures and the file of their labels.
 *
 * `names` are the classes by label; without it they are `'0'` to the highest label found. Throws a
 * {@link KindredError} when the counts differ or a label has no name.
 */
export async function readIdx(
  picturesPath: string,
  labelsPath: string,
  { names }: { names?: readonly string[] } = {},
): Promise<{ pictures: Pictures; groups: Groups }> {
  const pictures = await readIdxPictures(picturesPath);
  const labels = Int32Array.from(await readIdxLabels(labelsPath));
  if (labels.length !== pictures.count) {
    throw new KindredError({
      rule: 'Each picture has one label',
      received: `${pictures.count} pictures in ${picturesPath} and ${labels.length} labels in ${labelsPath}`,
      next: 'Give two files that belong together',
    });
  }
  const highest = labels.reduce((a, b) => Math.max(a, b), 0);
  if (names && highest >= names.length) {
    throw new KindredError({
      rule: 'Each label has a name',
      received: `label ${highest} in ${labelsPath} and ${names.length} names`,
      next: `Name all classes from 0 to ${highest}`,
    });
  }
  return { pictures, groups: { labels, names: names ?? Array.from({ length: highest + 1 }, (_, i) => String(i)) } };
}

async function readBytes(path: string, dimensions: number): Promise<{ shape: number[]; values: Uint8Array }> {
  const file = await open(path).catch((error) => {
    throw cannotOpen(path, error);
  });
  try {
    const { size, zipped } = await inspect(path, file);
    const header = 4 + 4 * dimensions;
    let head = new Uint8Array(0);
    let shape: number[] = [];
    let values: Uint8Array | undefined;
    let filled = 0;
    for await (let chunk of content(path, file, zipped)) {
      if (!values) {
        head = Buffer.concat([head, chunk]);
        if (head.length < header) continue;
        shape = readHeader(path, head, dimensions);
        values = new Uint8Array(promised(path, shape, size - header, size, zipped));
        chunk = head.subarray(header);
      }
      if (filled + chunk.length > values.length) {
        throw wrong(path, `has bytes left over after the ${shape.join(' x ')} values of its header`);
      }
      values.set(chunk, filled);
      filled += chunk.length;
    }
    if (!values) throw wrong(path, `ends inside its header, after ${head.length} of ${header} bytes`);
    if (filled < values.length) throw wrong(path, `was cut short: ${filled} of ${values.length} values are there`);
    return { shape, values };
  } finally {
    await file.close();
  }
}

const getItAgain = 'Fetch or make the file again';

function wrong(path: string, received: string, next = getItAgain, cause?: unknown): KindredError {
  return new KindredError({
    rule: 'An IDX file holds what its header says',
    received: `${path} ${received}`,
    next,
    cause,
  });
}

async function* content(path: string, file: FileHandle, zipped: boolean): AsyncGenerator<Uint8Array> {
  const stored = file.createReadStream({ autoClose: false, start: 0 });
  try {
    if (!zipped) return yield* stored;
    const unzipped = createGunzip();
    stored.on('error', (error) => unzipped.destroy(error)).pipe(unzipped);
    yield* unzipped;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'Z_BUF_ERROR'
      ? wrong(path, 'was cut short: its gzip stream has no end', getItAgain, error)
      : wrong(path, `cannot be read: ${message}`, getItAgain, error);
  } finally {
    stored.destroy();
  }
}

/** The number of values that the header promises, once it is known that the file can hold them. */
function promised(path: string, shape: number[], stored: number, size: number, zipped: boolean): number {
  const values = shape.reduce((a, b) => a * b);
  if (values > (zipped ? size * bestRatio : stored)) {
    const has = zipped ? `its ${size} zipped bytes cannot hold that` : `has ${stored}`;
    throw wrong(path, `promises ${values} bytes (${shape.join(' x ')}) and ${has}: it was cut short`);
  }
  if (values > largest) throw wrong(path, `has ${values} bytes, more than ${largest}`, 'Split it into smaller files');
  return values;
}

function cannotOpen(path: string, error: NodeJS.ErrnoException): KindredError {
  const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR';
  return new KindredError({
    rule: 'An IDX file can be opened',
    received: missing ? `there is no file ${path}` : `${path} gives ${error.code}`,
    next: missing ? 'Check the path' : 'Check its permissions',
    cause: error,
  });
}

/** Size on disk, and whether the content is gzip; a valid IDX file starts with two zero bytes, so this is certain. */
async function inspect(path: string, file: FileHandle): Promise<{ size: number; zipped: boolean }> {
  const stat = await file.stat();
  if (!stat.isFile() || stat.size === 0) {
    throw new KindredError({
      rule: 'An IDX file is a file with content',
      received: `${path} ${stat.isFile() ? 'has zero bytes' : 'is no plain file'}`,
      next: stat.isFile() ? getItAgain : 'Name the file itself',
    });
  }
  const start = new Uint8Array(2);
  await file.read(start, 0, 2, 0);
  return { size: stat.size, zipped: start[0] === 0x1f && start[1] === 0x8b };
}

const types: Record<number, string> = {
  8: 'unsigned bytes',
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: '32-bit floats',
  14: '64-bit floats',
};

function readHeader(path: string, head: Uint8Array, dimensions: number): number[] {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [zero, alsoZero, type, found] = head;
  const magic = `0x${view.getUint32(0).toString(16).padStart(8, '0')}`;
  if (zero !== 0 || alsoZero !== 0 || !(type in types)) {
    throw wrong(path, `starts with ${magic}, which no IDX file does`, 'Give an IDX file, gzipped or plain');
  }
  if (type !== 8) throw wrong(path, `holds ${types[type]} (magic number ${magic})`, 'Give a file of unsigned bytes');
  if (found !== dimensions) {
    const [expected, kind] = dimensions === 3 ? ['0x00000803', 'pictures'] : ['0x00000801', 'labels'];
    throw wrong(
      path,
      `has magic number ${magic}, ${found} dimensions`,
      `Give a file of ${kind}, magic number ${expected}`,
    );
  }
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) throw wrong(path, `holds nothing (${shape.join(' x ')})`, 'Give a file that holds something');
  return shape;
}
