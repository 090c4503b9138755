import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../src/core/random.ts';

/** What a class looks like: a colour, over which noise is laid. */
export type Colours = Readonly<Record<string, readonly [number, number, number]>>;

export const threeColours: Colours = { red: [200, 40, 40], green: [40, 200, 40], blue: [40, 40, 200] };
export const threeGreys: Colours = { dark: [40, 40, 40], middle: [120, 120, 120], light: [210, 210, 210] };

/** Writes one noisy picture, `size` pixels each way; the ending of the path chooses the format. Grey stays grey. */
export async function writePicture(
  path: string,
  [red, green, blue]: readonly [number, number, number],
  random: Random,
  size = 16,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < pixels.length; i += 3) {
    const noise = Math.round(random.uniform() * 40);
    pixels.set([red + noise, green + noise, blue + noise], i);
  }
  await sharp(pixels, { raw: { width: size, height: size, channels: 3 } }).toFile(path);
}

/** `root/CLASS/0.png`, `1.png`, ...: so many pictures of each class. */
export async function writeClasses(
  root: string,
  colours: Colours,
  count: number,
  options: { readonly size?: number; readonly extension?: string } = {},
): Promise<void> {
  const random = Random.seeded(1);
  for (const [name, colour] of Object.entries(colours)) {
    for (let i = 0; i < count; i++) {
      await writePicture(join(root, name, `${i}.${options.extension ?? 'png'}`), colour, random, options.size);
    }
  }
}
