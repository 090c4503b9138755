import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { graphFromLog } from './cooccurrence.ts';
import { partOfPerson } from './held-back.ts';
import { historiesFromLog } from './histories.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-histories-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, rows: readonly string[]) => {
  const path = join(folder, name);
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
};
const basket = { by: 'basket' } as const;

const random = Random.seeded(3);
const rows = Array.from({ length: 900 }, () => ({
  user: `user ${random.integer(60)}`,
  item: `i${random.integer(25)}`,
  rating: 1 + random.integer(5),
  time: random.integer(1000),
}));
const rated = file('rated.csv', [
  'user,item,rating,time',
  ...rows.map(({ user, item, rating, time }) => `${user},${item},${rating},${time}`),
]);

test('histories: in order of time, each item once, of known items; by a loop', async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `i${i}`);
  const { people, items, timed } = await historiesFromLog({ files: rated, link: basket, threads: 1 }, ids);
  expect(timed).toBe(true);
  const expected = new Map<string, Map<number, number>>();
  for (const { user, item, time } of rows) {
    const at = ids.indexOf(item);
    if (at < 0) continue;
    const own = expected.get(user) ?? new Map();
    own.set(at, Math.min(time, own.get(at) ?? 1e9));
    expected.set(user, own);
  }
  expect(people).toEqual([...expected.keys()].sort());
  people.forEach((name, person) => {
    const own = expected.get(name) as Map<number, number>;
    expect([...items[person]].sort()).toEqual([...own.keys()].sort());
    const times = [...items[person]].map((item) => own.get(item) as number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

test('only what was liked makes links and histories; rows without a grade do not', async () => {
  const liked = { column: 'rating', least: 4 };
  const kept = file('kept.csv', [
    'user,item',
    ...rows.filter(({ rating }) => rating >= 4).map(({ user, item }) => `${user},${item}`),
  ]);
  const [some, all] = [
    await graphFromLog({ files: rated, link: basket, liked }),
    await graphFromLog({ files: kept, link: basket }),
  ];
  expect(some.ids).toEqual(all.ids);
  expect(some.relations).toEqual(all.relations);
  expect(some.skipped.rows).toBe(0);

  const holes = file('holes.csv', [
    'user,item,rating',
    'u,a,5',
    'u,b,',
    'u,c,4',
    'u,d,much',
    ',e,1',
    ',f,5',
    'u,g,3.9',
  ]);
  const found = await graphFromLog({ files: holes, link: basket, liked });
  expect(found.ids).toEqual(['a', 'c']);
  // Of two rows without a user the one that was not liked is none of the log.
  expect(found.skipped).toEqual({ rows: 1, examples: [{ file: holes, line: 7, reason: 'no user' }] });
  await expect(graphFromLog({ files: holes, link: basket, liked: { column: 'stars', least: 4 } })).rejects.toThrow(
    /no column "stars"/,
  );
});

test('people who are held back make no links; their items are there', async () => {
  const people = { validation: 0.2, test: 0.3 };
  const isTrained = ({ user }: { user: string }) => partOfPerson(user, people) === 'train';
  const left = file('left.csv', ['user,item', ...rows.filter(isTrained).map(({ user, item }) => `${user},${item}`)]);
  const [some, all] = [
    await graphFromLog({ files: rated, link: basket, people }),
    await graphFromLog({ files: left, link: basket }),
  ];
  const links = ({ ids, relations: { from, to, weight } }: typeof some) =>
    Array.from(from, (a, i) => `${[ids[a], ids[to[i]]].sort().join('-')} ${weight?.[i]}`).sort();
  expect(links(some)).toEqual(links(all));
  expect([some.users, some.events]).toEqual([all.users, all.events]);
  expect(new Set(some.ids)).toEqual(new Set(rows.map(({ item }) => item)));
  // Histories are those of everybody.
  const { people: names } = await historiesFromLog({ files: rated, link: basket, people }, some.ids);
  expect(names.length).toBe(60);
});

test('parts of people: the shares that were asked for, told by nothing but the id', () => {
  const shares = { validation: 0.1, test: 0.3 };
  const count = (part: string) =>
    Array.from({ length: 5000 }, (_, i) => partOfPerson(`p${i}`, shares)).filter((each) => each === part).length;
  expect(count('test') / 5000).toBeCloseTo(0.3, 1);
  expect(count('validation') / 5000).toBeCloseTo(0.1, 1);
  // The MD5 of "a" begins with 0cc175b9: 0.0498 of the way.
  expect(partOfPerson('a', { validation: 0.001, test: 0.049 })).toBe('validation');
  expect(partOfPerson('a', { validation: 0, test: 0.0499 })).toBe('test');
  expect(partOfPerson('a', { validation: 0, test: 0.0497 })).toBe('train');
});

test('a log without times, in each format, is read without; with them, with', async () => {
  const ids = ['x', 'y'];
  const order = async (files: string, options = {}) => {
    const { items, timed } = await historiesFromLog({ files, link: basket, ...options }, ids);
    return [timed, [...items[0]]];
  };
  expect(await order(file('bare.csv', ['user,item', 'u,y', 'u,x']))).toEqual([false, [0, 1]]);
  expect(
    await order(file('timed.jsonl', ['{"user":"u","item":"x","time":9}', '{"user":"u","item":"y","time":3}'])),
  ).toEqual([true, [1, 0]]);
  expect(await order(file('bare.jsonl', ['{"user":"u","item":"y"}', '{"user":"u","item":"x"}']))).toEqual([
    false,
    [0, 1],
  ]);
});
