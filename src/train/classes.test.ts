import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { groupsOf } from '../batches/groups-of.ts';
import { Random } from '../core/random.ts';
import { mlp } from '../encoders/mlp.ts';
import { sgdRows } from '../optimizers/rows.ts';
import { sgd } from '../optimizers/sgd.ts';
import { build } from '../recipes/build.ts';
import { recipeSchema } from '../recipes/schema.ts';
import { groups } from '../relations/groups.ts';
import { itemsOf } from '../relations/items.ts';
import { lastCheckpoint, saveCheckpoint } from '../runs/checkpoints.ts';
import { Classes } from './classes.ts';
import { type FitOptions, fit } from './fit.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-classes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SIDE = 6;
const CLASSES = 200;
const labels = Int32Array.from({ length: 3 * CLASSES }, (_, i) => i % CLASSES);
const random = Random.seeded(1);
const prototypes = Array.from({ length: CLASSES * SIDE * SIDE }, () => 255 * random.uniform());
const pixels = Uint8Array.from({ length: labels.length * SIDE * SIDE }, (_, i) => {
  const [item, pixel] = [Math.floor(i / SIDE / SIDE), i % (SIDE * SIDE)];
  return 0.8 * prototypes[labels[item] * SIDE * SIDE + pixel] + 40 * random.uniform();
});
const ids = Array.from(labels, (_, i) => String(i));
const items = itemsOf({ count: labels.length, height: SIDE, width: SIDE, channels: 1, pixels, ids });

const recipe = (objective: object) =>
  recipeSchema.parse({
    version: 1,
    data: { reader: 'idx', folder: 'x' },
    batches: { groups: 16, perGroup: 2 },
    encoder: { name: 'mlp', dimension: 16, hidden: [] },
    objective,
    optimizer: [{ name: 'sgd', rate: 0.1 }],
    steps: 1,
  });

const softmax = { name: 'sampled-softmax', similarity: 'cosine', scale: 16, cosine: 0.1 };
const drawn = { samples: 24, rate: 0.1, folder };

async function options(more: Partial<FitOptions>, classes: object = drawn): Promise<FitOptions> {
  const { objective, classes: settings } = await build(recipe({ loss: softmax, classes }));
  return {
    items,
    relations: groups({ labels, names: Array.from({ length: CLASSES }, (_, i) => String(i)) }),
    batches: groupsOf({ groups: 16, perGroup: 2 }),
    encoder: mlp({ hidden: [], dimension: 16 }),
    objective,
    classes: settings,
    optimizer: sgd({ rate: 0.1 }),
    steps: 60,
    seed: 7,
    threads: 1,
    ...more,
  };
}

async function losses(given: FitOptions, keep?: string): Promise<number[]> {
  const found: number[] = [];
  for await (const event of fit(given)) {
    if (event.kind === 'step') found.push(event.loss);
    if (event.kind === 'checkpoint' && keep) saveCheckpoint(keep, { ...event.take(), recipe: {} }, { keep: 1 });
  }
  return found;
}

test('classes that are drawn are learned, with any sampler and optimizer', async () => {
  for (const more of [
    { sampler: { name: 'uniform', batch: true } },
    { sampler: { name: 'log-uniform' }, optimizer: 'adam', rate: { name: 'cosine', peak: 0.05 }, bias: true },
    { sampler: { name: 'in-batch' }, samples: 32, optimizer: 'sgd', rate: 1 },
  ]) {
    const found = await losses(await options({}, { ...drawn, ...more }));
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(found.slice(-10)), JSON.stringify(more)).toBeLessThan(0.8 * mean(found.slice(0, 10)));
  }
});

