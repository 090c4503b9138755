import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, realpathSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { cacheFolder, withoutCache } from '../core/cache-folder.ts';
import { replaceFile } from '../core/files.ts';
import { mapFile } from '../core/map-file.ts';
import { type Block, decodeBlock, type PictureFile, type Shape } from './decode.ts';
import { installedFaces } from './faces/installed.ts';

/** What a picture decodes to depends on this and on sharp and libvips; count on when `decodePicture` changes. */
const decoder = [1, sharp.versions.sharp, sharp.versions.vips].join(' ');
/** A folder with fewer pictures than this, in fewer bytes than that, is decoded about as fast as a cache is read. */
const least = { files: 200, bytes: 8 * 2 ** 20 };
/** Pixels begin at a multiple of it, as pages of memory do. */
const page = 4096;

/**
 * {@link decodeBlock}, remembered: the pixels of a folder at a shape are written to one file, and the next time, in this
 * process or another, that file is mapped into memory (`mapFile`) and nothing is decoded.
 *
 * The file lies in the `cacheFolder`; there is one for each folder, selection and shape. It holds while the files are the
 * same, each with the same size and time of change (to the nanosecond), and the decoder is the same; content that changes
 * without these is not noticed.
 * It is written whole or not at all, so that of several processes that write it at once the last wins and all are right.
 * Small folders, which are decoded quickly, have none, and neither have those with a file that the system failed to read.
 *
 * A cache that cannot be written is a warning of the process, once; all works without it.
 *
 * @param selection which of the folder's pictures `files` are, in a word
 */
export async function decodeCached(
  folder: string,
  selection: string,
  files: readonly PictureFile[],
  shape: Shape,
  progress?: (done: number, total: number) => void,
): Promise<Block> {
  const { height, width, channels, crop } = shape;
  const key = { folder: realpathSync(folder), selection, height, width, channels, crop };
  const state = stateOf(files);
  const path = state && cachePath(JSON.stringify(key));
  if (path === undefined) return decodeBlock(files, shape, progress);
  const faces = crop === 'detect' ? { faces: installedFaces().version } : {};
  const about = JSON.stringify({ kindred: 'pictures', decoder, ...faces, ...key, state });
  const stored = await load(path, about, files, shape);
  if (stored !== undefined) {
    progress?.(files.length, files.length);
    return stored;
  }
  const decoded = await decodeBlock(files, shape, progress);
  const failures = [...decoded.failures];
  if (failures.some(([, { passing }]) => passing) || !(await store(path, about, decoded))) return decoded;
  // The memory that was decoded into can go; pages of a file are the system's to keep or to drop.
  return (await load(path, about, files, shape)) ?? decoded;
}

/** A hash of the files' names, sizes and times of change; undefined where they are too few to be worth a cache. */
function stateOf(files: readonly PictureFile[]): string | undefined {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const { id, path } of files) {
    const stat = statOf(path);
    bytes += Number(stat?.size ?? 0);
    hash.update(`${id}\0${stat?.size} ${stat?.mtimeNs}\n`);
  }
  return files.length < least.files && bytes < least.bytes ? undefined : hash.digest('hex');
}

function statOf(path: string) {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function cachePath(key: string): string | undefined {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
  try {
    return join(cacheFolder(), `${name}.pixels`);
  } catch (error) {
    warn(error);
    return undefined;
  }
}

/** A file is a line `[about, failures]`, filled up with spaces to whole pages, and then the pixels. */
async function store(path: string, about: string, { pixels, failures }: Block): Promise<boolean> {
  const line = Buffer.from(JSON.stringify([about, [...failures].map(([i, { reason }]) => [i, reason])]));
  const head = Buffer.alloc(page * Math.ceil((line.length + 1) / page), ' ');
  line.copy(head);
  head[head.length - 1] = 10;
  if (head.length + pixels.length > constants.MAX_LENGTH) return false;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, (temporary) => write(temporary, [head, pixels]));
    return true;
  } catch (error) {
    warn(error);
    return false;
  }
}

/** `fs.writeFile` ends at 2 GiB. */
function write(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, 'w');
  try {
    for (const part of parts) {
      for (let at = 0; at < part.length; ) at += writeSync(file, part, at, Math.min(part.length - at, 2 ** 30));
    }
  } finally {
    closeSync(file);
  }
}

/** What was stored under this very description; undefined where it is missing, of another state, or damaged. */
async function load(
  path: string,
  about: string,
  files: readonly PictureFile[],
  { height, width, channels }: Shape,
): Promise<Block | undefined> {
  try {
    const { bytes } = await mapFile(path);
    const end = bytes.indexOf(10);
    const [found, failed] = JSON.parse(Buffer.from(bytes.buffer, 0, end).toString()) as [string, [number, string][]];
    const pixels = bytes.subarray(end + 1);
    if (found !== about || pixels.length !== (files.length - failed.length) * height * width * channels) {
      return undefined;
    }
    return { pixels, failures: new Map(failed.map(([i, reason]) => [i, { reason, passing: false }])) };
  } catch {
    return undefined;
  }
}

let warned = false;

function warn(error: unknown): void {
  if (warned) return;
  warned = true;
  process.emitWarning(`Pictures are decoded anew each time, without a cache: ${withoutCache(error)}`);
}
