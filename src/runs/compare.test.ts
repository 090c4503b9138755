import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { count, type Made, writeMeasuredRun } from '../../test/measured-runs.ts';
import { KindredError } from '../core/error.ts';
import { bootstrapMean } from '../evaluation/bootstrap.ts';
import { compareRuns } from './compare.ts';
import { comparePage } from './compare-page.ts';
import { runFiles } from './files.ts';
import { type Queries, readQueries } from './queries.ts';

const work = mkdtempSync(join(tmpdir(), 'compare-'));
afterAll(() => rmSync(work, { recursive: true }));

/** A folder that holds what a finished run holds, as far as runs are compared by it. */
async function run(name: string, made: Made): Promise<string> {
  const folder = join(work, name);
  await writeMeasuredRun(folder, made);
  return folder;
}

const mapAtR = ({ run }: Queries): readonly number[] => run.mapAtR!;
const classesOf = ({ classes }: Queries): readonly string[] => classes!;

test('differences are those of the queries in pairs, against the first run', async () => {
  const [a, b] = [
    await run('a', { noise: 0.5 }),
    await run('b', { noise: 0.2, margin: 0.3, stages: ['easy', 'hard'] }),
  ];
  const compared = compareRuns([a, b], 'mapAtR');
  const [inA, inB] = [readQueries(a), readQueries(b)];
  const differences = mapAtR(inB).map((value, i) => value - mapAtR(inA)[i]);
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  // The second is better for so many queries that no exchange drawn is as large.
  const interval = bootstrapMean(Float64Array.from(differences), { seed: 1 });
  expect(compared.differences).toEqual([{ name: b, ...interval, p: 1 / 1001 }]);
  expect(compared.differences[0].mean).toBeCloseTo(mean, 12);
  expect(mean).toBeCloseTo(compared.runs[1].metrics.mapAtR! - compared.runs[0].metrics.mapAtR!, 12);
  expect(compared.differences[0].low).toBeGreaterThan(0);
  expect(compared.baseline.name).toBe('raw pixels, cosine');
  expect(compared.baseline.high).toBeLessThan(0);
  expect(compared).toMatchObject({ metric: 'mapAtR', queries: count, candidates: count - 1 });
  expect(compared.settings).toEqual([{ key: 'objective.loss.margin', values: [0.2, 0.3] }]);
  expect(compared.runs.map(({ loss }) => loss)).toEqual([
    { name: a, steps: [1, 2], values: [4, 3], breaks: [] },
    { name: b, steps: [1, 2], values: [4, 3], breaks: [1] },
  ]);
  expect(compared.runs[0].validation).toEqual({ name: a, steps: [2], values: [0.5] });
});

test('another metric, and a run that is equal', async () => {
  const [a, same] = [await run('a', { noise: 0.5 }), await run('same', { noise: 0.5 })];
  const { differences, settings } = compareRuns([a, same], 'recallAt1');
  expect(differences).toEqual([{ name: same, mean: 0, low: 0, high: 0, p: 1 }]);
  expect(settings).toEqual([]);
});

test('queries are paired by id and class, whatever their order', async () => {
  const reversed = (queries: Queries): Queries => ({
    ...queries,
    ids: queries.ids.toReversed(),
    classes: classesOf(queries).toReversed(),
    run: { ...queries.run, mapAtR: mapAtR(queries).toReversed() },
  });
  const a = await run('a', { noise: 0.5 });
  const b = await run('b', { noise: 0.2 });
  const turned = await run('turned', { noise: 0.2, queries: reversed });
  const [straight] = compareRuns([a, b], 'mapAtR').differences;
  expect(compareRuns([a, turned], 'mapAtR').differences).toEqual([{ ...straight, name: turned }]);
});

test('runs with other queries are refused, and how many are shared is said', async () => {
  const a = await run('a', { noise: 0.5 });
  const refused = (folders: readonly string[]) => expect(() => compareRuns(folders, 'mapAtR'));
  const cut = await run('cut', {
    noise: 0.5,
    queries: (queries) => ({ ...queries, ids: queries.ids.slice(10), classes: classesOf(queries).slice(10) }),
  });
  refused([a, cut]).toThrow(`50 queries are shared by the 60 of ${a} and the 50 of ${cut}, by id and class`);
  refused([cut, a]).toThrow(`50 queries are shared by the 50 of ${cut} and the 60 of ${a}`);
  const renamed = await run('renamed', {
    noise: 0.5,
    queries: (queries) => ({ ...queries, classes: classesOf(queries).map((name, i) => (i < 3 ? 'other' : name)) }),
  });
  refused([a, renamed]).toThrow('57 queries are shared');
  const fewer = await run('fewer', { noise: 0.5, queries: (queries) => ({ ...queries, candidates: 40 }) });
  refused([a, fewer]).toThrow(`59 items in ${a}, 40 in ${fewer}`);
  refused([a]).toThrow('Two runs or more');
  refused([a, `${a}/`]).toThrow(expect.objectContaining({ exitCode: 2 }));
  refused([a, join(work, 'missing')]).toThrow('is not a finished run');
});

