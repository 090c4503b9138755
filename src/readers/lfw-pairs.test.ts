import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLfwPairs } from './lfw-pairs.ts';

const work = mkdtempSync(join(tmpdir(), 'kindred-lfw-pairs-'));
afterAll(() => rmSync(work, { recursive: true }));
for (const name of ['Ann', 'Bo_Li']) {
  mkdirSync(join(work, name));
  for (let i = 1; i <= 3; i++) writeFileSync(join(work, name, `${name}_000${i}.${i === 3 ? 'PNG' : 'jpg'}`), '');
}
const path = join(work, 'pairs.txt');
const read = (text: string) => {
  writeFileSync(path, text);
  return readLfwPairs(path, work);
};

test('folds of pairs, each picture once', () => {
  const text = '2\t1\r\nAnn\t1\t2\r\nAnn\t1\tBo_Li\t3\r\nBo_Li\t3\t1\r\nBo_Li\t2\tAnn\t3\r\n';
  const { pictures, person, a, b, same, folds } = read(text);
  const at = (i: number) => pictures[i];
  expect(Array.from(a, (i, pair) => [at(i), at(b[pair]), same[pair]])).toEqual([
    ['Ann/Ann_0001.jpg', 'Ann/Ann_0002.jpg', 1],
    ['Ann/Ann_0001.jpg', 'Bo_Li/Bo_Li_0003.PNG', 0],
    ['Bo_Li/Bo_Li_0003.PNG', 'Bo_Li/Bo_Li_0001.jpg', 1],
    ['Bo_Li/Bo_Li_0002.jpg', 'Ann/Ann_0003.PNG', 0],
  ]);
  expect(new Set(pictures).size).toBe(pictures.length);
  expect(pictures.map((each) => each.split('/')[0])).toEqual(person);
  expect(folds.map((fold) => [...fold])).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(read('1\nAnn 1 2\nAnn 1 Bo_Li 2\n').folds).toEqual([Int32Array.of(0, 1)]);
});

test.each([
  ['', /begins with ""/],
  ['Ann 1 2\n', /begins with "Ann 1 2"/],
  ['2 1\nAnn 1 2\nAnn 1 Bo_Li 2\n', /has 2 pairs; its first line speaks of 2 x 2 x 1/],
  ['1 1\nAnn 1 Bo_Li 2\nAnn 1 2\n', /line 2 of .*the same stands: "Ann 1 Bo_Li 2"/],
  ['1 1\nAnn 1 2\nAnn 1 Bo_Li x\n', /line 3 of .*different stands/],
  ['1 1\nAnn 1 2\nAnn 1 Ann 2\n', /line 3 of .*Ann differs from itself/],
  ['1 1\n../Ann 1 2\nAnn 1 Bo_Li 2\n', /line 2/],
  ['1 1\nAnn 1 7\nCy 1 Ann 2\n', /has no Ann\/Ann_0007, Cy\/Cy_0001\. Name the folder/],
])('%j is refused', (text, message) => expect(() => read(text)).toThrow(message));
