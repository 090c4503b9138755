import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInto } from './built.ts';

// Word vectors from the command line, by threads, which load what is built.
let work: string;
let main: string;
const at = (...path: string[]) => join(work, ...path);

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'kindred-words-'));
  main = buildInto(at('package'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const kindred = (...args: string[]) => withData(undefined, ...args);

function withData(data: string | undefined, ...args: string[]) {
  const { KINDRED_DATA: _, ...others } = process.env;
  const env = { ...others, ...(data !== undefined && { KINDRED_DATA: data }) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

test('several threads learn together, and the run is searched by a word', () => {
  const animals = ['cat', 'dog', 'horse', 'cow'];
  const towns = ['paris', 'rome', 'oslo', 'lima'];
  const lines = Array.from({ length: 16_000 }, (_, i) =>
    i % 2 === 0 ? `the old ${animals[(i >> 1) % 4]} eats here` : `we went by train to ${towns[(i >> 1) % 4]}`,
  );
  writeFileSync(at('texts.txt'), lines.join('\n'));
  writeFileSync(
    at('mine.yaml'),
    'version: 1\ndata: { reader: files, items: { kind: texts, path: texts.txt } }\nwords: { dimension: 16, subsample: 0, rate: 0.05, epochs: 8 }\n',
  );
  const { code, out, err } = kindred('train', 'mine.yaml', '--out', 'run', '--threads', '3', '--json');
  expect(code, err).toBe(0);
  // Each portion was taken once, by one of the threads.
  const words = 8000 * 5 + 8000 * 6;
  expect(JSON.parse(out)).toMatchObject({ words, vocabulary: 17, epochs: 8, threads: 3 });
  expect(JSON.parse(readFileSync(at('run', 'metrics.json'), 'utf8'))).toEqual(JSON.parse(out));
  const curve = readFileSync(at('run', 'curve.jsonl'), 'utf8').trim().split('\n');
  expect(JSON.parse(curve[curve.length - 1])).toMatchObject({ kind: 'words', done: 8 * words, total: 8 * words });
  for (const group of [animals, towns]) {
    const { neighbours } = JSON.parse(kindred('search', 'run', group[0], '-k', '3', '--json').out);
    expect(new Set(neighbours.map(({ id }: { id: string }) => id))).toEqual(new Set(group.slice(1)));
  }
});

test('the recipe of film reviews, on small data of the same form, is judged by people and searched', () => {
  mkdirSync(at('data', 'word-eval'), { recursive: true });
  const reviews = Array.from({ length: 3000 }, (_, i) => {
    const [who, verb] = [['director', 'actor'][i % 2], ['films', 'shoots', 'plays'][i % 3]];
    return i % 5 === 0
      ? `train/pos\t${i}_9\tWe had popcorn and cola with salt, or soda and crisps with sugar`
      : `test/neg\t${i}_2\tThe ${who} ${verb} well in this one`;
  });
  writeFileSync(at('data', 'aclimdb_all_reviews.txt'), reviews.join('\n'));
  writeFileSync(at('data', 'word-eval', 'wordsim353.tsv'), 'director\tactor\t9\ndirector\tpopcorn\t1\nmoon\tsun\t5\n');
  writeFileSync(at('data', 'word-eval', 'simlex999.txt'), 'films\tshoots\t8\nfilms\tsalt\t1\n');
  writeFileSync(at('data', 'word-eval', 'questions-words.txt'), ': none\nathens greece oslo norway\n');
  const settings = ['--set', 'words.subsample=0', '--set', 'words.rate=0.05', '--threads', '1'];
  const { code, out, err } = withData(at('data'), 'train', 'words', ...settings, '--out', 'reviews', '--json');
  expect(code, err).toBe(0);
  const metrics = JSON.parse(out);
  expect(metrics).toMatchObject({ dimension: 100, epochs: 5, wordsim353: 1, simlex999: 1, analogies: null });
  expect(metrics.coverage).toEqual({ wordsim353: 2 / 3, simlex999: 1, analogies: 0 });
  const { neighbours } = JSON.parse(kindred('search', 'reviews', 'director', '-k', '1', '--json').out);
  expect(neighbours[0].id).toBe('actor');
});

test('what such a run cannot do is said', () => {
  expect(kindred('train', '--resume', 'run')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Word vectors are learned in one go, without checkpoints: run. Train them again'),
  });
  expect(kindred('evaluate', 'run').err).toContain('has the key "words"');
  expect(kindred('search', 'run', 'horsee').err).toContain('Did you mean "horse"?');
});
