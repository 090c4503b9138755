import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { must } from '../core/error.ts';
import type { ModelInput } from '../encoders/feed.ts';
import { idInput } from '../encoders/feeds/id.ts';
import { noFace, type Shape, type Skipped } from '../readers/decode.ts';
import { readPictures } from '../readers/folders.ts';
import { readIdxPictures } from '../readers/idx.ts';
import type { Crop, Pictures } from '../relations/items.ts';
import { runFiles } from '../runs/files.ts';
import { shellWord } from '../runs/shell-word.ts';

/** Pictures that a user names on the command line: a picture, a folder of them, or an IDX file, at the model's size. */
export async function picturesFrom(
  path: string,
  size: Shape,
  options: { readonly strict?: boolean; readonly progress?: (done: number, total: number) => void } = {},
): Promise<{ readonly pictures: Pictures; readonly skipped: readonly Skipped[] }> {
  if (/idx3-ubyte(\.gz)?$/.test(path)) return { pictures: await readIdxPictures(path), skipped: [] };
  const read = await readPictures(path, { ...size, ...options });
  mustShowFaces(read.skipped);
  return read;
}

/** @throws KindredError that names the pictures in which no face was found, where faces were looked for */
function mustShowFaces(skipped: readonly Skipped[]): void {
  const without = skipped.filter(({ reason }) => reason === noFace).map(({ path }) => path);
  const more = without.length > 3 ? ` and ${without.length - 3} more` : '';
  must(without.length === 0, () => ({
    rule: 'Where faces are looked at, every picture shows one',
    received: `none found in ${without.slice(0, 3).join(', ')}${more}`,
    next: 'Take these pictures away, or crop them by hand and leave out --crop',
  }));
}

/** The size of the pictures that the model of a run takes; `model` is its file. They are cut as the run's own were, unless `crop` is given. */
export function pictureSize({ name, shape }: ModelInput, model: string, crop?: Crop): Shape {
  must(name === 'pixels' && shape.length === 3, () => ({
    rule: 'The model does not take pictures',
    received: `its input is ${name} of ${shape.join(' x ')}`,
    next:
      name === idInput.name
        ? 'Name an item of the run by its id: it knows no other'
        : `Write vectors of what it takes: kindred features ${shellWord(model)} FILE -o FILE`,
  }));
  const [height, width, channels] = shape;
  return { height, width, channels: channels as 1 | 3, crop: crop ?? cropOf(model) };
}

/** The share in the middle of the pictures that a run was trained on, as it noted beside its model. */
function cropOf(model: string): Crop | undefined {
  const noted = runFiles(dirname(model)).preprocess;
  if (!existsSync(noted)) return undefined;
  const { crop } = JSON.parse(readFileSync(noted, 'utf8')) as { readonly crop?: Crop };
  return crop;
}