test.each([
  ['verification', 'auc', 'AUC', '120 pairs', 120],
  ['triplets', 'agreement', 'Agreement', '60 anchors', 60],
] as const)('runs measured by %s are compared by their main quality', async (measure, main, label, units, number) => {
  const name = (end: string) => `${measure} ${end}`;
  const a = await run(name('a'), { noise: 0.6, measure });
  const b = await run(name('b'), { noise: 0.2, measure });
  const compared = compareRuns([a, b]);
  expect(compared).toMatchObject({ measure, metric: main, queries: number });
  const [difference] = compared.differences;
  const [inA, inB] = compared.runs.map(({ metrics }) => metrics[main]!);
  expect(difference.mean).toBeCloseTo(inB - inA, 12);
  expect(difference.low).toBeGreaterThan(0);
  expect(compared.baseline.high).toBeLessThan(0);
  expect(compared.runs[0].validation.values).toEqual([0.5]);
  const page = comparePage(compared);
  expect(page).toContain(`${label} over the same ${units}, against ${a}: `);
  expect(page).toContain(`${label}, validation`);
  expect(page).not.toMatch(/undefined|NaN|\[object|their class/);
  expect(() => compareRuns([a, b], 'mapAtR')).toThrow(`mapAtR, which ${a} does not have. Name another with --metric`);
  const groups = await run('groups', { noise: 0.5 });
  expect(() => compareRuns([groups, a])).toThrow(`retrieval in ${groups}, ${measure} in ${a}`);
});

test('pairs are told apart by both items, by what they are, and by their turn', async () => {
  const measure = 'verification';
  const a = await run('pairs a', { noise: 0.9, measure });
  const turned = (queries: Queries): Queries => ({
    ...queries,
    ids: queries.ids.toReversed(),
    others: queries.others!.toReversed(),
    classes: classesOf(queries).toReversed(),
    run: { ...queries.run, auc: queries.run.auc!.toReversed() },
  });
  const twice = (queries: Queries): Queries => ({ ...queries, ids: queries.ids.map(() => 'x') });
  expect(compareRuns([a, await run('turned', { noise: 0.9, measure, queries: turned })]).differences[0].mean).toBe(0);
  const swapped = (queries: Queries): Queries => ({ ...queries, others: queries.others!.toReversed() });
  const other = await run('swapped', { noise: 0.9, measure, queries: swapped });
  expect(() => compareRuns([a, other])).toThrow('Runs are compared over the same pairs');
  const changed = (queries: Queries): Queries => ({ ...queries, classes: classesOf(queries).map(() => 'same') });
  const same = await run('changed', { noise: 0.9, measure, queries: changed });
  expect(() => compareRuns([a, same])).toThrow(`60 pairs are shared by the 120 of ${a}`);
  const all = (queries: Queries): Queries => ({ ...twice(queries), others: queries.others!.map(() => 'y') });
  const [one, two] = [
    await run('one', { noise: 0.9, measure, queries: all }),
    await run('two', { noise: 0.2, measure, queries: all }),
  ];
  const means = [one, two].map((folder) => readQueries(folder).run.auc!.reduce((x, y) => x + y, 0) / 120);
  expect(compareRuns([one, two]).differences[0].mean).toBeCloseTo(means[1] - means[0], 12);
});

test('a run without its queries, or with damaged ones, is said to be', async () => {
  const a = await run('a', { noise: 0.5 });
  const old = await run('old', { noise: 0.5 });
  writeFileSync(runFiles(old).queries, '{"version"');
  expect(() => compareRuns([a, old], 'mapAtR')).toThrow('A file of the run is damaged');
  rmSync(runFiles(old).queries);
  expect(() => compareRuns([a, old], 'mapAtR')).toThrow(KindredError);
  expect(() => compareRuns([a, old], 'mapAtR')).toThrow(/there is no .*queries\.json/);
});

test('the page shows table, differences, curves and settings, and escapes names', async () => {
  const a = await run('a', { noise: 0.5 });
  const b = await run('b <script>', { noise: 0.2, margin: 0.3 });
  const comparison = compareRuns([a, b], 'mapAtR');
  const page = comparePage(comparison);
  expect(page).toContain(`MAP@R over the same 60 queries, against ${a}: `);
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/undefined|NaN|\[object/);
  const [{ mean, low, high }] = comparison.differences;
  for (const value of [mean, low, high]) expect(page).toContain(`+${value.toFixed(3)}`);
  expect(page).toContain('<td>better</td>');
  expect(page).toContain('<td>worse</td>');
  expect(page.match(/class="line run-\d dash-0" d="M257/g)).toHaveLength(2);
  expect(page).toMatch(/objective\.loss\.margin<\/th><td>0\.2<\/td><td>0\.3<\/td>/);
  expect(page).toContain('2 steps in 2.0 s, 1,000 items/s');
  expect(comparePage(comparison)).toBe(page);
});

test('a page without curves says so', async () => {
  const folders = [await run('a', { noise: 0.5 }), await run('b', { noise: 0.2 })];
  for (const folder of folders) rmSync(runFiles(folder).curve);
  expect(comparePage(compareRuns(folders, 'mapAtR'))).toContain('Left out: no step was recorded');
});
