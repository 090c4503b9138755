import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInto } from './built.ts';
import { threeColours, writeClasses } from './pictures.ts';

// Groups from the command line, of a run that was trained on three colours.
let work: string;
let main: string;
const at = (...path: string[]) => join(work, ...path);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kindred-cluster-'));
  main = buildInto(at('package'));
  await writeClasses(at('pictures'), threeColours, 8);
  const steps = ['--set', 'steps=12', '--set', 'batches.groups=3', '--set', 'batches.perGroup=2'];
  expect(kindred('init', 'pictures', '-o', 'mine.yaml').code).toBe(0);
  const { code, err } = kindred('train', 'mine.yaml', '--out', 'run', '--threads', '1', ...steps);
  expect(code, err).toBe(0);
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function kindred(...args: string[]) {
  const { KINDRED_DATA: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

test('pictures of a folder, as many groups as asked for, measured by the sub-folders', () => {
  writeFileSync(at('pictures', 'red', 'broken.png'), 'no picture');
  const { code, out, err } = kindred('cluster', 'run', 'pictures', '--clusters', '3', '-o', 'groups.csv', '--json');
  rmSync(at('pictures', 'red', 'broken.png'));
  expect(code, err).toBe(0);
  expect(err).toMatch(/^skipped .*broken\.png/);
  const found = JSON.parse(out);
  expect(found).toMatchObject({ metric: 'cosine', clusters: 3, items: 24, by: 'the sub-folders', file: 'groups.csv' });
  for (const { items } of found.groups) expect(new Set(items.map((id: string) => id.split('/')[0])).size).toBe(1);
  expect(found.groups.map(({ size }: { size: number }) => size)).toEqual([8, 8, 8]);
  expect(found.quality).toMatchObject({
    classes: 3,
    groups: 3,
    bCubed: { f1: 1 },
    pairwise: { f1: 1 },
    nmi: 1,
    ami: 1,
  });
  expect(readFileSync(at('groups.csv'), 'utf8').split('\n')).toHaveLength(26);
});

test('the test part of the run, by a distance', () => {
  const whole = JSON.parse(kindred('cluster', 'run', '--threshold', '2', '--json').out);
  expect(whole.groups).toHaveLength(1);
  expect(whole).toMatchObject({ threshold: 2, by: 'the classes of the run', quality: { groups: 1, ami: 0 } });
  expect(whole.items).toBeLessThan(24);
  const { out } = kindred('cluster', 'run', '--threshold', '0');
  expect(out).toContain(`${whole.items} items in ${whole.items} groups, up to a mean distance of 0.000`);
  expect(out).toContain('Against the classes of the run');
});

test('what cannot be done is said', () => {
  const refused = (args: string[], code: number, message: RegExp) => {
    const answer = kindred('cluster', 'run', ...args);
    expect(answer.err).toMatch(message);
    expect(answer).toMatchObject({ code, out: '' });
  };
  refused([], 2, /neither --threshold nor --clusters/);
  refused(['pictures', '--clusters', '99'], 2, /99 groups of 24 items\. Ask for fewer/);
  refused(['nowhere', '--clusters', '2'], 1, /there is no folder .*nowhere/);
  refused(['--clusters', '2', '-o', 'groups.txt'], 2, /\.csv or \.jsonl: groups\.txt/);
});
