import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { installedFaces } from '../src/readers/faces/installed.ts';
import { buildInto } from './built.ts';
import { threeColours, writeClasses } from './pictures.ts';

// Many commands are started here, which takes long where others compute too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

// Pictures as people have them, through the commands: tiny, huge, turned, animated, for print, damaged, and without a face.
let work: string;
let main: string;
const at = (...path: string[]) => join(work, ...path);
/** All but the damaged one show the same: red above, blue to the left below, green to the right. */
const odd = ['plain.png', 'cmyk.jpg', 'animated.gif', 'huge.jpg', 'turned.jpg', 'dot.png', 'damaged.jpg'];
const photos = (() => {
  try {
    return join(installedFaces().folder, 'demo');
  } catch {
    console.warn('@vladmandic/face-api is not installed: that faces are found is not tried');
    return undefined;
  }
})();

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kindred-wrong-'));
  main = buildInto(at('package'));
  await writeClasses(at('pictures'), threeColours, 10);
  mkdirSync(at('odd'));
  await writeOdd();
  const steps = ['--set', 'steps=12', '--set', 'batches.groups=3', '--set', 'batches.perGroup=2'];
  const parts = ['--set', 'data.split.validation=0.4'];
  expect(kindred('init', 'pictures', '-o', 'mine.yaml').code).toBe(0);
  const { code, err } = kindred('train', 'mine.yaml', '--out', 'run', '--threads', '1', ...steps, ...parts);
  expect(code, err).toBe(0);
  expect(kindred('calibrate', 'run', '--false-match-rate', '0.5').code).toBe(0);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function writeOdd(): Promise<void> {
  const [height, width] = [50, 80];
  const colours = [
    [220, 30, 40],
    [30, 60, 210],
    [40, 200, 60],
  ];
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [y, x] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width];
    return colours[y < height / 2 ? 0 : x < width / 2 ? 1 : 2][i % 3];
  });
  const plain = () => sharp(pixels, { raw: { height, width, channels: 3 } });
  await plain().png().toFile(at('odd', 'plain.png'));
  await plain().toColourspace('cmyk').jpeg({ quality: 100 }).toFile(at('odd', 'cmyk.jpg'));
  const frames = Buffer.concat([pixels, new Uint8Array(pixels.length).fill(255), new Uint8Array(pixels.length)]);
  await sharp(frames, { raw: { height: 3 * height, width, channels: 3, pageHeight: height } })
    .gif({ delay: [100, 100, 100] })
    .toFile(at('odd', 'animated.gif'));
  // 50 million pixels.
  await plain().resize(8960, 5600, { kernel: 'nearest' }).jpeg().toFile(at('odd', 'huge.jpg'));
  // Lies on its side; orientation 6 says to turn it right.
  await plain().rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toFile(at('odd', 'turned.jpg'));
  await sharp({ create: { width: 1, height: 1, channels: 3, background: '#d21e28' } })
    .png()
    .toFile(at('odd', 'dot.png'));
  const whole = await sharp(pixels, { raw: { height, width, channels: 3 } })
    .jpeg()
    .toBuffer();
  writeFileSync(at('odd', 'damaged.jpg'), whole.subarray(0, whole.length >> 1));
}

