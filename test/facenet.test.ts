import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Random } from '../src/core/random.ts';
import { readRecipe } from '../src/recipes/read.ts';
import { trainRecipe } from '../src/train/run.ts';
import { buildInto } from './built.ts';

// Many commands are started here, which takes long where others compute too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

// The recipes of faces, end to end, and what is done with their runs, on people who are drawn: three blobs on grey, elsewhere for
// each person.
let root: string;
let main: string;
const people = 30;
const at = (...path: string[]) => join(root, ...path);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kindred-facenet-'));
  vi.stubEnv('KINDRED_DATA', at('data'));
  main = buildInto(at('package'));
  const random = Random.seeded(6);
  for (let person = 1; person <= people; person++) {
    const blobs = Array.from({ length: 3 }, () => [0.3 + 0.4 * random.uniform(), 0.3 + 0.4 * random.uniform()]);
    for (let i = 0; i < 6; i++) {
      const moved = blobs.map(([y, x]) => [y + 0.005 * random.normal(), x + 0.005 * random.normal()]);
      const small = drawn(112, 92, moved, random);
      put(`data/orl_faces/s${person}/${i + 1}.pgm`, Buffer.concat([Buffer.from('P5\n92 112\n255\n'), small]));
      const large = sharp(drawn(80, 80, moved, random), { raw: { height: 80, width: 80, channels: 1 } });
      put(`data/lfw10/Person_${person}/Person_${person}_000${i + 1}.jpg`, await large.jpeg().toBuffer());
      // Nobody of the data.
      const stranger = Array.from({ length: 3 }, () => [0.1 + 0.8 * random.uniform(), 0.1 + 0.8 * random.uniform()]);
      const strange = sharp(drawn(80, 80, stranger, random), { raw: { height: 80, width: 80, channels: 1 } });
      if (person === 1) put(`strangers/${i}.jpg`, await strange.jpeg().toBuffer());
    }
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function put(path: string, content: Uint8Array): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
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

function kindred(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

function answer(...args: string[]) {
  const { code, out, err } = kindred(...args, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

const portrait = (person: number, number: number) =>
  at('data', 'lfw10', `Person_${person}`, `Person_${person}_000${number}.jpg`);

test.each(['facenet', 'facenet-orl'])(
  '%s trains, exports and measures people never seen',
  async (name) => {
    const out = at(name);
    const small = ['steps=40', 'batches.groups=6', 'batches.perGroup=3', 'encoder.dimension=16'];
    const parts = ['data.split.validation=0.4', 'data.split.test=0.3', 'data.options.minimum=6'];
    const channels = readRecipe(name, []).recipe.encoder.name === 'conv4' ? '8' : '[8, 8, 16, 16]';
    const settings = [...small, `encoder.channels=${channels}`, ...(name === 'facenet' ? parts : [])];
    const resolved = readRecipe(name, settings);
    const { recipe } = resolved;
    expect(recipe.objective).toMatchObject({ loss: { name: 'triplet', margin: 0.2 } });
    expect(recipe.objective.miners.at(-1)?.name).toMatch(/hard/);
    for await (const _ of trainRecipe({ recipe: resolved, out, threads: 1 }));
    const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
    expect(metrics.mapAtR).toBeGreaterThan(0.4);
    const preprocess = JSON.parse(readFileSync(join(out, 'preprocess.json'), 'utf8'));
    expect(preprocess).toMatchObject(name === 'facenet' ? { height: 64, crop: 0.5 } : { height: 112, width: 92 });
  },
  300_000,
);

test('verify asks for a calibration first; calibrate stores one, and says whether it holds for people never seen', () => {
  const early = kindred('verify', 'facenet', portrait(1, 1), portrait(1, 2));
  expect(early).toMatchObject({ code: 1, out: '' });
  expect(early.err).toMatch(
    /Run kindred calibrate .*facenet --false-match-rate 0.01, which takes runs of groups or pairs/,
  );
  const small = kindred('calibrate', 'facenet', '--false-match-rate', '0.000001');
  expect(small.err).toMatch(/rule of three.*Ask for 0\.00\d+ or more/s);
  expect(small.code).toBe(2);
  const found = answer('calibrate', 'facenet', '--false-match-rate', '0.02');
  expect(JSON.parse(readFileSync(at('facenet', 'calibration.json'), 'utf8'))).toMatchObject({ target: 0.02 });
  expect(found).toMatchObject({
    ...{ metric: 'cosine', target: 0.02, threshold: expect.any(Number) },
    validation: { people: 12, falseMatchRate: { value: expect.any(Number), interval: expect.any(Array) } },
    test: { people: 9, unseen: true, holds: expect.stringMatching(/^(yes|not shown|no)$/) },
    rejection: { score: expect.any(String), auroc: { validation: expect.any(Object) } },
    grouping: { threshold: expect.any(Number), bCubed: { f1: expect.any(Number) } },
  });
  expect(found.validation.falseMatchRate.value).toBeLessThanOrEqual(0.02);
  expect(found.validation.trueMatchRate.value).toBeGreaterThan(0.3);
  expect(found.rejection.auroc.validation[found.rejection.score]).toBeGreaterThan(0.6);
  const again = kindred('calibrate', 'facenet', '--false-match-rate', '0.02');
  expect(again.err).toContain('calibration.json is replaced');
  expect(again.out).toMatch(/Same up to a distance of .*test, unseen.*AUROC/s);
});

test('verify: the same, different, somebody and nobody known', () => {
  const { threshold } = JSON.parse(readFileSync(at('facenet', 'calibration.json'), 'utf8'));
  const answers = (other: (person: number) => string) =>
    [1, 2].map((person) => answer('verify', 'facenet', portrait(person, 1), other(person)));
  const same = answers((person) => portrait(person, 2));
  const different = answers((person) => portrait(person + 7, 2));
  for (const each of [...same, ...different]) {
    expect(each).toMatchObject({ threshold, same: each.distance <= threshold });
    expect(each.falseMatchRate).toBeGreaterThanOrEqual(0);
  }
  expect(same.map((each) => each.same)).toEqual([true, true]);
  expect(different.map((each) => each.same)).toEqual([false, false]);
  // A picture of the run is its own nearest item.
  const known = answer('verify', 'facenet', portrait(4, 1));
  expect(known).toMatchObject({ known: true, person: 'Person_4' });
  expect(known.nearest.distance).toBeLessThan(1e-4);
  const strangers = [0, 1, 2].map((i) => answer('verify', 'facenet', at('strangers', `${i}.jpg`)));
  for (const each of strangers) expect(each.known).toBe(each.score <= each.threshold);
  expect(strangers.filter((each) => !each.known && !('person' in each)).length).toBeGreaterThanOrEqual(1);
  const words = kindred('verify', 'facenet', portrait(1, 1), portrait(1, 1));
  expect(words.out).toMatch(/^the same\ndistance .*threshold .*\ndifferent pairs that are as close: /);
  const gone = kindred('verify', 'facenet', portrait(1, 1), 'nowhere.jpg');
  expect(gone).toMatchObject({ code: 2, out: '' });
  expect(gone.err).toContain('there is no nowhere.jpg');
});

test('cluster ends where the calibration says', () => {
  const { grouping } = JSON.parse(readFileSync(at('facenet', 'calibration.json'), 'utf8'));
  const found = answer('cluster', 'facenet');
  expect(found).toMatchObject({ threshold: grouping.threshold, by: 'the classes of the run', quality: { classes: 9 } });
  expect(found.quality.bCubed.f1).toBeGreaterThan(0.5);
  expect(found.quality.ami).toBeGreaterThan(0.3);
});

test('evaluate by pairs in the format of Labeled Faces in the Wild', () => {
  const fold = (first: number) => [
    ...[0, 1, 2, 3, 4, 5].map((i) => `Person_${first + i}\t1\t${2 + (i % 3)}`),
    ...[0, 1, 2, 3, 4, 5].map((i) => `Person_${first + i}\t1\tPerson_${first + ((i + 1) % 6)}\t2`),
  ];
  writeFileSync(at('pairs.txt'), ['2\t6', ...fold(1), ...fold(7), ''].join('\n'));
  const report = answer('evaluate', 'facenet', '--pairs', 'pairs.txt', '--images', at('data', 'lfw10'), '--bytes');
  expect(report).toMatchObject({ people: 12, same: 12, different: 12, accuracy10Fold: { folds: 2 } });
  for (const each of [report.accuracy10Fold, report.rocAuc, report.eer, report.valAtFar['0.1']]) {
    expect(each.value).toBeGreaterThanOrEqual(0);
    expect(each.value).toBeLessThanOrEqual(1);
    expect(each.standardError).toBeGreaterThanOrEqual(0);
  }
  expect(report.rocAuc.value).toBeGreaterThan(0.8);
  expect(Object.keys(report.valAtFar)).toEqual(['0.1', '0.01', '0.001']);
  expect(report.valAtFar['0.001']).toMatchObject({ value: null, standardError: null });
  expect(report.valChange['0.1'].change).toBeCloseTo(0, 1);
  const part = answer('evaluate', 'facenet', '--task', 'verify');
  expect(part).toMatchObject({ of: 'the test part, people never seen in training', people: 9 });
  writeFileSync(at('wrong.txt'), '1\t1\nPerson_1\t1\t9\nPerson_1\t1\tPerson_2\t1\n');
  const wrong = kindred('evaluate', 'facenet', '--pairs', 'wrong.txt', '--images', at('data', 'lfw10'));
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.err).toContain('has no Person_1/Person_1_0009');
});
