import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { writeMeasuredRun } from '../../test/measured-runs.ts';
import { compareRuns } from '../runs/compare.ts';
import { compareCommand } from './compare.ts';

const work = mkdtempSync(join(tmpdir(), 'compare-command-'));
const [a, b] = [join(work, 'a'), join(work, 'b')];
beforeAll(async () => {
  await writeMeasuredRun(a, { noise: 0.5 });
  await writeMeasuredRun(b, { noise: 0.2, margin: 0.3 });
});
afterAll(() => rmSync(work, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
});

async function printed(...words: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += piece;
    return true;
  });
  try {
    await compareCommand().exitOverride().parseAsync(words, { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return text;
}

test('tables for people: what was measured, paired differences, settings', async () => {
  const text = await printed(a, b);
  const { runs, differences } = compareRuns([a, b], 'mapAtR');
  const lines = text.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(text).toMatch(/^60 queries, the same for all\n/);
  expect(lines).toContainEqual(['R@1', 'R@10', 'MAP@R', 'NDCG@10', 'steps', 'time', 'items/s']);
  for (const { run, metrics } of runs) {
    const values = [metrics.recallAt1, metrics.recallAt10, metrics.mapAtR, metrics.ndcgAt10];
    expect(lines).toContainEqual([run, ...values.map((value) => value?.toFixed(3)), '2', '2.0 s', '1,000']);
  }
  const [{ mean, low, high, p }] = differences;
  const interval = `+${low.toFixed(3)} to +${high.toFixed(3)}`;
  expect(lines).toContainEqual([b, `+${mean.toFixed(3)}`, interval, p < 0.001 ? '< 0.001' : p.toFixed(3), 'better']);
  expect(lines).toContainEqual(['objective.loss.margin', '0.2', '0.3']);
});

test('JSON for programs, in the metric asked for, and a page', async () => {
  const page = join(work, 'compare.html');
  const result = JSON.parse(await printed(b, a, '--metric', 'ndcgAt10', '--json', '-o', page));
  const { runs, ...comparison } = compareRuns([b, a], 'ndcgAt10');
  expect(result).toEqual({ ...comparison, runs: runs.map(({ run, metrics }) => ({ run, ...metrics })), page });
  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>.*NDCG@10 over the same 60 queries/s);
});

test('runs tested by pairs have the columns of their measure', async () => {
  const [one, two] = [join(work, 'pairs one'), join(work, 'pairs two')];
  await writeMeasuredRun(one, { noise: 0.9, measure: 'verification' });
  await writeMeasuredRun(two, { noise: 0.2, measure: 'verification' });
  const text = await printed(one, two);
  expect(text).toMatch(/^120 pairs, the same for all\n/);
  expect(text).toMatch(/\n +AUC +AP +steps +time +items\/s\n/);
  expect(text).toContain(`AUC against ${one}, paired over the pairs:`);
});

test('runs that cannot be compared leave no page', async () => {
  const other = join(work, 'other');
  await writeMeasuredRun(other, { noise: 0.5, queries: (queries) => ({ ...queries, candidates: 3 }) });
  const page = join(work, 'refused.html');
  await expect(printed(a, other, '-o', page)).rejects.toThrow('each query searched the same items');
  expect(existsSync(page)).toBe(false);
});
