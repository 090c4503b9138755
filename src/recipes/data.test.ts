import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { threeColours, writeClasses, writePicture } from '../../test/pictures.ts';
import { Random } from '../core/random.ts';
import type { GroupRelations } from '../relations/relations.ts';
import { readData } from './data.ts';
import { recipeSchema } from './schema.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-data-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const dataSchema = recipeSchema.shape.data;
const folders = (more: object = {}) =>
  dataSchema.parse({
    reader: 'folders',
    folder: root,
    height: 8,
    width: 8,
    channels: 3,
    split: { by: 'item', validation: 0.25, test: 0.25 },
    ...more,
  });

test('folders are read and split, each item once, the same way for the same seed', async () => {
  await writeClasses(root, threeColours, 8);
  const { items, relations, parts, skipped, notes } = await readData(folders(), { seed: 3 });
  const groups = relations as GroupRelations;
  expect(items.modalities.image).toMatchObject({ count: 24, height: 8, width: 8, channels: 3 });
  expect(groups.names).toEqual(['blue', 'green', 'red']);
  const { train, validation, test } = parts;
  expect([...train.items, ...validation.items, ...test.items].sort((a, b) => a - b)).toEqual([...groups.labels.keys()]);
  expect([parts.train, parts.validation, parts.test].map((part) => part.items.length)).toEqual([12, 6, 6]);
  expect([skipped, notes]).toEqual([[], []]);
  expect((await readData(folders(), { seed: 3 })).parts).toEqual(parts);
  expect((await readData(folders(), { seed: 4 })).parts).not.toEqual(parts);
  const limited = await readData(folders({ limit: 5 }), { seed: 3 });
  expect(limited.items.count).toBe(15);
});

test('the classes of a data set stay known where views are learned', async () => {
  const named = (more: object) =>
    readData(dataSchema.parse({ reader: 'data-set', name: 'fashion-mnist', ...more }), { seed: 1 });
  const [plain, views] = [await named({}), await named({ learn: 'views' })];
  expect([plain.relations.kind, plain.labels]).toEqual(['groups', {}]);
  expect(views.relations.kind).toBe('views');
  expect(views.labels).toEqual({ class: plain.relations });
});

test('pictures that cannot be read are listed, or refused with strict', async () => {
  await writeClasses(root, threeColours, 4);
  const noise = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7919) % 251);
  const whole = await sharp(noise, { raw: { width: 32, height: 32, channels: 3 } })
    .jpeg()
    .toBuffer();
  writeFileSync(join(root, 'red', 'cut.jpg'), whole.subarray(0, whole.length / 2));
  writeFileSync(join(root, 'red', 'nothing.jpg'), '');
  writeFileSync(join(root, 'blue', 'text.jpg'), 'a letter');
  mkdirSync(join(root, 'void'));
  const { items, skipped, notes, relations } = await readData(folders(), { seed: 1 });
  expect(items.count).toBe(12);
  expect(skipped.map(({ path }) => path)).toEqual(
    ['blue/text.jpg', 'red/cut.jpg', 'red/nothing.jpg'].map((id) => join(root, id)),
  );
  expect(skipped.map(({ reason }) => reason)).toEqual([
    'is not a picture, or is damaged',
    expect.stringMatching(/^cannot be decoded/),
    'has zero bytes',
  ]);
  expect(notes).toEqual(['classes without a picture: void']);
  expect((relations as GroupRelations).names).toEqual(['blue', 'green', 'red']);
  await expect(readData(folders(), { seed: 1, strict: true })).rejects.toThrow(
    /Every picture that is asked for can be read: 3 of 15 cannot: .*text\.jpg .*cut\.jpg .*nothing\.jpg has zero bytes/,
  );
  rmSync(join(root, 'red', 'cut.jpg'));
  rmSync(join(root, 'red', 'nothing.jpg'));
  rmSync(join(root, 'blue', 'text.jpg'));
  await expect(readData(folders(), { seed: 1, strict: true })).rejects.toThrow(
    /Every class has a picture: none in void\. Add pictures, remove the folders, or leave out --strict/,
  );
});

