import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { probeCommand } from '../src/cli/probe.ts';
import { Random } from '../src/core/random.ts';
import { Program } from '../src/onnx/program.ts';
import { readRecipe } from '../src/recipes/read.ts';
import { trainRecipe } from '../src/train/run.ts';

// The recipes of pictures without labels, end to end: that of clothes on the data that come with kindred, that of CIFAR-10 on
// pictures that are drawn, stripes of another direction and colour for each class.
let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kindred-simclr-'));
  vi.stubEnv('KINDRED_DATA', join(root, 'data'));
  vi.stubEnv('KINDRED_CACHE', join(root, 'cache'));
  const random = Random.seeded(4);
  for (const part of ['train', 'test']) {
    for (const [c, name] of ['across', 'along', 'aslant'].entries()) {
      for (let i = 0; i < (part === 'train' ? 30 : 12); i++) {
        const path = join(root, 'data', 'cifar10', part, name, `${i}.png`);
        mkdirSync(dirname(path), { recursive: true });
        const shift = 6 * random.uniform();
        const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => {
          const [y, x] = [Math.floor(at / 96), Math.floor(at / 3) % 32];
          const along = [y, x, x + y][c];
          return Math.max(0, Math.min(255, 128 + 90 * Math.sin(along + shift) + 20 * random.normal()));
        });
        await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } }).toFile(path);
      }
    }
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

async function train(name: string, out: string, settings: readonly string[]) {
  const losses: number[] = [];
  const resolved = readRecipe(name, settings);
  for await (const event of trainRecipe({ recipe: resolved, out, threads: 1 })) {
    if (event.kind === 'step') losses.push(event.loss);
  }
  return { recipe: resolved.recipe, losses };
}

/** What the command prints, read as JSON. */
async function probed(...args: string[]) {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((words) => {
    text += words;
    return true;
  });
  try {
    await probeCommand().parseAsync([...args, '--threads', '1', '--json'], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return JSON.parse(text);
}

test('clothes: the model gives h, of the size of the encoder and not of the head', async () => {
  const out = join(root, 'fashion');
  const small = ['steps=6', 'evaluate.every=6', 'batches.items=16', 'encoder.channels=8', 'encoder.dimension=24'];
  const { recipe } = await train('simclr-fashion', out, small);
  expect(recipe).toMatchObject({ data: { learn: 'views' }, objective: { loss: { name: 'nt-xent' } } });
  expect(recipe.head?.dimension).not.toBe(24);
  const model = await Program.compile(join(out, 'model.onnx'), { threads: 1 });
  expect(model.outputs.map(({ name, ...rest }) => [name, 'shape' in rest && rest.shape[1]])).toEqual([
    ['embeddings', 24],
  ]);
  await model.release();
  // Judged by the classes, though nothing was learned from them.
  expect(JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'))).toMatchObject({ relation: 'groups' });
}, 240_000);

describe('CIFAR-10', () => {
  const small = ['steps=30', 'batches.items=24', 'encoder.channels=8', 'data.options.validation=0.3'];

  test('trains, and the probe reports what its embeddings know, beside raw pixels and random weights', async () => {
    const out = join(root, 'cifar');
    const { losses } = await train('simclr-cifar10', out, small);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    const found = await probed(out, '--baselines');
    expect(found).toMatchObject({
      ...{ run: out, part: 'test', classes: 3, items: { train: 63, validation: 27, test: 36 } },
      ...{ labels: 63, at10Percent: { labels: 6 }, at1Percent: { labels: 3 } },
    });
    const { raw, randomWeights } = found.baselines;
    expect([raw.name, randomWeights.name]).toEqual(['raw pixels', 'random weights']);
    for (const method of [found, raw, randomWeights]) {
      for (const each of [method, method.at10Percent, method.at1Percent]) {
        for (const score of ['linearAccuracy', 'knnAccuracy']) {
          // Whole items of 36.
          expect(Math.abs(36 * each[score] - Math.round(36 * each[score]))).toBeLessThan(1e-9);
          const [low, high] = each.intervals[score];
          expect(low <= each[score] && each[score] <= high).toBe(true);
        }
      }
    }
    expect(randomWeights.difference.linearAccuracy.value).toBeCloseTo(
      found.linearAccuracy - randomWeights.linearAccuracy,
      12,
    );
    // Stripes are told by any net that sees edges.
    expect(found.linearAccuracy).toBeGreaterThan(0.8);
    const validation = await probed(out, '--part', 'validation');
    expect(validation.part).toBe('validation');
    expect(validation.baselines).toBeUndefined();
  }, 240_000);

  test.each([
    'objective.loss={name: vicreg}',
    'objective.loss={name: barlow-twins}',
    'objective={loss: {name: nt-xent, temperature: 0.5}, cached: {chunk: 12}}',
    'encoder={name: resnet18, width: 4}',
    'head={hidden: [32, 32], dimension: 16, norm: true}',
    'head=null',
  ])(
    '%s is a switch of the same recipe',
    async (setting) => {
      const settings = [...small, setting].filter(
        (each) => !setting.startsWith('encoder=') || !each.includes('channels'),
      );
      const { losses } = await train('simclr-cifar10', join(root, 'switched'), ['steps=12', ...settings, 'steps=12']);
      expect(losses).toHaveLength(12);
      const mean = (part: readonly number[]) => part.reduce((a, b) => a + b) / part.length;
      expect(mean(losses.slice(-4))).toBeLessThan(mean(losses.slice(0, 2)));
    },
    240_000,
  );

  test('what has no classes cannot be probed', async () => {
    const out = join(root, 'pairs');
    await train('simclr-cifar10', out, [
      ...['steps=2', 'batches.items=8', 'encoder.channels=4'],
      `data={reader: files, items: {kind: pictures, path: ${join(root, 'data', 'cifar10', 'train', 'along')}, height: 16, width: 16, channels: 3}, learn: views}`,
    ]);
    await expect(probed(out)).rejects.toThrow(/tells the classes of items.*relations of the kind views/);
    await expect(probed(join(root, 'nowhere'))).rejects.toThrow(/not a finished run/);
  }, 240_000);
});
