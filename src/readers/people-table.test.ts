import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLikes } from './people-table.ts';

const work = mkdtempSync(join(tmpdir(), 'kindred-likes-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(work, name), text);
  return join(work, name);
};

test('by the names of columns, in order of time, each item once', async () => {
  const path = file('a.csv', 'movieId,userId,rating,timestamp\n7,ann,4,30\n8,ben,5,1\n9,ann,2,10\n7,ann,5,5\n');
  const named = { user: 'userId', item: 'movieId', time: 'timestamp' };
  expect(await readLikes(path)).toEqual({
    ...{ people: ['ann', 'ben'], liked: [['7', '9'], ['8']] },
    ...{ columns: named, skipped: 0 },
  });
  const good = await readLikes(path, { least: 4 });
  expect([good.liked, good.columns]).toEqual([[['7'], ['8']], { ...named, grade: 'rating' }]);
});

test('without names the first two columns are user and item; somebody may have liked nothing', async () => {
  expect(await readLikes(file('b.tsv', '2\t51\t13883\n2\t52\t11690\n3\t51\t5\n'))).toEqual({
    people: ['2', '3'],
    liked: [['51', '52'], ['51']],
    columns: { user: 'column 1', item: 'column 2' },
    skipped: 0,
  });
  const graded = file('c.csv', 'user,item,rating\nann,x,1\nben,y,5\n');
  expect((await readLikes(graded, { least: 3 })).liked).toEqual([[], ['y']]);
});

test('user and film are names, not somebody who liked something', async () => {
  const { people, columns } = await readLikes(file('f.csv', 'user,film\nann,x\nann,y\nben,x\n'));
  expect([people, columns]).toEqual([['ann', 'ben'], { user: 'user', item: 'film' }]);
});

test('what does not fit is refused', async () => {
  await expect(readLikes(file('d.csv', 'user\nann\n'))).rejects.toThrow(
    /a column of users and one of items.*which has 1/,
  );
  await expect(readLikes(file('e.csv', 'user,item\nann,x\n'), { least: 3 })).rejects.toThrow(/told by a grade/);
});
