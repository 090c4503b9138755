import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { npy } from '../../../test/own-data.ts';
import { writePicture } from '../../../test/pictures.ts';
import { Random } from '../../core/random.ts';
import type { Graph, Pairs } from '../../relations/relations.ts';
import { readData, readSource } from '../data.ts';
import { dataSchema } from './schema.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-named-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(root, name), text);
  return join(root, name);
};
const read = (items: object, relations?: object, strict = false) =>
  readSource(dataSchema.parse({ reader: 'files', items, ...(relations && { relations }) }), { seed: 1, strict });

test('pairs of sentences: the items are the sentences', async () => {
  const path = write('pairs.csv', 'id,s,t,dup\n1,"Hi, you","Hello there",1\n2,"Hi, you",Bye,0\n');
  const { items, relations } = await read(
    { kind: 'from-relations' },
    { kind: 'pairs', path, columns: { a: 's', b: 't', same: 'dup' } },
  );
  expect(items).toEqual({
    count: 3,
    ids: ['Hi, you', 'Hello there', 'Bye'],
    modalities: { text: { kind: 'text', texts: ['Hi, you', 'Hello there', 'Bye'] } },
  });
  const { a, b, same } = relations as Pairs;
  expect([[...a], [...b], [...same]]).toEqual([
    [0, 0],
    [1, 2],
    [1, 0],
  ]);
});

test('pictures that relations name: one that is missing takes its rows with it', async () => {
  mkdirSync(join(root, 'pics'));
  const random = Random.seeded(1);
  for (const name of ['x', 'y', 'z']) await writePicture(join(root, 'pics', `${name}.png`), [200, 0, 0], random);
  const path = write(
    'links.csv',
    'from,to,weight\npics/x.png,pics/gone.png,5\npics/z.png,pics/x.png,2\npics/y.png,pics/z.png,3\n',
  );
  const items = { kind: 'from-relations', image: { height: 8, width: 8, channels: 1 } };
  const { items: found, relations, skipped, notes } = await read(items, { kind: 'graph', path });
  expect(found.ids).toEqual(['pics/x.png', 'pics/z.png', 'pics/y.png']);
  expect(found.modalities.image).toMatchObject({ count: 3, height: 8 });
  const { items: count, from, to, weight } = relations as Graph;
  expect([count, [...from], [...to], [...(weight ?? [])]]).toEqual([3, [1, 2], [0, 1], [2, 3]]);
  expect(skipped).toEqual([{ path: join(root, 'pics/gone.png'), reason: 'does not exist' }]);
  expect(notes).toEqual(['rows left out, because they name files that cannot be read: 1']);
  await expect(read(items, { kind: 'graph', path }, true)).rejects.toThrow(
    /Every picture that is asked for can be read/,
  );
  const elsewhere = write('names.csv', 'a,b\nx.png,y.png\n');
  const folder = join(root, 'pics');
  const beside = await read({ ...items, folder }, { kind: 'pairs', path: elsewhere });
  expect(beside.items.ids).toEqual(['x.png', 'y.png']);
});

test('items that relations name need relations, and are of one kind', async () => {
  await expect(read({ kind: 'from-relations' })).rejects.toThrow(/need relations.*Add data\.relations/);
  const path = write('p.csv', 'a,b\nx,y\n');
  const both = { kind: 'from-relations', image: { height: 8, width: 8, channels: 1 }, sound: {} };
  await expect(read(both, { kind: 'pairs', path })).rejects.toThrow(
    /pictures or sounds.*: items.image and items.sound/,
  );
  const neither = { kind: 'from-relations', sound: {}, features: 'none' };
  await expect(read(neither, { kind: 'pairs', path })).rejects.toThrow(/nothing but ids: items.sound and items.feat/);
});

test('what relations name may be nothing but ids; then rows are divided, and items are shared', async () => {
  const rows = Array.from({ length: 20 }, (_, row) => `p${row % 5},q${Math.floor(row / 5)}`);
  const path = write('named.csv', `a,b\n${rows.join('\n')}\n`);
  const recipe = {
    reader: 'files',
    items: { kind: 'from-relations', features: 'none' },
    relations: { kind: 'pairs', path },
  };
  const { items, parts, dropped } = await readData(dataSchema.parse(recipe), { seed: 1 });
  expect(items.modalities).toEqual({});
  expect(items.count).toBe(9);
  expect(dropped).toBe(0);
  const { train, validation, test } = parts;
  expect([train, validation, test].map(({ relations }) => (relations as Pairs).a.length)).toEqual([14, 3, 3]);
  expect([...test.items].some((item) => train.items.includes(item))).toBe(true);
});

test('the rows of an array have labels from a table, bad rows left out', async () => {
  const path = join(root, 'x.npy');
  writeFileSync(
    path,
    npy([
      [0, 1],
      [2, 3],
      [Number.NaN, 5],
      [6, 7],
    ]),
  );
  const labels = { path: write('labels.csv', 'label\ncat\ndog\ncat\ncat\n'), column: 'label' };
  const { items, labels: found, relations } = await read({ kind: 'vectors', path, labels });
  expect(items.ids).toEqual(['0', '1', '3']);
  expect(relations).toEqual({ kind: 'groups', items: 3, labels: Int32Array.of(0, 1, 0), names: ['cat', 'dog'] });
  expect(found).toEqual({ class: relations });
  const short = { path: write('short.csv', 'label\ncat\ndog\n'), column: 'label' };
  await expect(read({ kind: 'vectors', path, labels: short })).rejects.toThrow(/4 rows in .*, and 2 labels in/);
  const empty = { path: write('empty.csv', 'label,x\ncat,1\n,1\ncat,1\ncat,1\n'), column: 'label' };
  await expect(read({ kind: 'vectors', path, labels: empty })).rejects.toThrow(/every row has to be good.*line 3/);
});
