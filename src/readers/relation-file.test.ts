import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { Random } from '../core/random.ts';
import { readRelations } from './relation-file.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-relations-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

async function refused(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (error) => error,
  );
  expect(error).toBeInstanceOf(KindredError);
  return error.message;
}

test('pairs with every column, from CSV, JSON lines and Parquet alike', async () => {
  const rows = [
    ['x', 'y', 'same', 2, 'colour', 'ann', '1970-01-01T00:01:00Z'],
    ['y', '7', 'different', 0.5, 'taste', 'bob', '1970-01-01T00:02:00Z'],
    ['x', 'x', 'same', 1, 'colour', 'bob', '1970-01-01T00:00:30Z'],
  ];
  const names = ['Item 1', 'Item 2', 'label', 'Weight', 'notion', 'annotator', 'Date'];
  const csv = put('p.csv', [names, ...rows].map((row) => row.join(',')).join('\n'));
  const objects = rows.map((row) => JSON.stringify(Object.fromEntries(row.map((value, k) => [names[k], value]))));
  const jsonl = put('p.jsonl', objects.join('\n'));
  const parquet = join(root, 'p.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (SELECT * FROM read_json('${jsonl}')) TO '${parquet}' (FORMAT parquet)`);
  connection.closeSync();
  for (const path of [csv, jsonl, parquet]) {
    const { relations, ids, users, skipped, columns } = await readRelations(path, { kind: 'pairs' });
    expect(skipped).toEqual([]);
    expect(ids).toEqual(['x', 'y', '7']);
    expect(users).toEqual(['ann', 'bob']);
    expect(relations).toEqual({
      kind: 'pairs',
      items: 3,
      a: Int32Array.of(0, 1, 0),
      b: Int32Array.of(1, 2, 0),
      same: Uint8Array.of(1, 0, 1),
      others: 'unknown',
      weight: Float32Array.of(2, 0.5, 1),
      notion: { of: Uint16Array.of(0, 1, 0), names: ['colour', 'taste'] },
      user: Int32Array.of(0, 1, 1),
      time: Float64Array.of(60, 120, 30),
    });
    expect(columns).toEqual({
      a: 'Item 1',
      b: 'Item 2',
      same: 'label',
      weight: 'Weight',
      notion: 'notion',
      user: 'annotator',
      time: 'Date',
    });
  }
});

test('without a header, columns go by position', async () => {
  const triplets = await readRelations(put('t.txt', '02461 03450 02678\n02299 02461 04987\n'), { kind: 'triplets' });
  expect(triplets.ids).toEqual(['02461', '03450', '02678', '02299', '04987']);
  expect(triplets.relations).toEqual({
    kind: 'triplets',
    items: 5,
    anchor: Int32Array.of(0, 3),
    closer: Int32Array.of(1, 0),
    farther: Int32Array.of(2, 4),
  });

  const edges = await readRelations(put('g.txt', '# Nodes: 3\n# From To\n1\t2\t0.5\n2\t3\t4\n'), {
    kind: 'graph',
    directed: true,
  });
  expect(edges.relations).toMatchObject({ from: Int32Array.of(0, 1), to: Int32Array.of(1, 2), directed: true });
  expect([...(edges.relations.weight ?? [])]).toEqual([0.5, 4]);

  const friends = await readRelations(put('f.tsv', 'userID\tfriendID\n2\t3\n'), { kind: 'graph' });
  expect(friends).toMatchObject({ ids: ['2', '3'], columns: { from: 'userID', to: 'friendID' }, users: [] });

  const words = await readRelations(put('p.csv', 'cat,lion,yes\ncat,car,No\n'), { kind: 'pairs' });
  expect([...words.relations.same]).toEqual([1, 0]);
  const letters = await readRelations(put('q.csv', 'a,b\nc,d\n'), { kind: 'pairs', header: false });
  expect(letters.ids).toEqual(['a', 'b', 'c', 'd']);
  expect(letters.relations.others).toBe('different');
});

test('preferences and graded lists; the rows of a query come together', async () => {
  const { relations } = await readRelations(put('c.csv', 'user,winner,loser\nann,p,q\nbob,q,r\nann,q,r\n'), {
    kind: 'preferences',
  });
  expect(relations).toMatchObject({
    query: Int32Array.of(0, 1, 0),
    winner: Int32Array.of(0, 1, 1),
    loser: Int32Array.of(1, 2, 2),
    queryIds: ['ann', 'bob'],
  });
  const ratings = 'userId,movieId,rating,timestamp\n1,10,4.0,964982703\n2,10,3.5,964981247\n1,30,0,964982224\n';
  const lists = await readRelations(put('r.csv', ratings));
  expect(lists.relations).toEqual({
    kind: 'lists',
    items: 2,
    query: Int32Array.of(0, 0, 1),
    item: Int32Array.of(0, 1, 0),
    grade: Float32Array.of(4, 0, 3.5),
    time: Float64Array.of(964982703, 964982224, 964981247),
    queryIds: ['1', '2'],
  });
});

test('the kind is guessed from usual names, and asked for where these do not tell', async () => {
  const kinds = { 'Source,Target': 'graph', 'id1,id2,same': 'pairs', 'anchor,positive,negative': 'triplets' };
  for (const [header, kind] of Object.entries(kinds)) {
    const path = put(
      'k.csv',
      `${header}\np,q,${kind === 'pairs' ? 1 : 'r'}\n`.replace(/,r$/m, kind === 'graph' ? '' : ',r'),
    );
    expect((await readRelations(path)).relations.kind).toBe(kind);
  }
  expect(await refused(readRelations(put('u.csv', '1,2\n3,4\n')))).toContain(
    'Say which kind they are: pairs, triplets',
  );
});

test('columns are named, by name or position, or left out', async () => {
  const path = put('n.csv', 'when,left photo,right photo,verdict,weight\n1,p,q,1,-3\n2,q,r,0,-3\n');
  const { relations } = await readRelations(path, {
    kind: 'pairs',
    columns: { a: 'left photo', b: 2, same: 'verdict', time: 'when', weight: null },
  });
  expect(relations).toMatchObject({ same: Uint8Array.of(1, 0), time: Float64Array.of(1, 2) });
  expect(relations.weight).toBeUndefined();
  const say = (columns: object, name = path) => refused(readRelations(name, { kind: 'pairs', columns }));
  expect(await say({ a: 'lefty' })).toContain('no column "lefty"; it has the columns "when", "left photo"');
  expect(await say({ a: 9 })).toContain('at position 9');
  expect(await say({ anchor: 1 })).toContain('pairs have no column anchor');
  expect(await say({ a: 'left photo' })).toContain('no column that says "b"');
  // All pairs would be the same without a word.
  const verdict = put('v.csv', 'id1,id2,verdict\np,q,1\nq,r,0\n');
  expect(await say({}, verdict)).toContain('same: "verdict"');
  expect((await readRelations(verdict, { kind: 'pairs', columns: { same: null } })).relations.others).toBe('different');
});

test('pairs with a score in place of same, and two columns of one name, are refused', async () => {
  const refused = (name: string, text: string, columns = {}) =>
    expect(readRelations(put(name, text), { kind: 'pairs', columns })).rejects;
  for (const name of ['similarity', 'distance', 'score', 'cosine_sim']) {
    await refused(`${name}.csv`, `a,b,${name}\np,q,0.5\nq,r,1\n`).toThrow(
      new RegExp(`"${name}" has scores, which pairs cannot have\\. Add a column "same"`),
    );
  }
  const sim = put('sim.csv', 'a,b,similarity\np,q,0.5\nq,r,1\n');
  expect((await readRelations(sim, { kind: 'pairs', columns: { same: null } })).rows).toBe(2);
  await refused('twice.csv', 'a,a,same\np,q,1\nq,r,0\n').toThrow(/has several columns called "a"\. Give each column/);
  await refused('verdicts.csv', 'a,b,x,x\np,q,1,0\nq,r,0,1\n', { same: 'x' }).toThrow(/several columns called "x"/);
  expect((await readRelations(put('rest.csv', 'a,b,same,x,x\np,q,1,0,0\n'), { kind: 'pairs' })).rows).toBe(1);
});

test('bad rows leave no trace but their entry', async () => {
  const path = put(
    'b.csv',
    Buffer.concat([
      Buffer.from('a,b,same,weight\np,q,1,1\n'),
      Buffer.from('new1,,1,1\nnew2,q,maybe,1\nnew3,q,,1\n'), // 3 to 5
      Buffer.from('new4,q,1,-1\nnew5,q,1,0\nnew6,q,1,NaN\nnew7,q,1,1e99\nnew8,q,1,x\n'), // 6 to 10
      Buffer.from('new9,q,1\n'), // 11
      Buffer.from('new10,'), // 12
      Buffer.from([0xe9, 0x2c]),
      Buffer.from('1,1\np,-1,1,1\np,p,0,2\nq,neu,0,2\n'), // 13 is negative
    ]),
  );
  const { relations, ids, skipped, rows } = await readRelations(path, { kind: 'pairs' });
  expect(rows).toBe(3);
  expect(ids).toEqual(['p', 'q', 'neu']);
  expect(relations).toMatchObject({ items: 3, a: Int32Array.of(0, 0, 1), b: Int32Array.of(1, 0, 2) });
  expect(skipped.map(({ file, line, column, reason }) => [file === path, line, column, reason])).toEqual([
    [true, 3, 'b', 'empty id'],
    [
      true,
      4,
      'same',
      'neither same nor different: "maybe" (understood are 1 or 0, true or false, yes or no, same or different)',
    ],
    [true, 5, 'same', 'empty'],
    [true, 6, 'weight', 'negative weight'],
    [true, 7, 'weight', 'a weight of 0'],
    [true, 8, 'weight', 'NaN'],
    [true, 9, 'weight', 'too large for float32'],
    [true, 10, 'weight', 'not a number: "x"'],
    [true, 11, undefined, 'ragged row: 3 cells where the first row has 4'],
    [true, 12, 'b', 'wrong encoding: not UTF-8'],
    [true, 13, 'b', 'negative id: -1'],
  ]);
  expect(await refused(readRelations(path, { kind: 'pairs', strict: true }))).toContain('line 3, b: empty id');
  expect(await refused(readRelations(path, { kind: 'pairs', limit: 10 }))).toMatch(
    /At most 10 bad rows.*Look at these rows/,
  );
  const graded = await readRelations(put('l.csv', 'query,item,grade\nq,p,1\nq,r,-1\n'), { kind: 'lists' });
  expect(graded.skipped).toMatchObject([{ line: 3, column: 'grade', reason: 'negative grade' }]);
});

test('lists: weights are divided by the propensity that an item is seen', async () => {
  const rows = ['q,p,1,0.5,2', 'q,r,0,0.25,1', 'q,s,0,0,1', 'q,t,1,1.5,1', 'q,u,1,,1'];
  const path = put('seen.csv', `query,item,grade,propensity,weight\n${rows.join('\n')}\n`);
  const { relations, skipped, columns } = await readRelations(path);
  expect(relations).toMatchObject({ kind: 'lists', weight: Float32Array.of(4, 4) });
  expect(columns.propensity).toBe('propensity');
  expect(skipped.map(({ line, column, reason }) => [line, column, reason])).toEqual([
    [4, 'propensity', 'no share from 0.000001 to 1: 0'],
    [5, 'propensity', 'no share from 0.000001 to 1: 1.5'],
    [6, 'propensity', 'empty'],
  ]);
  const alone = put('seen-alone.csv', 'query,item,grade,shown\nq,p,1,0.5\nq,r,0,0.125\n');
  const named = await readRelations(alone, { kind: 'lists', columns: { propensity: 'shown' } });
  expect(named.relations.weight).toEqual(Float32Array.of(2, 8));
  await expect(
    readRelations(put('p.csv', 'query,winner,loser,x\nq,a,b,1\n'), {
      kind: 'preferences',
      columns: { propensity: 'x' },
    }),
  ).rejects.toThrow(/preferences have no column propensity/);
});

test('with items, positions are theirs and others are unknown', async () => {
  const path = put('i.csv', 'a,b\nz,12345678901\nz,é\nq,z\n-7,z\n');
  const items = ['12345678901', '-7', 'z', 'é'];
  const { relations, ids, skipped } = await readRelations(path, { kind: 'pairs', items });
  expect(ids).toBe(items);
  expect(relations).toMatchObject({ items: 4, a: Int32Array.of(2, 2, 1), b: Int32Array.of(0, 3, 2) });
  expect(skipped).toEqual([{ file: path, line: 4, column: 'a', reason: 'unknown id: q' }]);
  expect(await refused(readRelations(path, { kind: 'pairs', items: ['z', 'y', 'z'] }))).toContain('"z" twice');
});

test('several files are one; they must have the same columns', async () => {
  put('1.csv', 'a,b\np,q\n');
  put('2.csv.gz', gzipSync('b,a\nr,q\n'));
  const both = await readRelations(join(root, '?.csv*'), { kind: 'pairs' });
  expect(both.ids).toEqual(['p', 'q', 'r']);
  expect(both.relations).toMatchObject({ a: Int32Array.of(0, 1), b: Int32Array.of(1, 2) });
  put('3.csv', 'a,b,weight\np,q,1\n');
  expect(await refused(readRelations(join(root, '?.csv*'), { kind: 'pairs' }))).toMatch(
    /3\.csv has a column for weight/,
  );
});

test('ids keep their positions whatever their form: a plain map says the same', async () => {
  const random = Random.seeded(3);
  const draw = (): string => {
    const n = random.integer(3000);
    return [String(n), `0${n}`, `item-${n}`, `${n}00000000`, `ü${n % 50}`, String(n * 9973)][random.integer(6)];
  };
  const rows = Array.from({ length: 40_000 }, () => [draw(), draw(), String(random.integer(5))]);
  const path = put('m.csv', `from,to,weight\n${rows.map((row) => row.join(',')).join('\n')}`);
  const { relations, ids, skipped } = await readRelations(path, { kind: 'graph', limit: rows.length });

  const positions = new Map<string, number>();
  const position = (id: string): number => {
    if (!positions.has(id)) positions.set(id, positions.size);
    return positions.get(id) as number;
  };
  const good = rows.filter(([, , weight]) => weight !== '0');
  const expected = good.map(([from, to]) => [position(from), position(to)]);
  expect(skipped.length).toBe(rows.length - good.length);
  expect(ids).toEqual([...positions.keys()]);
  expect([...relations.from]).toEqual(expected.map(([from]) => from));
  expect([...relations.to]).toEqual(expected.map(([, to]) => to));
});
