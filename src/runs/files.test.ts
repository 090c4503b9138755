import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { imageFeed } from '../encoders/feeds/image.ts';
import { recipeSchema } from '../recipes/schema.ts';
import { makeRunFolder, openRun, preprocessOf, runFiles, saveJson, saveRecipe, unfinish } from './files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-runs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const recipe = recipeSchema.parse({
  version: 1,
  data: { reader: 'idx', folder: '/data' },
  batches: { groups: 2, perGroup: 2 },
  encoder: { name: 'mlp' },
  objective: { loss: { name: 'supcon' } },
  optimizer: [{ name: 'sgd', rate: 0.1 }],
  steps: 3,
});

const feed = (size: { height: number; width: number; channels: 1 | 3 }, pixels: NonNullable<Encoder['pixels']>) =>
  imageFeed(
    { ...size, count: 0, pixels: new Uint8Array(0), ids: [] },
    { encoder: { name: 'bare', pixels, apply: (_, x) => x } },
  );

function thrown(attempt: () => unknown): KindredError {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(KindredError);
    return error as KindredError;
  }
  throw new Error('nothing was refused');
}

test('a folder is a finished run from the moment its last file is there', () => {
  const run = join(root, 'new', 'run');
  makeRunFolder(run);
  const files = runFiles(run);
  const missing = (path: string) =>
    expect(thrown(() => openRun(run))).toMatchObject({
      exitCode: 1,
      message: `${run} is not a finished run: there is no ${path}. Name the folder that \`kindred train\` wrote, such as runs/demo.`,
    });
  missing(files.recipe);
  const checkpoints = join(run, 'checkpoints');
  mkdirSync(checkpoints);
  for (const file of ['step-00000007.json', 'step-00000007.safetensors']) writeFileSync(join(checkpoints, file), '');
  expect(thrown(() => openRun(run)).message).toContain(`Go on with its training: kindred train --resume ${run}.`);
  rmSync(checkpoints, { recursive: true });
  saveRecipe(run, recipe);
  missing(files.model);
  writeFileSync(files.model, 'onnx');
  missing(files.metrics);
  saveJson(files.metrics, { mapAtR: 1 });
  expect(JSON.parse(readFileSync(files.metrics, 'utf8'))).toEqual({ mapAtR: 1 });
  const opened = openRun(run);
  expect(opened.recipe).toEqual(recipe);
  expect(isAbsolute(opened.folder)).toBe(true);
  unfinish(run);
  missing(files.metrics);
});

test('a folder that is not there is wrong usage', () => {
  expect(thrown(() => openRun(join(root, 'none'))).exitCode).toBe(2);
});

test('a recipe that was damaged in the run folder is an error that names it', () => {
  const files = runFiles(root);
  for (const path of [files.model, files.metrics]) writeFileSync(path, '');
  writeFileSync(files.recipe, 'version: [');
  expect(thrown(() => openRun(root).recipe).message).toContain(files.recipe);
});

test('an empty folder, or one of a run, becomes the folder of a run', () => {
  makeRunFolder(root);
  writeFileSync(join(root, '.DS_Store'), '');
  makeRunFolder(root);
  // What an interrupted run has written.
  saveRecipe(root, recipe);
  writeFileSync(runFiles(root).curve, '');
  makeRunFolder(root);
  expect(readdirSync(root).sort()).toEqual(['.DS_Store', 'curve.jsonl', 'recipe.yaml']);
});

test('a folder of something else is refused and named', () => {
  for (const name of ['d.txt', 'a.txt', 'c.txt', 'b.txt']) writeFileSync(join(root, name), name);
  const error = thrown(() => makeRunFolder(root));
  expect(error.exitCode).toBe(2);
  expect(error.message).toBe(
    `A folder that holds something else than a run is not touched: ${root} holds a.txt, b.txt, c.txt and 1 more. Name another folder with --out.`,
  );
  const file = join(root, 'a.txt');
  expect(thrown(() => makeRunFolder(file)).message).toContain(`"${file}" is a file, or lies below one`);
  expect(thrown(() => makeRunFolder(join(file, 'run'))).message).toContain('is a file, or lies below one');
  expect(readFileSync(file, 'utf8')).toBe('a.txt');
  expect(thrown(() => makeRunFolder('')).message).toMatch(
    /cannot be made: "" lies where writing is not possible \(ENOENT\)\. Name/,
  );
});

test('unfinishing what never was finished is no error', () => {
  mkdirSync(join(root, 'x'));
  unfinish(join(root, 'x'));
  unfinish(join(root, 'y'));
  expect(existsSync(join(root, 'y'))).toBe(false);
});

test('preprocessing in words, grey and in colour', () => {
  expect(preprocessOf(feed({ height: 28, width: 32, channels: 1 }, { mean: [72.96], deviation: [90.0214] }))).toEqual({
    input: 'pixels, uint8 [batch, 28, 32, 1], values 0 to 255',
    kind: 'image',
    height: 28,
    width: 32,
    channels: 1,
    before: 'decode, turn upright by EXIF, flatten on white, grey, scale to cover 32 x 28, cut the middle',
    inside: '(pixels - [72.960]) / [90.021]',
  });
  const colour = preprocessOf(feed({ height: 8, width: 8, channels: 3 }, { mean: [1, 2, 3], deviation: [4, 5, 6] }));
  expect(colour.before).toContain('sRGB');
  expect(colour.inside).toBe('(pixels - [1.000, 2.000, 3.000]) / [4.000, 5.000, 6.000]');
});
