import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { classesInIds, foundGroups, groupsText, groupsWriter, qualityBy } from './found-groups.ts';

const root = mkdtempSync(join(tmpdir(), 'kindred-groups-'));
afterAll(() => rmSync(root, { recursive: true }));

const ids = ['ann/1.jpg', 'bob/1.jpg', 'bob/"2",\n.jpg', 'bob/old/3.jpg', 'cy/1.jpg'];
const groups = foundGroups(ids, [4, 0, 0, 0, 4]);

test('groups are numbered from the largest, equal ones by their first item', () => {
  expect(groups).toEqual([
    { group: 1, size: 3, items: ids.slice(1, 4) },
    { group: 2, size: 2, items: ['ann/1.jpg', 'cy/1.jpg'] },
  ]);
  expect(foundGroups(['a', 'b', 'c'], [2, 1, 0]).map(({ items }) => items[0])).toEqual(['a', 'b', 'c']);
});

test('sub-folders are classes where every item lies in one, and there are two at least', () => {
  expect(classesInIds(ids)?.of).toEqual(['ann', 'bob', 'bob', 'bob', 'cy']);
  expect(classesInIds(['ann/1.jpg', 'loose.jpg'])).toBeUndefined();
  expect(classesInIds(['ann/1.jpg', 'ann/2.jpg'])).toBeUndefined();
  expect(classesInIds([])).toBeUndefined();
});

test('the text tells sizes, first items, who is alone, and the agreement', () => {
  const known = { by: 'the sub-folders', of: ['ann', 'bob', 'bob', 'bob', 'cy'] };
  const quality = qualityBy(known, [4, 0, 0, 0, 4]);
  // Pairs: 3 of 4 found, all 3 of the classes.
  expect(quality.pairwise).toMatchObject({ precision: 0.75, recall: 1 });
  const text = groupsText(groups, { ends: 'as asked for', known: { by: known.by, quality } });
  expect(text).toContain('5 items in 2 groups, as asked for; 0 of them with one item');
  expect(text).toMatch(/^ {4}2 {5}2 {2}ann\/1\.jpg {2}cy\/1\.jpg$/m);
  expect(text).toContain('Against the sub-folders, 3 classes:');
  expect(text).toMatch(/^pairs +0\.750 +1\.000 +0\.857$/m);
  const many = foundGroups(
    Array.from({ length: 110 }, (_, i) => `${i}`),
    Array.from({ length: 110 }, (_, i) => (i < 100 ? i % 25 : i)),
  );
  const cut = groupsText(many, { ends: 'as asked for' });
  expect(cut).toContain('110 items in 35 groups, as asked for; 10 of them with one item');
  expect(cut).toMatch(/^ +1 +4 +0 {2}25 {2}50 {2}and 1 more$/m);
  expect(cut).toContain('and 5 smaller groups');
});

test('files have a row for each item; names are quoted', () => {
  const known = { by: 'the sub-folders', of: ['ann', 'bob', 'bob', 'bob', 'cy'] };
  const csv = join(root, 'groups.csv');
  groupsWriter(csv)(groups, ids, known);
  expect(readFileSync(csv, 'utf8')).toBe(
    'item,group,class\nbob/1.jpg,1,bob\n"bob/""2"",\n.jpg",1,bob\nbob/old/3.jpg,1,bob\nann/1.jpg,2,ann\ncy/1.jpg,2,cy\n',
  );
  const jsonl = join(root, 'groups.jsonl');
  groupsWriter(jsonl)(groups.slice(1), ids);
  expect(readFileSync(jsonl, 'utf8')).toBe('{"item":"ann/1.jpg","group":2}\n{"item":"cy/1.jpg","group":2}\n');
  expect(() => groupsWriter('groups.txt')).toThrow('Groups are written as .csv or .jsonl: groups.txt');
});
