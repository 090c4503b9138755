import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOwnData } from '../../../test/own-data.ts';
import { writePicture } from '../../../test/pictures.ts';
import { KindredError } from '../../core/error.ts';
import { Random } from '../../core/random.ts';
import { understand } from './understand.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-understand-'));
  writeOwnData(root);
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string) => join(root, name);
const write = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

test('a table of items: id, text, label, and numbers under one prefix', async () => {
  const path = at('items.csv');
  const { data, modality, columns } = await understand(path);
  expect(data).toEqual({
    reader: 'files',
    items: {
      kind: 'table',
      path,
      header: true,
      columns: { id: 'id', group: 'kind', vectors: { features: { prefix: 'f' } }, texts: { caption: 'caption' } },
    },
  });
  expect(modality).toBe('features');
  expect(columns).toMatchObject({ id: 'id', kind: 'label', caption: 'text', f0: 'features' });
});

test('JSON lines: lists of numbers are vectors, lists of words tags', async () => {
  const { data } = await understand(at('items.jsonl'));
  expect(data).toMatchObject({
    items: { columns: { id: 'id', vectors: { embedding: 'embedding' }, tags: { from: 'tags' } } },
  });
});

test('who had to do with what is a log, whatever the items are called', async () => {
  const logOf = async (text: string) => {
    const { data } = await understand(write('watched.csv', text));
    return 'relations' in data ? data.relations : data;
  };
  const rows = ['ann,alien', 'ann,brazil', 'ben,alien', 'ben,casablanca'];
  for (const item of ['film', 'toy']) {
    const expected = { kind: 'log', user: 'user', item, link: { by: 'basket' } };
    expect(await logOf(`user,${item}\n${rows.join('\n')}\n`)).toMatchObject(expected);
    expect(await logOf(`user,${item}\n${rows.join('\n')}\n`)).not.toHaveProperty('header', false);
    const timed = rows.map((row, i) => `${row},${1000 + i}`).join('\n');
    expect(await logOf(`user,${item},time\n${timed}\n`)).toMatchObject({
      kind: 'log',
      user: 'user',
      item,
      time: 'time',
    });
  }
  // Each person once, with something said of them: a table of people.
  expect(await logOf('user,toy\nann,doll\nben,train\ncleo,doll\n')).toMatchObject({
    reader: 'files',
    items: { kind: 'table' },
  });
});

test('a header of words alone is found by its names, and by the files below it', async () => {
  const named = await understand(write('words.csv', 'id,text,label\na,one of us,x\nb,two of us,y\nc,three of us,x\n'));
  expect(named.data).toMatchObject({
    items: { header: true, columns: { id: 'id', texts: { text: 'text' }, group: 'label' } },
  });
  mkdirSync(at('pics'));
  for (const name of ['0.png', '1.png', '2.png', '3.png'])
    await writePicture(at(`pics/${name}`), [200, 0, 0], Random.seeded(1));
  const rows = [0, 1, 2, 3].map((i) => `pics/${i}.png,${i % 2 ? 'good' : 'bad'}`).join('\n');
  const pictured = await understand(write('pictured.csv', `shot,verdict\n${rows}\n`));
  expect(pictured.data).toMatchObject({
    items: {
      header: true,
      columns: { id: 'shot', image: { from: 'shot', height: 32, width: 32, channels: 3 }, group: 'verdict' },
    },
  });
  const missing = await understand(write('missing.csv', 'file,text\nx/0.png,a longer text\nx/1.png,and another one\n'));
  expect(missing.doubts.join()).toMatch(/"file" looks like picture files, but the first of them are not there/);
});

test('relations by their columns, and what the items are', async () => {
  const kindOf = async (name: string, options = {}) => {
    const { data, idsOnly } = await understand(at(name), options);
    return [data.reader === 'files' && data.relations?.kind, idsOnly];
  };
  expect(await kindOf('pairs.csv')).toEqual(['pairs', true]);
  expect(await kindOf('triplets.txt')).toEqual(['triplets', true]);
  expect(await kindOf('links.jsonl')).toEqual(['graph', true]);
  expect(await kindOf('log.csv')).toEqual(['log', true]);
  expect(await kindOf('grades.csv')).toEqual(['lists', true]);
  expect(await kindOf('grades.csv', { kind: 'log' })).toEqual(['log', true]);
  expect(await kindOf('pairs.csv', { kind: 'items' })).toEqual([undefined, undefined]);
  expect(await kindOf('sentences.tsv')).toEqual(['pairs', false]);
  const prefer = write('prefer.csv', 'user,winner,loser\nu,a,b\nv,b,c\n');
  expect((await understand(prefer)).data).toMatchObject({ relations: { kind: 'preferences' } });
  const { data } = await understand(at('sentences.tsv'));
  expect(data).toMatchObject({
    items: { kind: 'from-relations' },
    relations: { columns: { a: 'sentence1', b: 'sentence2', same: 'duplicate' } },
  });
  const rows = 'u1,v1,170000\nu1,v2,170100\nu2,v1,170200\nu2,v3,170300\n';
  for (const time of ['watched_at', 'viewedAt', 'event_time']) {
    const { data } = await understand(write(`${time}.csv`, `user_id,video_id,${time}\n${rows}`));
    expect(data).toMatchObject({ relations: { kind: 'log', user: 'user_id', item: 'video_id', time } });
  }
  const device = write('device.csv', `user_id,video_id,device\n${rows.replaceAll(/17.*/g, 'tv')}`);
  expect((await understand(device)).data).toMatchObject({ relations: { kind: 'log', link: { by: 'basket' } } });
  const log = await understand(at('log.csv'));
  expect(log.data).toMatchObject({
    relations: { user: 'user', item: 'item', time: 'timestamp', link: { by: 'session', gap: 1800 } },
  });
});

