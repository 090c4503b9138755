import type { Skipped } from '../readers/decode.ts';
import { readPictures } from '../readers/folders.ts';
import { readIdxPictures } from '../readers/idx.ts';
import type { Pictures } from '../relations/items.ts';

/** Pictures that a user names on the command line: a picture, a folder of them, or an IDX file, at the model's size. */
export async function picturesFrom(
  path: string,
  size: { readonly height: number; readonly width: number; readonly channels: 1 | 3 },
  options: { readonly strict?: boolean; readonly progress?: (done: number, total: number) => void } = {},
): Promise<{ readonly pictures: Pictures; readonly skipped: readonly Skipped[] }> {
  if (/idx3-ubyte(\.gz)?$/.test(path)) return { pictures: await readIdxPictures(path), skipped: [] };
  const { height, width, channels } = size;
  return readPictures(path, { height, width, channels, ...options });
}
