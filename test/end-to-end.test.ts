import { execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Random } from '../src/core/random.ts';
import { buildInto } from './built.ts';
import { threeColours, threeGreys, writeClasses, writePicture } from './pictures.ts';

// The command line as a process, as a newcomer meets it: built from the sources as they are now, not from whatever was
// built before, and run in a folder of its own.
let work: string;
let main: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
  main = buildInto(join(work, 'package'));

  await writeClasses(at('fotos été'), threeColours, 10, { extension: 'jpg' });
  await writeClasses(at('greys'), threeGreys, 6);
  await writeClasses(at('single'), { only: [200, 0, 0] }, 4);
  mkdirSync(at('flat'));
  cpSync(at('single', 'only', '0.png'), at('flat', '0.png'));
  mkdirSync(at('empty'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const at = (...path: string[]) => join(work, ...path);

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs kindred in the folder of work, or in `cwd`. */
const kindred = (args: readonly string[], cwd = work): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });

const line = (text: string) => kindred(text.split(' '));

/** It failed: said so in words on stderr, and printed no result. */
function refused(answer: Answer, code: 1 | 2, message: RegExp): void {
  expect(answer.err).toMatch(message);
  expect(answer.err).not.toMatch(/unexpected|defect|\n\s+at /);
  expect(answer).toMatchObject({ code, out: '' });
}