/** Items `p0`, `p1`, ... with two numbers or more each, with fractions. */
const measured = (rows: number, width: number, before: (i: number) => string[] = () => []) =>
  Array.from({ length: rows }, (_, i) => [
    ...before(i),
    ...Array.from({ length: width }, (_, k) => `${i + k / 8 + 0.03}`),
  ]);
const csv = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`;
const many = Array.from({ length: 12 }, (_, k) => `x${k}`);

test('numbers are features of items, not pairs of x1 and x2', async () => {
  const of = async (name: string, head: readonly string[], rows: readonly (readonly string[])[]) =>
    (await understand(write(`${name}.csv`, csv(head, rows)))).data;
  const id = (i: number) => [`p${i}`];
  const features = { prefix: 'x' };
  expect(await of('bare', ['id', ...many], measured(30, 12, id))).toMatchObject({
    items: { kind: 'table', columns: { id: 'id', vectors: { features } } },
  });
  const whole = measured(30, 12, id).map((row) => row.map((cell) => cell.replace(/\..*/, '')));
  expect(await of('whole', ['id', ...many], whole)).toMatchObject({ items: { columns: { vectors: { features } } } });
  expect(
    await of(
      'sorted',
      ['category', ...many],
      measured(30, 12, (i) => [`c${i % 3}`]),
    ),
  ).toMatchObject({ items: { columns: { group: 'category', vectors: { features } } } });
  expect(await of('only', many, measured(30, 12))).toMatchObject({ items: { columns: { vectors: { features } } } });
  for (const ends of [
    ['x1', 'x2'],
    ['u', 'v'],
  ]) {
    const data = await of('two', ['id', ...ends], measured(30, 2, id));
    expect(data).toMatchObject({ items: { columns: { id: 'id', vectors: { features: ends } } } });
    expect(data).not.toHaveProperty('relations');
  }
  // Ids are whole numbers.
  expect(
    await of(
      'ids',
      ['x1', 'x2', 'same'],
      [
        ['1', '2', '1'],
        ['2', '3', '0'],
      ],
    ),
  ).toMatchObject({
    relations: { kind: 'pairs' },
  });
});

test('text in another encoding makes no pairs of a table of items', async () => {
  const rows = measured(20, 12, (i) => [`p${i}`, `Caf\u00e9 number ${i}`]);
  writeFileSync(at('latin1.csv'), Buffer.from(csv(['id', 'name', ...many], rows), 'latin1'));
  expect((await understand(at('latin1.csv'))).data).toMatchObject({ items: { columns: { id: 'id' } } });
});

test('an empty cell or an id that repeats is for the reader to list, and drops no column', async () => {
  const rows = measured(40, 12, (i) => [`p${i}`]);
  rows[3][12] = 'NaN';
  rows[5][12] = '';
  rows[9][0] = 'p3';
  const { data, doubts } = await understand(write('holes.csv', csv(['id', ...many], rows)));
  expect(data).toMatchObject({ items: { columns: { id: 'id', vectors: { features: { prefix: 'x' } } } } });
  expect(doubts).toEqual(['"id" repeats: a row with an id that was there before is a bad row']);
  const half = rows.map((row, i) => (i % 2 ? row : [...row.slice(0, -1), '']));
  const less = await understand(write('half.csv', csv(['id', ...many], half)));
  expect(less.columns).toMatchObject({ x10: 'features', x11: 'not used' });
  expect(less.doubts.join()).toContain('"x11" is empty in 21 of the first 40 rows: not used');
  const reviews = rows.map((row, i) => [`p${i >> 1}`, ...row.slice(1)]);
  expect((await understand(write('reviews.csv', csv(['id', ...many], reviews)))).columns.id).not.toBe('id');
});

test('pairs with a score are refused; where nothing says same or different it is said', async () => {
  const sim = write('sim.csv', 'a,b,similarity\np,q,0.54\nq,r,0.86\n');
  await expect(understand(sim)).rejects.toThrow(/"similarity" has scores, which pairs cannot have/);
  const { doubts } = await understand(write('alike.csv', 'a,b,place\np,q,Rome\nq,r,Oslo\n'));
  expect(doubts).toContain('no column says which pairs are the same and which different: all are taken to be the same');
  expect((await understand(at('pairs.csv'))).doubts).toEqual([]);
});

test('a list of two numbers with fractions is a vector, of whole numbers tags', async () => {
  const lines = (list: (i: number) => unknown) =>
    Array.from({ length: 20 }, (_, i) => `${JSON.stringify({ id: `p${i}`, embedding: list(i) })}\n`).join('');
  const points = await understand(
    write(
      'points.jsonl',
      lines((i) => [i / 8, i]),
    ),
  );
  expect(points.data).toMatchObject({ items: { columns: { vectors: { embedding: 'embedding' } } } });
  const codes = await understand(
    write(
      'codes.jsonl',
      lines((i) => [i % 3, i % 5]),
    ),
  );
  expect(codes.data).toMatchObject({ items: { columns: { tags: { from: 'embedding' } } } });
});

test('the column of ids is the one that the relations name', async () => {
  const items = write('coded.csv', 'id,code,text\n1,t0,first of all\n2,t1,second to none\n3,t4,third in line\n');
  const { data, columns } = await understand(at('pairs.csv'), { items });
  expect(data).toMatchObject({ items: { path: items, columns: { id: 'code', texts: { text: 'text' } } } });
  expect(columns).toMatchObject({ left: 'one item of a pair', 'coded.csv: code': 'id' });
});

test('pictures that pairs name are the items', async () => {
  mkdirSync(at('faces'));
  for (const name of ['a', 'b', 'c']) await writePicture(at(`faces/${name}.png`), [9, 9, 9], Random.seeded(1));
  const path = write('faces.csv', 'image1,image2,same\nfaces/a.png,faces/b.png,1\nfaces/b.png,faces/c.png,0\n');
  expect(await understand(path)).toMatchObject({
    idsOnly: false,
    data: { items: { kind: 'from-relations', image: { height: 32, width: 32 } }, relations: { kind: 'pairs' } },
  });
});

test('arrays, vectors with grades, folders, lines of text', async () => {
  const itemsOf = async (name: string) => {
    const { data } = await understand(at(name));
    return data.reader === 'files' ? data.items : data;
  };
  expect(await itemsOf('vectors.npy')).toEqual({
    kind: 'vectors',
    path: at('vectors.npy'),
    labels: { path: at('vectors.csv'), column: 'label', header: true },
  });
  expect(await itemsOf('graded.svm')).toEqual({ kind: 'svmlight', path: at('graded.svm') });
  writeFileSync(at('rank.train'), '0 1:0.5 2:1\n2 1:0.1 7:3\n1 2:5\n');
  expect(await itemsOf('rank.train')).toMatchObject({ kind: 'svmlight' });
  expect(await itemsOf('sounds')).toEqual({ kind: 'sounds', path: at('sounds'), rate: 8000 });
  expect(await itemsOf('texts')).toEqual({ kind: 'texts', path: at('texts'), per: 'file' });
  expect(await itemsOf('notes.txt')).toEqual({ kind: 'texts', path: at('notes.txt'), per: 'line' });
});

test('what does not go together is refused', async () => {
  const refused = (name: string, options = {}) => expect(understand(name, options)).rejects;
  await refused('omniglt').toThrow(/there is no omniglt\. Did you mean "omniglot"\?/);
  await refused(at('gone.csv')).toThrow(/there is no .*gone\.csv\. Check the path/);
  await refused('omniglot', { items: 'x' }).toThrow(/--items does not go with the data set omniglot/);
  await refused(at('items.csv'), { items: at('items.csv') }).toThrow(/tells what its rows are.*--kind pairs/);
  await refused(at('pairs.csv'), { labels: 'same' }).toThrow(/--labels does not go with/);
  mkdirSync(at('void'));
  writeFileSync(at('void/x.csv'), 'a\n');
  await refused(at('void')).toThrow(/has no file ending in .*Name a table in it, such as .*x\.csv/);
});

test('random bytes under any ending are understood or refused, never a crash', async () => {
  const endings = ['.csv', '.tsv', '.jsonl', '.parquet', '.npy', '.svm', '.txt', '.csv.gz', ''];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...endings),
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: fc.constantFrom(...'a1,\n\t "|{}:[]'), maxLength: 120 }),
      ),
      async (ending, content) => {
        const path = at(`random${ending}`);
        writeFileSync(path, content);
        try {
          const { data } = await understand(path);
          expect(['files', 'data-set']).toContain(data.reader);
        } catch (error) {
          expect(error).toBeInstanceOf(KindredError);
        }
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});
