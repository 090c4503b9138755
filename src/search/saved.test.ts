import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { type Matrix, matrix, takeRows } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { exactIndex } from './exact.ts';
import { openIndex, saveIndex } from './saved.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'index-')), 'deep', 'index');
});
afterEach(() => {
  rmSync(join(folder, '..', '..'), { recursive: true });
});

function normal(rows: number, columns: number, seed: number): Matrix {
  const random = Random.seeded(seed);
  return matrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => random.normal()),
  );
}
const ids = (count: number) => Array.from({ length: count }, (_, i) => `item ${i} é`);
const embeddings = normal(300, 6, 5);
const options = { embeddings, ids: ids(300), metric: 'cosine' } as const;

/** The name of the file of one kind. */
const fileOf = (kind: string) => readdirSync(folder).find((name) => name.startsWith(kind)) as string;
const bytesOf = (at: string) => readdirSync(at).map((name) => [name, readFileSync(join(at, name)).toString('base64')]);

test.each([{ exact: false }, { exact: true }])('what was saved is found again, %o', async (how) => {
  await saveIndex(folder, { ...options, labels: Int32Array.from({ length: 300 }, (_, i) => i % 2), names: ['a', 'b'] });
  const index = await openIndex(folder, how);
  expect(index).toMatchObject({ size: 300, dimension: 6, metric: 'cosine' });
  const queries = normal(20, 6, 6);
  const hits = await index.search(queries, 5);
  const expected = await exactIndex(options).search(queries, 5);
  expect(hits.map((row) => row.map((hit) => hit.id))).toEqual(expected.map((row) => row.map((hit) => hit.id)));
  for (const [q, row] of hits.entries()) {
    for (const [i, hit] of row.entries()) expect(hit.distance).toBeCloseTo(expected[q][i].distance, 5);
  }
  const items = await index.items();
  expect(items.ids).toEqual(options.ids);
  expect(items.labels?.slice(0, 3)).toEqual([0, 1, 0]);
  expect(items.names).toEqual(['a', 'b']);
});

test('every item is found, by all of them when k is larger than the index', async () => {
  await saveIndex(folder, { ...options, embeddings: matrix(300, 6, new Float32Array(1800).fill(2)) });
  const [hits] = await (await openIndex(folder)).search(takeRows(embeddings, [0]), 1000);
  expect(hits.map((hit) => hit.position)).toEqual([...Array(300).keys()]);
});

test('an index without items can be saved, opened and searched', async () => {
  await saveIndex(folder, { embeddings: matrix(0, 6), ids: [], metric: 'dot' });
  for (const exact of [false, true]) {
    const index = await openIndex(folder, { exact });
    expect(await index.search(takeRows(embeddings, [0]), 3)).toEqual([[]]);
    expect(await index.items()).toEqual({ ids: [] });
  }
});

test('the same input gives the same bytes', async () => {
  const large = { ...options, embeddings: normal(2500, 6, 7), ids: ids(2500) };
  await saveIndex(folder, large);
  const first = bytesOf(folder);
  await saveIndex(join(folder, 'again'), large);
  expect(first).toHaveLength(4);
  expect(bytesOf(join(folder, 'again'))).toEqual(first);
});

test('saving over an index replaces it, and leaves files alone that are not its own', async () => {
  await saveIndex(folder, options);
  writeFileSync(join(folder, 'items-notes.json'), 'mine');
  const before = readdirSync(folder);
  await saveIndex(folder, { ...options, embeddings: normal(300, 6, 8) });
  const after = readdirSync(folder);
  expect(after).toHaveLength(5);
  expect(after.filter((name) => before.includes(name)).sort()).toEqual(['index.json', 'items-notes.json']);
});

test('a save that is cut short leaves the old index as it was', async () => {
  await saveIndex(folder, options);
  const before = await (await openIndex(folder)).search(takeRows(embeddings, [0, 1]), 4);
  // A folder in the way of the last file but one stops the second save after two of its files.
  const other = { ...options, embeddings: normal(300, 6, 8) };
  await saveIndex(join(folder, 'other'), other);
  const blocked = readdirSync(join(folder, 'other')).find((name) => name.startsWith('items-')) as string;
  cpSync(join(folder, 'other'), join(folder, blocked), { recursive: true });
  await expect(saveIndex(folder, other)).rejects.toThrow(KindredError);
  expect(await (await openIndex(folder)).search(takeRows(embeddings, [0, 1]), 4)).toEqual(before);
});

test.each([
  ['is missing', (path: string) => rmSync(path), 'cannot be read'],
  ['lost its end', (path: string) => truncateSync(path, 100), 'has 100 bytes, and '],
  ['is empty', (path: string) => truncateSync(path, 0), 'has 0 bytes, and '],
  [
    'has one other byte',
    (path: string) => {
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(path, bytes);
    },
    'has changed since it was saved',
  ],
])('a data file that %s is refused, whatever the file', async (_, damage, message) => {
  const search = async (exact: boolean) => (await openIndex(folder, { exact })).search(takeRows(embeddings, [0]), 1);
  for (const [kind, exact] of [
    ['graph', false],
    ['vectors', true],
    ['items', false],
  ] as const) {
    await saveIndex(folder, options);
    damage(join(folder, fileOf(kind)));
    await expect(search(exact)).rejects.toThrow(KindredError);
    await expect(search(exact)).rejects.toThrow(message);
  }
});

test('a manifest that is missing, not JSON, of another version or of other sizes is refused', async () => {
  await expect(openIndex(folder)).rejects.toThrow('index.json cannot be read. Check the path');
  await saveIndex(folder, options);
  const path = join(folder, 'index.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const opened = (content: string, exact = false) => {
    writeFileSync(path, content);
    return expect(openIndex(folder, { exact })).rejects;
  };
  await opened('{').toThrow('is not JSON');
  await opened(JSON.stringify({ ...manifest, version: 2 })).toThrow('version: ');
  await opened(JSON.stringify({ ...manifest, size: 299 })).toThrow('holds 300 items of dimension 6, not 299');
  await opened(JSON.stringify({ ...manifest, size: 299 }), true).toThrow('299 items of dimension 6 in 7200 bytes');
  const outside = { ...manifest.files.graph, name: '../graph' };
  await opened(JSON.stringify({ ...manifest, files: { ...manifest.files, graph: outside } })).toThrow(
    'files.graph.name',
  );
});

test('labels that do not fit are refused, and nothing is written', async () => {
  const save = (labels?: number[], names?: string[]) =>
    expect(saveIndex(folder, { ...options, ...(labels && { labels }), ...(names && { names }) })).rejects;
  await save([0]).toThrow('labels without names');
  await save(undefined, ['a']).toThrow('names without labels');
  await save([0], ['a']).toThrow('300 items and 1 labels');
  await save([...Array(299).fill(0), 1], ['a']).toThrow("label 1 for 'item 299 é', and 1 names");
  expect(() => readdirSync(folder)).toThrow('ENOENT');
});

test('a folder that cannot be made is an error with a next step', async () => {
  await saveIndex(folder, options);
  renameSync(join(folder, 'index.json'), join(folder, 'file'));
  await expect(saveIndex(join(folder, 'file', 'index'), options)).rejects.toThrow(KindredError);
});
