import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { embedCommand } from '../src/cli/embed.ts';
import { Random } from '../src/core/random.ts';
import { recipeSchema } from '../src/recipes/schema.ts';
import { trainRecipe } from '../src/train/run.ts';
import { threeColours, writeClasses } from './pictures.ts';

/** The size of the models below: not square, so that what is turned or mixed up shows. */
const size = { height: 20, width: 24 };

/** A run of three steps in `folder`/run, and pictures that it has not seen: what programs outside of Kindred embed. */
export async function runAndPictures(folder: string, channels: 1 | 3): Promise<{ run: string; pictures: Pictures }> {
  const photos = join(folder, 'photos');
  await writeClasses(photos, threeColours, 8);
  const recipe = recipeSchema.parse({
    version: 1,
    data: {
      reader: 'folders',
      folder: photos,
      ...size,
      channels,
      split: { by: 'item', validation: 0.25, test: 0.25 },
    },
    batches: { groups: 3, perGroup: 2 },
    encoder: { name: 'strided', dimension: 16, channels: [8, 16] },
    objective: { loss: { name: 'supcon' } },
    optimizer: [{ name: 'adam', rate: 0.001 }],
    steps: 3,
  });
  const run = join(folder, 'run');
  for await (const _ of trainRecipe({ recipe: { name: 'run', recipe }, out: run, threads: 2 }));
  return { run, pictures: await writePictures(folder, channels) };
}

interface Pictures {
  /** PNG files of the model's size and colours, without transparency. */
  readonly exact: readonly string[];
  /** Those whose decoding or scaling is done differently by different programs. */
  readonly others: readonly string[];
}

async function writePictures(folder: string, channels: 1 | 3): Promise<Pictures> {
  mkdirSync(join(folder, 'new'));
  const random = Random.seeded(3);
  const write = async (name: string, values: Uint8Array, width: number, height: number, bands: 1 | 3 | 4) => {
    const path = join(folder, 'new', name);
    const picture = sharp(values, { raw: { width, height, channels: bands } });
    if (name.startsWith('turned')) picture.withMetadata({ orientation: 6 });
    await (bands === 1 ? picture.toColourspace('b-w') : picture).toFile(path);
    return path;
  };
  const noise = (bands: number) =>
    Uint8Array.from({ length: size.height * size.width * bands }, () => random.integer(256));
  /** Something smooth with edges, as photographs are. */
  const photograph = (width: number, height: number) => {
    const [a, b, c] = [random.uniform(), random.uniform(), random.uniform()];
    return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [(Math.floor(i / 3) % width) / width, Math.floor(i / 3 / width) / height];
      const wave = Math.sin(9 * (x + a) + 5 * b * y * (1 + (i % 3))) * 70;
      return 128 + wave + ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.1 * (0.5 + c) ? 50 : -40);
    });
  };
  const { width, height } = size;
  const exact = [];
  for (let i = 0; i < 3; i++) exact.push(await write(`noise ${i}.png`, noise(channels), width, height, channels));
  const others = [
    await write('large.png', photograph(330, 200), 330, 200, 3),
    await write('turned.jpg', photograph(250, 90), 250, 90, 3),
    await write('colour.png', photograph(width, height), width, height, 3),
    await write('transparent.png', noise(4), width, height, 4),
  ];
  return { exact, others };
}

/** The vectors that `kindred embed` writes for each picture. */
export async function embedded(run: string, pictures: readonly string[], folder: string): Promise<number[][]> {
  const vectors: number[][] = [];
  for (const [i, picture] of pictures.entries()) {
    const file = join(folder, `vectors ${i}.jsonl`);
    await embedCommand().parseAsync([run, picture, '-o', file], { from: 'user' });
    vectors.push(JSON.parse(readFileSync(file, 'utf8')).vector);
  }
  return vectors;
}

/**
 * The first `exact` vectors are the same to 1e-4. The others are near, and far from those of other pictures.
 */
export function expectSame(vectors: readonly number[][], expected: readonly number[][], exact: number): void {
  expect(vectors).toHaveLength(expected.length);
  for (const [i, vector] of vectors.entries()) {
    expect(vector).toHaveLength(expected[i].length);
    const differences = vector.map((value, d) => Math.abs(value - expected[i][d]));
    if (i < exact) expect(Math.max(...differences), `picture ${i}`).toBeLessThan(1e-4);
    const cosines = expected.map((other) => vector.reduce((sum, value, d) => sum + value * other[d], 0));
    expect(cosines[i], `picture ${i}`).toBeGreaterThan(0.99);
    expect(Math.max(...cosines.filter((_, j) => j !== i)), `picture ${i} and the nearest other`).toBeLessThan(0.9);
  }
}