test('what nothing can be learned from is refused', async () => {
  await expect(readData(folders({ folder: join(root, 'missing') }), { seed: 1 })).rejects.toThrow(/there is no folder/);
  await expect(readData(folders(), { seed: 1 })).rejects.toThrow(/has 0 folders and no file ending in/);
  const random = Random.seeded(1);
  await writePicture(join(root, 'a', '0.png'), [200, 0, 0], random);
  await writePicture(join(root, 'b', '0.png'), [0, 200, 0], random);
  await expect(readData(folders(), { seed: 1 })).rejects.toThrow(/training two of each group/);
  await expect(readData(folders({ split: { by: 'item', validation: 0, test: 0 } }), { seed: 1 })).rejects.toThrow(
    /has 2 classes in training, 0 of them with two items or more\. Add items/,
  );
  rmSync(join(root, 'b'), { recursive: true });
  for (let i = 1; i < 8; i++) await writePicture(join(root, 'a', `${i}.png`), [200, 0, 0], random);
  await expect(readData(folders(), { seed: 1 })).rejects.toThrow(
    /Learning what belongs together needs two classes .* has 1 classes in training, 1 of them/,
  );
  await expect(readData(folders({ split: { by: 'item', validation: 0.6, test: 0.6 } }), { seed: 1 })).rejects.toThrow(
    /together below 1: validation 0\.6, test 0\.6/,
  );
});

test('a class with one picture is trained on with the others', async () => {
  await writeClasses(root, threeColours, 6);
  await writePicture(join(root, 'single', '0.png'), [0, 0, 0], Random.seeded(1));
  const { relations, parts } = await readData(folders(), { seed: 1 });
  const groups = relations as GroupRelations;
  const single = groups.labels.indexOf(groups.names.indexOf('single'));
  expect(parts.train.items).toContain(single);
});

const fashion = fileURLToPath(new URL('../../data/fashion-mnist/', import.meta.url));
const idx = (more: object = {}) => dataSchema.parse({ reader: 'idx', folder: root, ...more });

test('the parts of an IDX data set are its files', async () => {
  cpSync(fashion, root, { recursive: true });
  const { items, relations, parts } = await readData(idx(), { seed: 1 });
  const groups = relations as GroupRelations;
  expect([parts.train, parts.validation, parts.test].map((part) => part.items.length)).toEqual([12000, 1000, 2000]);
  expect(items.ids[parts.validation.items[0]]).toBe('validation/0');
  expect(items.ids[parts.test.items[1999]]).toBe('test/1999');
  expect(groups.names).toEqual([...'0123456789']);
  expect(new Set(items.ids).size).toBe(15000);
  const counts = Array.from({ length: 10 }, (_, label) => groups.labels.filter((each) => each === label).length);
  expect(counts).toEqual(Array(10).fill(1500));
});

test('damaged IDX files are refused by name', async () => {
  cpSync(fashion, root, { recursive: true });
  await expect(readData(idx({ names: ['a', 'b'] }), { seed: 1 })).rejects.toThrow(/label 9 in .* and 2 names/);
  const file = join(root, 'validation-images-idx3-ubyte.gz');
  cpSync(join(root, 'validation-labels-idx1-ubyte.gz'), file);
  await expect(readData(idx(), { seed: 1 })).rejects.toThrow(/validation-images.*has magic number 0x00000801/);
  writeFileSync(file, readFileSync(join(fashion, 'validation-images-idx3-ubyte.gz')).subarray(0, 5000));
  await expect(readData(idx(), { seed: 1 })).rejects.toThrow(/validation-images.* cut short/);
  writeFileSync(file, '');
  await expect(readData(idx(), { seed: 1 })).rejects.toThrow(/validation-images.* has zero bytes/);
  // Plain files are taken before zipped ones.
  writeFileSync(
    join(root, 'validation-images-idx3-ubyte'),
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4),
  );
  await expect(readData(idx(), { seed: 1 })).rejects.toThrow(/1 pictures in .* and 1000 labels/);
  writeFileSync(join(root, 'validation-labels-idx1-ubyte'), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0));
  await expect(readData(idx(), { seed: 1 })).rejects.toThrow(/same size: validation 2 x 2, train 28 x 28/);
  rmSync(join(root, 'test-labels-idx1-ubyte.gz'));
  await expect(readData(idx(), { seed: 1 })).rejects.toThrow(/there is no file .*test-labels-idx1-ubyte\.gz/);
});

