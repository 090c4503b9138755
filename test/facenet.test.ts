import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Random } from '../src/core/random.ts';
import { readRecipe } from '../src/recipes/read.ts';
import { trainRecipe } from '../src/train/run.ts';

// The recipes of faces, end to end, on people who are drawn: three blobs on grey, elsewhere for each person.
let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kindred-facenet-'));
  vi.stubEnv('KINDRED_DATA', join(root, 'data'));
  const random = Random.seeded(6);
  for (let person = 1; person <= 12; person++) {
    const blobs = Array.from({ length: 3 }, () => [0.3 + 0.4 * random.uniform(), 0.3 + 0.4 * random.uniform()]);
    for (let i = 0; i < 6; i++) {
      const moved = blobs.map(([y, x]) => [y + 0.01 * random.normal(), x + 0.01 * random.normal()]);
      const small = drawn(112, 92, moved, random);
      put(`orl_faces/s${person}/${i + 1}.pgm`, Buffer.concat([Buffer.from('P5\n92 112\n255\n'), small]));
      const large = sharp(drawn(80, 80, moved, random), { raw: { height: 80, width: 80, channels: 1 } });
      put(`lfw10/Person_${person}/${i}.jpg`, await large.jpeg().toBuffer());
    }
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function put(path: string, content: Uint8Array): void {
  mkdirSync(dirname(join(root, 'data', path)), { recursive: true });
  writeFileSync(join(root, 'data', path), content);
}

function drawn(height: number, width: number, blobs: readonly number[][], random: Random): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: height * width }, (_, at) => {
      const [y, x] = [Math.floor(at / width) / height, (at % width) / width];
      const near = blobs.reduce((sum, [top, left]) => sum + Math.exp(-((y - top) ** 2 + (x - left) ** 2) / 0.004), 0);
      return Math.max(0, Math.min(255, 90 + 120 * near + 8 * random.normal()));
    }),
  );
}

test.each(['facenet', 'facenet-orl'])('%s trains, exports and measures people never seen', async (name) => {
  const out = join(root, name);
  const small = ['steps=40', 'batches.groups=4', 'batches.perGroup=3', 'encoder.channels=8', 'encoder.dimension=16'];
  const resolved = readRecipe(name, name === 'facenet' ? [...small, 'data.options.minimum=6'] : small);
  const { recipe } = resolved;
  expect(recipe.objective).toMatchObject({ loss: { name: 'triplet', margin: 0.2 } });
  expect(recipe.objective.miners.at(-1)?.name).toMatch(/hard/);
  for await (const _ of trainRecipe({ recipe: resolved, out, threads: 1 }));
  const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
  console.log(JSON.stringify(metrics).slice(0, 900));
  const preprocess = JSON.parse(readFileSync(join(out, 'preprocess.json'), 'utf8'));
  expect(preprocess).toMatchObject(name === 'facenet' ? { height: 64, crop: 0.5 } : { height: 112, width: 92 });
});