describe('usage', () => {
  test('what is wrong is said on stderr, with exit code 2', async () => {
    const wrong: [string[], RegExp][] = [
      [[], /Usage: kindred/],
      [['trian', 'demo'], /unknown command 'trian'\n\(Did you mean train\?\)/],
      [['train'], /Training needs a recipe/],
      [['train', 'demo', '--stps', '3'], /unknown option '--stps'.*\n.*--help/],
      [['search', 'runs/x', 'y', '-k', '0'], /'-k <n>' argument '0' is invalid\. It takes a whole number from 1 on/],
      [['train', 'dmeo'], /There is no such recipe: dmeo\. Did you mean "demo"/],
      [['train', 'demo', '--set', 'step=3'], /does not have the key "step": .*Did you mean "steps"/],
      [['search', 'runs/x', 'y'], /runs\/x is not a finished run: there is no runs\/x\/recipe\.yaml/],
    ];
    const answers = await Promise.all(wrong.map(([args]) => kindred(args)));
    for (const [i, [, message]] of wrong.entries()) refused(answers[i], 2, message);
  });

  test('help and version are results', async () => {
    const [help, train, version] = await Promise.all([line('--help'), line('train --help'), line('--version')]);
    for (const answer of [help, train, version]) expect(answer).toMatchObject({ code: 0, err: '' });
    for (const { out } of [help, train]) expect(out).toMatch(/Example:\n {2}\$ kindred train demo/);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('recipes are listed for people and for programs', async () => {
    const [people, programs] = await Promise.all([line('recipes'), line('recipes --json')]);
    expect(people.out).toMatch(/^demo {2,}\S/m);
    expect(JSON.parse(programs.out)).toContainEqual(expect.objectContaining({ name: 'demo' }));
  });
});

describe('init', () => {
  const made = (path: string) => parse(readFileSync(path, 'utf8'));

  test('writes a recipe for a folder in colour or grey, wherever it is run from', async () => {
    const inside = at('greys', 'dark');
    const answers = await Promise.all([
      kindred(['init', 'greys', '--json']),
      kindred(['init', '..', '-o', at('from-inside.yaml')], inside),
      kindred(['init', join('..', 'fotos été'), '-o', 'colour.yaml'], at('empty')),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(answers[0].out)).toMatchObject({ recipe: 'greys.yaml', next: 'npx kindred train greys.yaml' });
    expect(made(at('greys.yaml')).data).toMatchObject({ folder: 'greys', channels: 1 });
    expect(made(at('from-inside.yaml')).data).toMatchObject({ folder: 'greys', channels: 1 });
    expect(made(at('empty', 'colour.yaml')).data).toMatchObject({ folder: '../fotos été', channels: 3 });
    expect(answers[1].out).toMatch(/18 pictures in 3 classes \(6 each\), grey/);
    rmSync(at('empty', 'colour.yaml'));
  });

  test('refuses a folder that nothing can be learned from', async () => {
    const names = ['empty', 'flat', 'single', 'missing', 'greys.yaml'];
    const answers = await Promise.all(names.map((name) => kindred(['init', name, '-o', 'never.yaml'])));
    refused(answers[0], 1, /A folder has pictures, sounds or texts: empty has no file ending in/);
    refused(answers[1], 1, /A split by item gives each part at least one: 1 items, for training and 2 more parts/);
    refused(answers[2], 1, /single has 1 classes, 1 of them with two pictures or more/);
    refused(answers[3], 2, /there is no missing\. Check the path/);
    refused(answers[4], 2, /greys\.yaml is a recipe/);
    expect(existsSync(at('never.yaml'))).toBe(false);
  });

  test('does not write over a recipe unless told to', async () => {
    writeFileSync(at('kept.yaml'), 'mine');
    const [kept, nowhere] = await Promise.all([
      kindred(['init', 'greys', '-o', 'kept.yaml']),
      kindred(['init', 'greys', '-o', 'no/where.yaml']),
    ]);
    refused(kept, 1, /A recipe that is there is not written over: kept\.yaml\. Name another with --output, or say --f/);
    refused(nowhere, 1, /there is no folder no; .*Create it/);
    expect(readFileSync(at('kept.yaml'), 'utf8')).toBe('mine');
    expect((await kindred(['init', 'greys', '-o', 'kept.yaml', '--force'])).code).toBe(0);
    expect(made(at('kept.yaml')).version).toBe(1);
  });
});

describe('from a folder of pictures to a search result', () => {
  const run = 'runs/fotos été';
  const fast = '--set steps=10 --set encoder.channels=[8,16] --set encoder.dimension=16'.split(' ');
  let trained: Answer;
  let metrics: Record<string, unknown>;

  beforeAll(async () => {
    const { out } = await kindred(['init', 'fotos été', '--json']);
    // The command that init names, as a shell reads it.
    const next = JSON.parse(out).next.replace('npx kindred', `"${process.execPath}" "${main}"`);
    trained = await new Promise((resolve) => {
      const args = ['-c', `${next} ${fast.join(' ')} --json`];
      execFile('sh', args, { cwd: work }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
    metrics = JSON.parse(trained.out);
  });

  test('train prints the metrics that it saves, and all else to stderr', () => {
    expect(trained.code).toBe(0);
    expect(metrics).toEqual(JSON.parse(readFileSync(at(run, 'metrics.json'), 'utf8')));
    expect(metrics).toMatchObject({ steps: 10, plannedSteps: 10, queries: expect.any(Number) });
    for (const name of ['recallAt1', 'recallAt10', 'mapAtR', 'ndcgAt10', 'trainSeconds', 'itemsPerSecond']) {
      expect(metrics[name], name).toBeTypeOf('number');
      expect((metrics.baseline as Record<string, unknown>)[name], name).toBeTypeOf('number');
    }
    expect(trained.err).toMatch(/3 classes; \d+ pictures to train on, \d+ to choose by, \d+ to report on/);
    expect(trained.err).toMatch(/trained 10 steps in/);
    for (const file of ['model.onnx', 'preprocess.json', 'recipe.yaml', 'curve.jsonl', 'report.html', 'index']) {
      expect(existsSync(at(run, file)), file).toBe(true);
    }
  });

  test('search finds the class, by id and by picture', async () => {
    const [byId, byPicture, table, exact] = await Promise.all([
      kindred(['search', run, 'red/3.jpg', '-k', '4', '--json']),
      kindred(['search', run, 'fotos été/red/3.jpg', '-k', '5', '--json']),
      kindred(['search', run, 'red/3.jpg', '-k', '2']),
      kindred(['search', run, 'red/3.jpg', '-k', '4', '--json', '--exact']),
    ]);
    for (const answer of [byId, byPicture, table, exact]) expect(answer).toMatchObject({ code: 0, err: '' });
    const [items, pictures, exactly] = [byId, byPicture, exact].map(({ out }) => JSON.parse(out));
    expect(items).toMatchObject({ query: 'red/3.jpg', metric: 'cosine' });
    expect(items.neighbours.map((each: { class: string }) => each.class)).toEqual(Array(4).fill('red'));
    const ids = (found: typeof items) => found.neighbours.map(({ id }: { id: string }) => id);
    expect(ids(items)).not.toContain('red/3.jpg');
    expect(ids(pictures)).toEqual(['red/3.jpg', ...ids(items)]);
    expect(pictures.neighbours[0].distance).toBeLessThan(1e-6);
    expect(ids(exactly)).toEqual(ids(items));
    expect(table.out.split('\n').map((each) => each.trim().split(/ {2,}/))).toMatchObject([
      ['distance', 'class', 'item'],
      ['1', expect.stringMatching(/^\d\.\d{4}$/), 'red', ids(items)[0]],
      ['2', expect.any(String), 'red', ids(items)[1]],
      [''],
    ]);
  });

  test('search takes as many as there are, and says what a query is', async () => {
    writeFileSync(at('letter.jpg'), 'a letter');
    const [many, misspelt, folder, letter] = await Promise.all([
      kindred(['search', run, 'red/3.jpg', '-k', '1000', '--json']),
      kindred(['search', run, 'red/3.jgp']),
      kindred(['search', run, 'greys']),
      kindred(['search', run, 'letter.jpg']),
    ]);
    const found = JSON.parse(many.out).neighbours.map(({ id }: { id: string }) => id);
    expect([found.length, new Set(found).size]).toEqual([29, 29]);
    refused(misspelt, 2, /red\/3\.jgp, which is neither\. Did you mean "red\/3\.jpg"\?/);
    refused(folder, 2, /greys, which is neither/);
    refused(letter, 1, /letter\.jpg is not a picture, or is damaged/);
  });

  test('a reader that has seen enough is no error', async () => {
    const command = `"${process.execPath}" "${main}" search "${run}" red/3.jpg -k 1000 --json; echo $? >&2`;
    const err = await new Promise<string>((resolve) => {
      execFile('sh', ['-c', `(${command}) | head -1`], { cwd: work }, (_, __, err) => resolve(err));
    });
    expect(err).toBe('0\n');
  });

  test('embed writes a file that DuckDB reads: the embeddings of the index', async () => {
    const [parquet, wrong, nowhere, missing] = await Promise.all([
      kindred(['embed', run, 'fotos été', '-o', 'x.parquet', '--json']),
      kindred(['embed', run, 'fotos été', '-o', 'x.csv']),
      kindred(['embed', run, 'fotos été', '-o', 'no/x.jsonl']),
      kindred(['embed', run, 'photos', '-o', 'x.jsonl']),
    ]);
    expect(parquet).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(parquet.out)).toEqual({ file: 'x.parquet', items: 30, dimension: 16, skipped: [] });
    refused(wrong, 2, /Vectors are written as \.parquet or \.jsonl: x\.csv/);
    refused(nowhere, 1, /there is no folder no/);
    refused(missing, 1, /there is no folder .*photos/);

    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT id, vector::FLOAT[] AS vector FROM '${at('x.parquet')}' ORDER BY id`,
    );
    const rows = reader.getRowObjectsJson() as { id: string; vector: number[] }[];
    connection.closeSync();
    instance.closeSync();
    const files = readdirSync(at(run, 'index'));
    const file = (start: string) => at(run, 'index', files.find((name) => name.startsWith(start)) as string);
    const { ids } = JSON.parse(readFileSync(file('items-'), 'utf8')) as { ids: string[] };
    const bytes = readFileSync(file('vectors-'));
    const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    expect(rows.map(({ id }) => id)).toEqual([...ids].sort());
    for (const { id, vector } of rows) {
      const start = ids.indexOf(id) * 16;
      vector.forEach((value, i) => {
        expect(Math.abs(value - vectors[start + i])).toBeLessThan(1e-5);
      });
    }
  });

  test('evaluate measures the same again, and not on other pictures', async () => {
    const [again, validation] = await Promise.all([
      kindred(['evaluate', run, '--json']),
      kindred(['evaluate', run, '--part', 'validation']),
    ]);
    const { recallAt1, recallAt10, mapAtR, ndcgAt10, intervals, queries } = metrics;
    const quality = { recallAt1, recallAt10, mapAtR, ndcgAt10, intervals, queries };
    expect(JSON.parse(again.out)).toMatchObject({ run, part: 'test', ...quality });
    expect(validation.out).toMatch(/\d+ pictures of the validation part\n\n.*R@1/);
    await writePicture(at('fotos été', 'red', 'new.jpg'), [200, 40, 40], Random.seeded(2));
    refused(
      await kindred(['evaluate', run]),
      1,
      /has 31 pictures, 1 of them new; the run had 30\. Bring the folder back/,
    );
    rmSync(at('fotos été', 'red', 'new.jpg'));
  });

  test('a run that is half there is not taken for one', async () => {
    cpSync(at(run), at('half'), { recursive: true });
    rmSync(at('half', 'metrics.json'));
    cpSync(at(run), at('cut'), { recursive: true });
    writeFileSync(at('cut', 'model.onnx'), readFileSync(at(run, 'model.onnx')).subarray(0, 1000));
    rmSync(at('cut', 'index', 'index.json'));
    const [half, cut, unindexed, other] = await Promise.all([
      kindred(['search', 'half', 'red/3.jpg']),
      kindred(['embed', 'cut', 'greys', '-o', 'x.jsonl']),
      kindred(['search', 'cut', 'red/3.jpg']),
      kindred(['evaluate', 'greys']),
    ]);
    refused(half, 1, /half is not a finished run: there is no half\/metrics\.json/);
    refused(cut, 1, /ONNX Runtime could not load the model: .*cut\/model\.onnx.*Check that the file is a complete/);
    refused(unindexed, 1, /An index is opened from the files .*index\.json cannot be read/);
    refused(other, 1, /greys is not a finished run/);
  });

  test('only a new folder, or one of a run, is written to', async () => {
    const train = (...more: string[]) => kindred(['train', 'fotos été.yaml', ...fast, ...more]);
    const [file, foreign, here] = await Promise.all([
      train('--out', 'letter.jpg'),
      train('--out', 'greys'),
      train('--out', '.'),
    ]);
    refused(file, 1, /The folder of the run cannot be made: "letter\.jpg" is a file/);
    refused(foreign, 2, /something else than a run is not touched: greys holds dark, light, middle\. Name another/);
    refused(here, 2, /something else than a run is not touched/);
    expect(readdirSync(at('greys')).sort()).toEqual(['dark', 'light', 'middle']);
  });

  test('a place that may not be written to is named before any work', async (context) => {
    const locked = at('locked');
    mkdirSync(locked, { mode: 0o555 });
    try {
      // Rights do not bind root; a read-only disk does.
      if (process.getuid?.() === 0) {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', locked], { stdio: 'ignore' });
      }
    } catch {
      return context.skip('mounting a read-only disk is not allowed here');
    }
    try {
      const [run, recipe] = await Promise.all([
        kindred(['train', 'fotos été.yaml', ...fast, '--out', 'locked/run']),
        kindred(['init', 'greys', '-o', 'locked/x.yaml']),
      ]);
      refused(run, 1, /The folder of the run cannot be made: "locked\/run" lies where writing is not possible/);
      refused(
        recipe,
        1,
        /locked\/x\.yaml could not be written: (the disk is read-only|writing to locked is not allowed)/,
      );
    } finally {
      if (process.getuid?.() === 0) execFileSync('umount', [locked]);
    }
  });

  test('bad pictures are skipped and listed, or fatal with --strict', async () => {
    await writeClasses(at('bad'), threeColours, 6, { extension: 'jpg' });
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    writeFileSync(at('bad', 'red', 'cut.jpg'), whole.subarray(0, whole.length / 2));
    writeFileSync(at('bad', 'red', 'nothing.jpg'), '');
    writeFileSync(at('bad', 'blue', 'letter.jpg'), 'a letter');
    await writePicture(at('bad', 'lonely', '0.png'), [0, 0, 0], Random.seeded(3));
    mkdirSync(at('bad', 'void'));
    const init = await kindred(['init', 'bad']);
    expect(init.err).toMatch(/3 of 22 pictures looked at cannot be read\nfolders without pictures: void\n/);
    const train = ['train', 'bad.yaml', ...fast, '--set', 'data.split.test=0.3'];
    const [lenient, strict] = await Promise.all([
      kindred(train),
      kindred([...train, '--strict', '--out', 'runs/strict']),
    ]);
    expect(lenient.code).toBe(0);
    expect(lenient.err).toMatch(
      /3 pictures were skipped:\n.*letter\.jpg: is not a picture.*\n.*cut\.jpg: cannot be decoded/,
    );
    expect(lenient.err).toMatch(/nothing\.jpg: has zero bytes\nclasses without a picture: void\n/);
    expect(lenient.out).toMatch(/^On \d+ pictures never seen in training:\n\n.*R@1 .*\nthis run .*\nraw pixels/);
    expect(lenient.out).toMatch(/report {3}runs\/bad\/report\.html\nmodel/);
    refused(strict, 1, /Every picture that is asked for can be read: 3 of 22 cannot: .*letter\.jpg/);
    const embedded = await kindred(['embed', 'runs/bad', 'bad', '-o', 'bad.jsonl', '--json']);
    expect(embedded.err.match(/^skipped .*$/gm)).toHaveLength(3);
    expect(JSON.parse(embedded.out)).toMatchObject({ items: 19, skipped: { length: 3 } });
    expect(readFileSync(at('bad.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(19);
  });

  test('--max-seconds ends training in time, and the step is recorded', async () => {
    const many = ['--set', 'steps=1000000', '--max-seconds', '0.3', '--out', 'runs/short', '--json'];
    const { code, out, err } = await kindred(['train', 'fotos été.yaml', ...fast, ...many]);
    const { steps, plannedSteps, truncated } = JSON.parse(out);
    expect([code, plannedSteps, truncated]).toEqual([0, 1_000_000, 'max-seconds']);
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(1_000_000);
    expect(err).toMatch(/\(ended early: max-seconds\)/);
  });

  test('an interrupt keeps what was learned', async () => {
    const args = ['train', 'fotos été.yaml', ...fast, '--set', 'steps=1000000', '--out', 'runs/cut', '--json'];
    const child = spawn(process.execPath, [main, ...args], { cwd: work });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      if (!err.includes('weights,') && `${err}${text}`.includes('weights,')) child.kill('SIGINT');
      err += text;
    });
    const code = await new Promise((resolve) => {
      child.on('close', resolve);
    });
    expect(err).toMatch(/Ending after this step; what was learned is kept/);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ truncated: 'interrupted', plannedSteps: 1_000_000 });
    expect((await kindred(['search', 'runs/cut', 'red/3.jpg', '--json'])).code).toBe(0);
  });
});