test('a data set in a file of the user’s own', async () => {
  // What defineDataSet gives; where sources run as they are, a file outside them cannot import it.
  writeFileSync(
    join(root, 'mine.js'),
    `const make = ({ shift = 0 }) => ({
  name: 'mine',
  load: async () => {
    const labels = Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1);
    const data = Float32Array.from(labels, (label) => label + shift);
    return {
      items: { count: 8, ids: [...'abcdefgh'], modalities: { vector: { kind: 'vector', rows: 8, columns: 1, data } } },
      relations: { kind: 'groups', items: 8, labels, names: ['low', 'high'] },
      skipped: [],
      notes: [],
    };
  },
});
export const mine = Object.assign(make, { definition: 'data-set', options: {} });
`,
  );
  const recipe = dataSchema.parse({
    reader: 'data-set',
    name: join(root, 'mine.js'),
    options: { shift: 3 },
    split: { by: 'item', validation: 0, test: 0.25 },
  });
  const { items, parts } = await readData(recipe, { seed: 1 });
  expect(items.modalities.vector).toMatchObject({ data: Float32Array.of(3, 4, 3, 4, 3, 4, 3, 4) });
  expect(parts.train.items).toHaveLength(6);
});

test('a test part that is one component is told of', async () => {
  const rings = (count: number) => {
    const item = (i: number) => i - (i % 5) + ((i + 1) % 5);
    writeFileSync(
      join(root, 'rings.csv'),
      ['from,to', ...Array.from({ length: 5 * count }, (_, i) => `n${i},n${item(i)}`)].join('\n'),
    );
    const data = dataSchema.parse({
      reader: 'files',
      items: { kind: 'from-relations', features: 'none' },
      relations: { kind: 'graph', path: join(root, 'rings.csv'), columns: { from: 'from', to: 'to' }, header: true },
      split: { by: 'component', validation: 0.15, test: 0.15 },
    });
    return readData(data, { seed: 1 });
  };
  expect((await rings(8)).notes.join()).toContain('the test part is one component, of 5 items');
  expect((await rings(20)).notes).toEqual([]);
});

const onLog = (more: object = {}) => {
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(join(root, name), `${lines.join('\n')}\n`);
    return join(root, name);
  };
  const items = Array.from({ length: 20 }, (_, i) => i);
  return dataSchema.parse({
    reader: 'files',
    items: {
      kind: 'table',
      path: write('items.csv', ['id,kind,x,y', ...items.map((i) => `i${i},${i % 5},${i},${i * i}`)]),
      columns: { id: 'id', group: 'kind', vectors: { place: ['x', 'y'] } },
    },
    relations: {
      kind: 'log',
      // Of two items, new and newer, nothing is given.
      files: write('log.csv', [
        'user,item,time',
        ...items.map((i) => `u${i % 3},i${i},${i}`),
        ...['u9,new,1', 'u9,new,2', 'u9,newer,3'],
      ]),
      link: { by: 'basket' },
    },
    ...more,
  });
};
const divided = (split: object) => readData(onLog({ split }), { seed: 1 });

test('a log divides by what its links have, and names the items that are not given', async () => {
  const { notes, parts } = await divided({ by: 'row' });
  expect(notes).toContain('2 items of the log are none of these, and left out: "new", "newer"');
  expect(parts.test.items.length).toBeGreaterThan(0);
  await expect(readData(onLog(), { seed: 1, strict: true })).rejects.toThrow(
    /With strict, .*2 items of the log are none of these: "new", "newer"\. Add them/,
  );
  await expect(divided({ by: 'time' })).rejects.toThrow(
    /have no user and no time: a split by time\. Split by item, component or row/,
  );
  await expect(divided({ by: 'user' })).rejects.toThrow(/a split by user\. Split by item/);
});

test('the label of a table is called class, and errors say so', async () => {
  const called = /the labels are class \(class is the column of labels, whatever its name in the file\)/;
  await expect(divided({ by: 'group' })).rejects.toThrow(/which data\.split\.group names: none; the labels are class /);
  await expect(divided({ by: 'group', group: 'kind' })).rejects.toThrow(called);
  await expect(readData(onLog({ learn: 'kind' }), { seed: 1 })).rejects.toThrow(called);
  const { parts } = await divided({ by: 'group', group: 'class', validation: 0.2, test: 0.4 });
  expect(new Set(Array.from(parts.test.items, (item) => item % 5)).size).toBe(2);
});
