import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { said } from '../../test/said.ts';
import { measureCommand } from './measure.ts';

const root = mkdtempSync(join(tmpdir(), 'kindred-measure-'));
afterAll(() => rmSync(root, { recursive: true }));

function written(name: string, rows: readonly string[]): string {
  const path = join(root, name);
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
}

/** A run in which each query has its documents in this order. */
const runOf = (name: string, found: Readonly<Record<string, string>>): string =>
  written(
    `${name}.run`,
    Object.entries(found).flatMap(([query, documents]) =>
      [...documents].map((document, i) => `${query} Q0 ${document} ${i + 1} ${10 - i} ${name}`),
    ),
  );

const say = (...words: string[]) => said(measureCommand(), words);

// To q1 a is relevant, to q2 b and little c, to q3 c; nothing to q4.
const qrels = written('judged.qrel', [
  'q1 0 a 1',
  'q1 0 b 0',
  'q2 0 b 2',
  'q2 0 c 1',
  'q3 0 c 1',
  'q3 0 x -2',
  'q4 0 a 0',
]);
const good = runOf('good', { q1: 'ab', q2: 'bc', q3: 'xc', q4: 'a' });
const bad = runOf('bad', { q1: 'ba', q2: 'cb', q9: 'a' });

test('values for each query by hand, their means, and what does not count', async () => {
  const { out, err } = await say(qrels, good, '--metric', 'mrr', 'ndcg@1', '--gain', 'linear', '--json');
  const { runs, queryIds, rules, differences } = JSON.parse(out);
  expect(queryIds).toEqual(['q1', 'q2', 'q3', 'q4']);
  expect(rules).toEqual({ metrics: ['mrr', 'ndcg@1'], gain: 'linear', ties: 'pessimistic', empty: 'skip' });
  expect(runs).toHaveLength(1);
  expect(runs[0]).toMatchObject({ run: good, tag: 'good', unanswered: 0, unjudged: 0 });
  expect(runs[0].perQuery).toEqual({ mrr: [1, 1, 1 / 2, null], 'ndcg@1': [1, 1, 0, null] });
  expect(runs[0].metrics.mrr.mean).toBeCloseTo(5 / 6, 12);
  expect(runs[0].metrics.mrr.low).toBeGreaterThanOrEqual(1 / 2);
  expect(differences).toBeUndefined();
  expect(err).toBe('');
});

test('two runs: what each leaves out is said, and how far they differ', async () => {
  const { out, err } = await say(qrels, bad, good, '--metric', 'mrr', '--empty', '0', '--json');
  const { runs, differences } = JSON.parse(out);
  expect(runs.map(({ perQuery }: { perQuery: { mrr: number[] } }) => perQuery.mrr)).toEqual([
    [1 / 2, 1, 0, 0],
    [1, 1, 1 / 2, 0],
  ]);
  expect(runs[0]).toMatchObject({ unanswered: 2, unjudged: 1 });
  expect(err).toMatch(/bad\.run: nothing for 2 of 4 judged queries; they count\n.*bad\.run: 1 query that nobody/);
  // Two queries differ, by 1/2 both: of four ways to exchange them two are as large.
  expect(differences.mrr).toMatchObject({ mean: 1 / 4, p: 1 / 2, exact: true, queries: 4 });
  const text = (await say(qrels, bad, good, '--metric', 'mrr', '--empty', '0')).out;
  const lines = text.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(lines[0]).toEqual(['4 queries; gain exponential, ties pessimistic, queries with nothing relevant: 0']);
  expect(lines).toContainEqual([bad, '0.375', expect.stringMatching(/^0\.\d+–\d\.\d+$/)]);
  expect(lines).toContainEqual(['mrr', '+0.250', expect.stringMatching(/ to \+0\.\d/), '0.500', 'not told apart']);
});

test('rules: ties, and from which grade on', async () => {
  const tied = written('tied.run', ['q2 Q0 c 1 1 t', 'q2 Q0 b 2 1 t']);
  const mrr = async (...words: string[]) =>
    JSON.parse((await say(qrels, tied, '--metric', 'mrr', '--json', ...words)).out).runs[0].perQuery.mrr;
  expect(await mrr('--relevant-from', '2')).toEqual([null, 1 / 2, null, null]);
  expect(await mrr('--relevant-from', '2', '--ties', 'optimistic')).toEqual([null, 1, null, null]);
});

test('bad rows are left out and told, with --strict refused', async () => {
  const rows = written('rows.run', ['q1 Q0 a 1 high t', 'q1 Q0 a 1 0.5 t', 'q1 Q0 b 1 nan t', 'q2 Q0 b']);
  const { err, out } = await say(qrels, rows, '--metric', 'hit@1', '--json');
  expect(err).toMatch(/rows\.run, line 1, column score: not a number: "high"\n.*line 3.*NaN\n.*line 4: 3 fields/);
  expect(JSON.parse(out).runs[0].perQuery['hit@1']).toEqual([1, 0, 0, null]);
  await expect(say(qrels, rows, '--strict')).rejects.toThrow(/line 1, score: not a number: "high"/);
});

test.each([
  ['no query in common', [qrels, runOf('other', { x: 'a' })], /none in common: .*other\.run has "x".*"q1"/],
  ['nothing relevant', [written('none.qrel', ['q1 0 a 0', 'q1 0 b -1']), good], /where something is relevant/],
  ['nothing so relevant', [qrels, good, '--relevant-from', '5'], /grade of 5 in .*lower --relevant-from/],
  [
    'auc of lists that are all relevant',
    [written('all.qrel', ['q1 0 a 1']), runOf('all', { q1: 'a' }), '--metric', 'auc'],
    /no query of .*all\.run with both/,
  ],
  ['an unknown metric', [qrels, good, '--metric', 'ndgc@5'], /Did you mean "ndcg"/],
  ['no such file', [qrels, join(root, 'missing.run')], /missing\.run/],
  ['an empty file', [written('empty.qrel', []), good], /empty\.qrel/],
  ['judgements in the place of a run', [qrels, qrels], /4 fields where a row has 6: qid Q0 docno rank score tag/],
])('%s is refused', async (_, words, message) => {
  await expect(say(...words)).rejects.toThrow(message);
});
