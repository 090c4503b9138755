import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import sharp, { type Sharp } from 'sharp';
import { KindredError, must } from '../core/error.ts';
import type { Crop, Pictures } from '../relations/items.ts';
import { alignedFace } from './faces/aligned.ts';

/** How pictures are brought to one shape. */
export interface Shape {
  /** Pixels. */
  readonly height: number;
  /** Pixels. */
  readonly width: number;
  /** 1: grey, 3: RGB. */
  readonly channels: 1 | 3;
  /** The share of rows and columns, in the middle, that is looked at: all (1) unless given; or the largest face, found and turned upright. */
  readonly crop?: Crop | undefined;
}

/** A file or a row that was left out, and why. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** A decoded picture of the shape asked for, and the size in pixels that it had, as it is looked at. */
export interface Decoded {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Why a picture cannot be had. `passing`: the system could not read the file, and may the next time. */
export interface Failure {
  readonly reason: string;
  readonly passing: boolean;
}

/** Larger files are left out: no picture needs them, and they are held in memory while being decoded. */
const largestFile = 2 ** 29;
/** A picture longer than so many times its target's proportions is left out: hardly anything of it would be seen. */
const longest = 64;

/**
 * Decodes one picture file, or says why it cannot be.
 *
 * The picture is turned as its EXIF orientation says, laid on white where transparent, converted to 8-bit sRGB or grey
 * (from 16 bits, CMYK, palettes, any embedded profile), and brought to `shape` by scaling it until it covers the shape
 * and cutting off what sticks out, half on each side (with `crop` below 1, scaling it until that share in its middle does). Scaling keeps proportions, which carry meaning (a bottle is not a
 * bag); bars around the picture would teach the encoder the shape of the frame. Of an animation the first frame is taken.
 *
 * A picture that is cut short or damaged is refused, even when only the part that would be cut off is missing.
 */
export async function decodePicture(path: string, shape: Shape): Promise<Decoded | Failure> {
  const { height, width, channels, crop = 1 } = shape;
  try {
    const file = await stat(path);
    if (!file.isFile()) return lasting('is not a file');
    if (file.size === 0) return lasting('has zero bytes');
    if (file.size > largestFile) return lasting(`has more than ${largestFile} bytes`);
    // Bytes, not the path: the decoder remembers pictures by path and would not see that a file has changed.
    const image = sharp(await readFile(path), { failOn: 'error', pages: 1 }).autoOrient();
    const size = (await image.metadata()).autoOrient;
    if (crop === 'detect') return await faceOf(image, shape, size);
    const scale = Math.max(height / size.height, width / size.width) / crop;
    const high = Math.max(height, Math.round(size.height * scale));
    const wide = Math.max(width, Math.round(size.width * scale));
    if (high * wide * crop * crop > longest * height * width) {
      return lasting(`is ${size.width} x ${size.height} pixels, too long for ${width} x ${height}`);
    }
    // Cut here and not by the decoder, which would not read, and so not check, the rows that are cut off.
    const { data } = await image
      .flatten({ background: '#fff' })
      .resize(wide, high, { fit: 'fill' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { pixels: middle(data, high, wide, shape), height: size.height, width: size.width };
  } catch (error) {
    if (error instanceof KindredError) throw error;
    return failureOf(error);
  }
}

/** Larger pictures are scaled down to it before a face is looked for. */
const faceSide = 1600;

/** The largest face of a picture, as {@link alignedFace} turns it. */
async function faceOf(
  image: Sharp,
  shape: Shape,
  size: { readonly height: number; readonly width: number },
): Promise<Decoded | Failure> {
  const { data, info } = await image
    .flatten({ background: '#fff' })
    .resize(faceSide, faceSide, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const face = await alignedFace({ height: info.height, width: info.width, pixels: data }, shape);
  if (face === undefined) return lasting(noFace);
  const pixels =
    shape.channels === 3 ? face : Uint8Array.from({ length: face.length / 3 }, (_, i) => grey(face, 3 * i));
  return { pixels, height: size.height, width: size.width };
}

/** Why a picture is left out of which faces are looked at. */
export const noFace = 'shows no face';

/** Rec. 709. */
const grey = (colours: Uint8Array, at: number) =>
  Math.round(0.2126 * colours[at] + 0.7152 * colours[at + 1] + 0.0722 * colours[at + 2]);

function middle(data: Uint8Array, high: number, wide: number, { height, width, channels }: Shape): Uint8Array {
  const cut = new Uint8Array(height * width * channels);
  const top = (high - height) >> 1;
  const left = (wide - width) >> 1;
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * wide + left) * channels;
    cut.set(data.subarray(start, start + width * channels), y * width * channels);
  }
  return cut;
}

const lasting = (reason: string): Failure => ({ reason, passing: false });

function failureOf(error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return lasting('does not exist');
  if (code === 'ELOOP') return lasting(`cannot be read (${code})`);
  if (code) return { reason: code === 'EACCES' ? 'may not be read' : `cannot be read (${code})`, passing: true };
  const [first] = message.split('\n');
  if (/unsupported image format/.test(first)) return lasting('is not a picture, or is damaged');
  // libvips keeps one list of messages for all threads: where several pictures fail at once, one may be left without.
  return lasting(`cannot be decoded (${first === 'Unknown error' ? 'it is damaged' : first})`);
}

export interface PictureFile {
  readonly id: string;
  readonly path: string;
}

/** The pixels of the pictures that were decoded, without gaps, and the failures of the others by position of the file. */
export interface Block {
  readonly pixels: Uint8Array;
  readonly failures: ReadonlyMap<number, Failure>;
}

/** Decodes many files in parallel into one block, in the order given. */
export async function decodeBlock(
  files: readonly PictureFile[],
  shape: Shape,
  progress?: (done: number, total: number) => void,
): Promise<Block> {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  must([height, width].every((side) => Number.isInteger(side) && side > 0) && size * files.length < 2 ** 32, () => ({
    rule: 'Pictures are held in one block, of at most 4 GiB of pixels',
    received: `${files.length} pictures of ${height} x ${width} x ${channels}`,
    next: 'Give a smaller height and width in whole pixels, or fewer pictures',
  }));
  const pixels = new Uint8Array(size * files.length);
  const failures = new Map<number, Failure>();
  let done = 0;
  await inParallel(files.length, async (i) => {
    const decoded = await decodePicture(files[i].path, shape);
    if ('reason' in decoded) failures.set(i, decoded);
    else pixels.set(decoded.pixels, i * size);
    progress?.(++done, files.length);
  });
  let kept = 0;
  for (let i = 0; i < files.length; i++) {
    if (!failures.has(i)) pixels.copyWithin(kept++ * size, i * size, (i + 1) * size);
  }
  return { pixels: pixels.subarray(0, kept * size), failures };
}

/**
 * The pictures of a block, under their ids; `kept` are the positions of their files. Those that failed are listed.
 *
 * With `strict`, any failure is a {@link KindredError} that lists the first ones; so is, always, when no picture can be
 * read at all.
 */
export function picturesOf(
  files: readonly PictureFile[],
  { height, width, channels, crop = 1 }: Shape,
  { pixels, failures }: Block,
  strict = false,
): { pictures: Pictures; kept: number[]; skipped: Skipped[] } {
  const skipped: Skipped[] = [];
  const kept: number[] = [];
  files.forEach(({ path }, i) => {
    const failure = failures.get(i);
    if (failure === undefined) kept.push(i);
    else skipped.push({ path, reason: failure.reason });
  });
  if (kept.length === 0 || (strict && skipped.length > 0)) throw refusal(skipped, files.length);
  const ids = kept.map((i) => files[i].id);
  const looked = crop === 'detect' || crop < 1 ? { crop } : {};
  return { pictures: { count: kept.length, height, width, channels, ...looked, pixels, ids }, kept, skipped };
}

/** The error for pictures that may not be left out: all of them, or any under `strict`. Names the first three. */
export function refusal(skipped: readonly Skipped[], total: number): KindredError {
  const named = skipped.slice(0, 3).map(({ path, reason }) => `${path} ${reason}`);
  if (skipped.length > named.length) named.push(`and ${skipped.length - named.length} more`);
  return new KindredError({
    rule: skipped.length === total ? 'At least one picture can be read' : 'Every picture that is asked for can be read',
    received: `${skipped.length} of ${total} cannot: ${named.join('; ')}`,
    next: skipped.length === total ? 'Give pictures that can be read' : 'Repair or remove them',
  });
}

/** Does `work` for 0 to `count - 1`, started in order, as many at a time as keep the processors busy. */
export async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker));
}