test('goes on to the same bits from what changed since a checkpoint with all classes', async () => {
  const run = join(folder, 'run');
  const learned = { ...drawn, sampler: { name: 'learned' }, samples: 4, optimizer: 'adam', rate: 0.01, bias: true };
  const settings = { checkpointEvery: 1, batches: groupsOf({ groups: 4, perGroup: 2 }), steps: 40 };
  const whole = await losses(await options({ ...settings, checkpointEvery: 40 }, learned));
  const first = new AbortController();
  const part: number[] = [];
  for await (const event of fit(await options({ ...settings, signal: first.signal }, learned))) {
    if (event.kind === 'step') {
      part.push(event.loss);
      if (event.step === 27) first.abort();
    }
    if (event.kind === 'checkpoint') saveCheckpoint(run, { ...event.take(), recipe: {} }, { keep: 1 });
  }
  const kept = lastCheckpoint(run);
  expect(kept.step).toBe(27);
  expect(kept.rows?.length).toBeGreaterThan(1);
  const files = readdirSync(join(run, 'checkpoints')).filter((name) => name.includes('.rows.'));
  expect(files.length).toBe(kept.rows?.length);
  const rest = await losses(await options({ ...settings, resume: kept }, learned), run);
  expect([...part, ...rest]).toEqual(whole);
});

test('what does not fit together is answered', async () => {
  await expect(build(recipe({ loss: { name: 'arcface' }, classes: drawn }))).rejects.toThrow(
    /arcface does not look at classes/,
  );
  await expect(build(recipe({ loss: softmax, miners: [{ name: 'hard' }], classes: drawn }))).rejects.toThrow(
    /nobody chooses/,
  );
  await expect(build(recipe({ loss: softmax, classes: { ...drawn, sampler: { name: 'unifrom' } } }))).rejects.toThrow(
    /"uniform"/,
  );
  await expect(losses(await options({ cached: { chunk: 8 } }))).rejects.toThrow(
    /objective.classes beside objective.cached/,
  );
  await expect(losses(await options({ classes: undefined }))).rejects.toThrow(/Write objective.classes/);
  await expect(losses(await options({}, { ...drawn, samples: 150 }))).rejects.toThrow(/150 of 200/);
});

/** Classes of which these are drawn, one list in each step. */
function withDraws(...draws: (readonly number[])[]): Promise<Classes> {
  let step = 0;
  const sampler = () => ({
    draw: (own: Int32Array) => ({
      classes: Int32Array.from(draws[step++]),
      expected: new Float32Array(4),
      ownExpected: new Float32Array(own.length),
    }),
  });
  const known = groups({ labels: Int32Array.of(0), names: Array.from({ length: 12 }, (_, i) => String(i)) });
  return Classes.open(
    { sampler, samples: 4, optimizer: sgdRows, rate: 0.1, bias: false },
    { relations: known, positions: Int32Array.of(0), batch: 3, dimension: 2, steps: 2, random: Random.seeded(1) },
  );
}

test('what is drawn and is by accident the own class is marked, and no longer in the next step', async () => {
  const classes = await withDraws([3, 9, 7, 3], [1, 9, 11, 0]);
  const marked = () => [...(classes.feeds['class-accidental'].data as Uint8Array)];
  classes.prepare(Int32Array.of(7, 3, 7));
  expect(marked()).toEqual([0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0]);
  classes.prepare(Int32Array.of(9, 2, 5));
  expect(marked()).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('classes that are not there, and one class alone, are answered', async () => {
  const classes = await withDraws([3, 9, 7, 3], [3, 9, 7, 3]);
  expect(() => classes.prepare(Int32Array.of(7, 12, 0))).toThrow(/from 0 to 11.*: 12/);
  expect(() => classes.prepare(Int32Array.of(7, -1, 0))).toThrow(/from 0 to 11.*: -1/);
  const alone = groups({ labels: new Int32Array(9), names: ['only'] });
  const positions = Int32Array.from({ length: 9 }, (_, i) => i);
  const { classes: settings } = await options({});
  const common = { batch: 4, dimension: 2, steps: 1, random: Random.seeded(1) };
  if (settings === undefined) throw new Error('classes are drawn');
  await expect(Classes.open(settings, { relations: alone, positions, ...common })).rejects.toThrow(/two or more: 1/);
});
