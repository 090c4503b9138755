import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOwnData } from '../../test/own-data.ts';
import { threeColours, writeClasses } from '../../test/pictures.ts';
import { said } from '../../test/said.ts';
import { readRecipe } from '../recipes/read.ts';
import { trainRecipe } from '../train/run.ts';
import { initCommand } from './init.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-init-'));
  writeOwnData(root);
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string) => join(root, name);

const init = (...args: string[]) => said(initCommand(), args);

const items = () => ['--items', at('items.csv')];
const cases: [string, () => string[], string][] = [
  ['pairs.csv', items, 'verification'],
  ['sentences.tsv', () => [], 'verification'],
  ['triplets.txt', items, 'triplets'],
  ['links.jsonl', items, 'retrieval'],
  ['log.csv', items, 'retrieval'],
  ['items.csv', () => [], 'retrieval'],
  ['items.jsonl', () => [], 'retrieval'],
  ['texts', () => [], 'retrieval'],
  ['notes.txt', () => [], 'retrieval'],
  ['vectors.npy', () => [], 'retrieval'],
  ['sounds', () => [], 'retrieval'],
];

test.each(cases)('%s: what init writes is trained', async (name, more, measure) => {
  const output = at(`${name}.yaml`);
  const { out } = await init(at(name), ...more(), '-o', output);
  expect(out).toContain(`next    npx kindred train ${output}`);
  const { recipe } = readRecipe(output, ['steps=3']);
  let measured: string | undefined;
  for await (const event of trainRecipe({
    recipe: { name, recipe },
    out: at(`run-${name}`),
    threads: 1,
    device: 'cpu',
  })) {
    if (event.kind === 'finished') ({ measure: measured } = event.metrics as { measure?: string });
  }
  expect(measured ?? 'retrieval').toBe(measure);
});

test('it says what it understood, what it is unsure of, and what will be left out', async () => {
  writeFileSync(
    at('rough.csv'),
    `a,b,same\nt1,t5,1\nt2,t6,1\n,t3,1\nt3,zz,1\n${'t8,t12,1\nt9,t13,1\nt20,t24,1\n'.repeat(3)}t30,t34,1\n`,
  );
  const { out, err } = await init(at('rough.csv'), ...items(), '-o', at('rough.yaml'));
  expect(err).toContain('2 rows or files will be left out:\n');
  expect(err).toMatch(/line 4, column a: empty id\n.*line 5, column b: unknown/);
  expect(out).toContain('pairs of items, the same or different');
  expect(out).toMatch(/f0, f1, f2, f3 +features/);
  // Three statements, each made three times.
  expect(out).toMatch(/repeats become one \(3\s+duplicates\)/);
  const json = JSON.parse((await init(at('triplets.txt'), ...items(), '-o', at('t.yaml'), '--json')).out);
  expect(json).toMatchObject({
    recipe: at('t.yaml'),
    what: expect.stringContaining('triplets'),
    doubts: [expect.stringContaining('guessed from their values')],
    leftOut: 0,
  });
});

test('paths in the recipe are relative to it, and a recipe that is there stays', async () => {
  await init(at('pairs.csv'), ...items(), '-o', at('here.yaml'));
  expect(readFileSync(at('here.yaml'), 'utf8')).toMatch(/path: items\.csv\n(.*\n)*.*path: pairs\.csv\n/);
  await expect(init(at('pairs.csv'), ...items(), '-o', at('here.yaml'))).rejects.toThrow(/is not written over/);
  await init(at('pairs.csv'), ...items(), '-o', at('here.yaml'), '--force');
});

test('folders of pictures: as ever, with comments', async () => {
  await writeClasses(at('photos'), threeColours, 6);
  const { out } = await init(at('photos'), '-o', at('photos.yaml'));
  expect(out).toContain('  18 pictures in 3 classes (6 each), in colour\n');
  expect(readFileSync(at('photos.yaml'), 'utf8')).toMatch(/^# Looks of pictures\..*\nviews:/m);
  expect(readRecipe(at('photos.yaml')).recipe.data).toMatchObject({ reader: 'folders', folder: at('photos') });
});

test('pictures without classes: their looks', async () => {
  await writeClasses(at('loose'), { '.': threeColours.red }, 12);
  await init(at('loose'), '-o', at('loose.yaml'));
  const { recipe } = readRecipe(at('loose.yaml'));
  expect(recipe).toMatchObject({ views: [{ name: 'simclr' }], batches: { name: 'two-views' } });
});
