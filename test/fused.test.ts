import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../src/core/random.ts';
import { buildInto } from './built.ts';
import { tone } from './own-data.ts';

// Sound and picture as one item, by the command line, on tones and patterns in the place of spoken and written digits.
let work: string;
let main: string;
const at = (...path: string[]) => join(work, ...path);

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'kindred-fused-'));
  main = buildInto(at('package'));
  const random = Random.seeded(1);
  mkdirSync(at('data', 'fsdd', 'recordings'), { recursive: true });
  mkdirSync(at('data', 'digits'));
  const speakers = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay'];
  const patterns = Array.from({ length: 10 }, () => Array.from({ length: 64 }, () => 16 * random.uniform()));
  const rows = [`label,${Array.from({ length: 64 }, (_, i) => `p${i}`)}`];
  for (let digit = 0; digit < 10; digit++) {
    for (const [s, speaker] of speakers.entries()) {
      const voice = 0.97 + 0.012 * s;
      for (let i = 0; i < 4; i++) {
        writeFileSync(
          at('data', 'fsdd', 'recordings', `${digit}_${speaker}_${i}.wav`),
          tone((300 + 300 * digit) * voice, random),
        );
        rows.push(`${digit},${patterns[digit].map((value) => Math.round(0.6 * value + 6 * random.uniform()))}`);
      }
    }
  }
  writeFileSync(at('data', 'digits', 'digits.csv'), `${rows.join('\n')}\n`);
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function kindred(...args: string[]) {
  const env = { ...process.env, KINDRED_DATA: at('data') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}
const threads = ['--threads', '1'];

test('recipe cdml-av: sound and picture in one embedding, which does without either', () => {
  const { code, err } = kindred('train', 'cdml-av', '--out', 'av', ...threads, '--set', 'steps=40', '--json');
  expect(code, err).toBe(0);
  const metrics = JSON.parse(readFileSync(at('av', 'metrics.json'), 'utf8'));
  expect(metrics).toMatchObject({ measure: 'retrieval', relation: 'groups', sharedItems: false, queries: 40 });
  expect(metrics.baseline.settings.of).toMatch(/sound|image/);
  expect(metrics.mapAtR).toBeGreaterThan(0.9);
  const without = (what: string) => {
    const { code, out, err } = kindred('evaluate', 'av', '--without', what, ...threads, '--json');
    expect(code, err).toBe(0);
    const found = JSON.parse(out);
    expect(found.without).toEqual([what]);
    return found.mapAtR as number;
  };
  // Of ten digits, a guess is 0.1.
  for (const what of ['sound', 'image']) {
    expect(without(what)).toBeGreaterThan(0.5);
    expect(without(what)).toBeLessThanOrEqual(metrics.mapAtR);
  }
});

test('what cannot be taken away is told', () => {
  const smell = kindred('evaluate', 'av', '--without', 'smell', ...threads);
  expect([smell.code, smell.err]).toEqual([2, expect.stringContaining('smell; it sees image, sound')]);
  const all = kindred('evaluate', 'av', '--without', 'sound, image', ...threads);
  expect([all.code, all.err]).toEqual([2, expect.stringContaining('all but one of them')]);
  const verify = kindred('evaluate', 'av', '--without', 'sound', '--task', 'verify', ...threads);
  expect([verify.code, verify.err]).toEqual([2, expect.stringContaining('Leave out --without')]);
});

test('a recording is found by its name, and finds its digit', () => {
  const { code, out, err } = kindred('related', 'av', '7_bob_2.wav', '-k', '5', '--json');
  expect(code, err).toBe(0);
  const ids: string[] = JSON.parse(out).related.map(({ id }: { id: string }) => id);
  expect(ids.filter((id) => id.startsWith('7_')).length).toBeGreaterThanOrEqual(4);
});