function kindred(...args: string[]) {
  const { KINDRED_DATA: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

test('the odd ones are what they are meant to be', async () => {
  const meta = async (name: string) => sharp(readFileSync(at('odd', name))).metadata();
  expect(await meta('cmyk.jpg')).toMatchObject({ space: 'cmyk' });
  expect(await meta('animated.gif')).toMatchObject({ pages: 3 });
  expect(await meta('huge.jpg')).toMatchObject({ width: 8960, height: 5600 });
  expect(await meta('turned.jpg')).toMatchObject({ width: 50, height: 80, orientation: 6 });
  expect(await meta('dot.png')).toMatchObject({ width: 1, height: 1 });
});

test('embed takes all but the damaged one, which is named; they are the same picture', () => {
  const { code, out, err } = kindred('embed', 'run', 'odd', '-o', 'odd.jsonl', '--json');
  expect(code, err).toBe(0);
  expect(err).toMatch(/^skipped .*damaged\.jpg: /);
  expect(JSON.parse(out)).toMatchObject({
    items: odd.length - 1,
    skipped: [{ path: expect.stringContaining('damaged') }],
  });
  const rows = readFileSync(at('odd.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const vectors = new Map(rows.map(({ id, vector }) => [id, vector as number[]]));
  const cosine = (a: string, b: string) =>
    (vectors.get(a) ?? []).reduce((sum, x, i) => sum + x * (vectors.get(b)?.[i] ?? 0), 0);
  for (const name of ['animated.gif', 'huge.jpg', 'turned.jpg']) {
    expect(cosine('plain.png', name), name).toBeGreaterThan(0.98);
  }
  // Inks do not reach these colours.
  expect(cosine('plain.png', 'cmyk.jpg')).toBeGreaterThan(0.9);
  expect(kindred('embed', 'run', 'odd', '-o', 'none.jsonl', '--strict')).toMatchObject({ code: 1, out: '' });
  expect(existsSync(at('none.jsonl'))).toBe(false);
});

test('verify answers for each, and names the damaged one', () => {
  for (const name of ['turned.jpg', 'huge.jpg', 'dot.png']) {
    const { code, out, err } = kindred('verify', 'run', at('odd', 'plain.png'), at('odd', name), '--json');
    expect(code, err).toBe(0);
    const { distance, same } = JSON.parse(out);
    if (name !== 'dot.png') expect([distance < 0.02, same]).toEqual([true, true]);
  }
  const damaged = kindred('verify', 'run', at('odd', 'plain.png'), at('odd', 'damaged.jpg'));
  expect(damaged).toMatchObject({ code: 1, out: '' });
  expect(damaged.err).toMatch(/damaged\.jpg (is not a picture|cannot be decoded)/);
});

test('train leaves the damaged one out and says so; strictly it refuses', () => {
  mkdirSync(at('pictures', 'odd'));
  for (const name of odd) copyFileSync(at('odd', name), at('pictures', 'odd', name));
  const settings = ['--set', 'steps=4', '--set', 'batches.groups=3', '--set', 'batches.perGroup=2', '--threads', '1'];
  const { code, err } = kindred('train', 'mine.yaml', '--out', 'again', ...settings);
  expect(code, err).toBe(0);
  expect(err).toMatch(/damaged\.jpg/);
  const strict = kindred('train', 'mine.yaml', '--out', 'strict', '--strict', ...settings);
  expect(strict).toMatchObject({ code: 1, out: '' });
  expect(strict.err).toMatch(/damaged\.jpg/);
  rmSync(at('pictures', 'odd'), { recursive: true });
});

test.skipIf(photos === undefined)('--crop detect finds faces; a picture without one is named and exits 1', () => {
  mkdirSync(at('people'));
  for (const i of [1, 3]) copyFileSync(join(photos as string, `sample${i}.jpg`), at('people', `${i}.jpg`));
  const found = kindred('embed', 'run', 'people', '-o', 'faces.jsonl', '--crop', 'detect');
  expect(found.code, found.err).toBe(0);
  const whole = kindred('embed', 'run', 'people', '-o', 'whole.jsonl');
  expect(whole.code).toBe(0);
  expect(readFileSync(at('faces.jsonl'), 'utf8')).not.toBe(readFileSync(at('whole.jsonl'), 'utf8'));
  copyFileSync(at('odd', 'plain.png'), at('people', 'flag.png'));
  const refused = (...args: string[]) => {
    const answer = kindred(...args, '--crop', 'detect');
    expect(answer).toMatchObject({ code: 1, out: '' });
    expect(answer.err).toMatch(/flag\.png/);
    expect(answer.err).toMatch(/face/);
  };
  refused('embed', 'run', 'people', '-o', 'none.jsonl');
  refused('cluster', 'run', 'people', '--clusters', '2');
  refused('verify', 'run', at('people', '1.jpg'), at('people', 'flag.png'));
  refused('search', 'run', at('people', 'flag.png'));
});

test.skipIf(photos === undefined)('a run on faces that were found looks for them in what it is given later', () => {
  for (const [person, samples] of [
    ['a', [1, 3]],
    ['b', [2, 4]],
    ['c', [5, 6]],
  ] as const) {
    mkdirSync(at('album', person), { recursive: true });
    for (const i of samples) {
      for (const copy of ['w', 'x', 'y', 'z'])
        copyFileSync(join(photos as string, `sample${i}.jpg`), at('album', person, `${i}${copy}.jpg`));
    }
  }
  copyFileSync(at('odd', 'plain.png'), at('album', 'a', 'flag.png'));
  writeFileSync(
    at('album.yaml'),
    `version: 1
data: { reader: folders, folder: album, height: 32, width: 32, channels: 3, crop: detect, split: { by: item, validation: 0.25, test: 0.25 } }
batches: { groups: 2, perGroup: 2 }
encoder: { name: strided, dimension: 8, channels: [8] }
objective: { loss: { name: supcon } }
optimizer: [{ name: adam, rate: 0.001 }]
steps: 3
`,
  );
  const { code, err } = kindred('train', 'album.yaml', '--out', 'album-run', '--threads', '1');
  expect(code, err).toBe(0);
  expect(err).toMatch(/flag\.png.*shows no face/);
  expect(JSON.parse(readFileSync(at('album-run', 'preprocess.json'), 'utf8'))).toMatchObject({ crop: 'detect' });
  const refused = kindred('search', 'album-run', at('odd', 'plain.png'));
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.err).toMatch(/plain\.png shows no face/);
});

test('three classes are too few for intervals: no verdict, and the reason', () => {
  const { code, out } = kindred('calibrate', 'run', '--false-match-rate', '0.5', '--json');
  expect(code).toBe(0);
  const reason = '3 people are too few to draw from; it takes 5';
  expect(JSON.parse(out)).toMatchObject({
    validation: { people: 3, falseMatchRate: { interval: null, reason }, trueMatchRate: { interval: null, reason } },
    test: { holds: 'not known' },
  });
  const shown = kindred('calibrate', 'run', '--false-match-rate', '0.5').out;
  expect(shown).toMatch(/is not known, and no interval is given: 3 people are too few/);
  const report = kindred('evaluate', 'run', '--task', 'verify');
  expect(report.out).toContain('No standard error, and so no verdict on what is better: 3 people are too few');
});

test('verify of a damaged picture names it, and no option that it lacks', () => {
  const whole = join('pictures', 'red', '0.png');
  const { code, err } = kindred('verify', 'run', join('odd', 'damaged.jpg'), whole);
  expect(code).toBe(1);
  expect(err).toContain('damaged.jpg');
  expect(err).not.toContain('strict');
});
