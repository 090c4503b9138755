import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { affinity } from './clustering/affinity.ts';
import { graphFromLog } from './cooccurrence.ts';

// What logs are like: bots, wrong clocks, events twice, people of one event.
const folder = mkdtempSync(join(tmpdir(), 'kindred-robust-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two groups of five items; 40 people who each see four of one group, ten seconds apart. */
const plain = Array.from({ length: 40 }, (_, user) =>
  Array.from({ length: 4 }, (_, k) => [`u${user}`, `${user % 2 ? 'a' : 'b'}${(user + k) % 5}`, 1000 + 10 * k] as const),
).flat();

async function built(name: string, rows: readonly (readonly [string, string, number])[], options = {}) {
  const files = join(folder, `${name}.csv`);
  writeFileSync(files, `user,item,time\n${rows.map((row) => `${row.join(',')}\n`).join('')}`);
  const { relations, ids, ...rest } = await graphFromLog({
    ...{ files, link: { by: 'session', gap: 600 }, memory: 128, threads: 1, ...options },
  });
  const { from, to, weight } = relations;
  const named = Array.from(from, (a, i) => `${[ids[a], ids[to[i]]].sort().join('-')} ${weight?.[i]}`);
  return { ...rest, relations, ids, links: named.sort() };
}

test('a bot with a million events adds one session, of its most frequent items', async () => {
  const bot = Array.from({ length: 1_000_000 }, (_, i) => ['bot', `x${i % 3000}`, 5 * i] as const);
  const without = await built('plain', plain);
  const { links, shortened, users, events } = await built('bot', [...plain, ...bot], { longest: 20 });
  expect({ shortened, users, events }).toEqual({ shortened: 1, users: 41, events: 1_000_160 });
  // 20 items of it make pairs, once each, and what people did is as before.
  expect(links.filter((link) => link.startsWith('x'))).toHaveLength((20 * 19) / 2);
  expect(links.filter((link) => !link.startsWith('x'))).toEqual(without.links);
  // A minimum leaves no pair of the bot's.
  expect((await built('bot', [...plain, ...bot], { longest: 20, minimum: 2 })).links).toEqual(
    without.links.filter((link) => Number(link.split(' ')[1]) >= 2),
  );
}, 120_000);

test('events twice count once in a session; those of another order of rows are the same', async () => {
  const expected = (await built('plain', plain)).links;
  expect((await built('twice', [...plain, ...plain.slice(0, 77)])).links).toEqual(expected);
  expect((await built('turned', [...plain].reverse())).links).toEqual(expected);
});

test('a wrong clock moves a whole history without a change; one event far off is a session of its own', async () => {
  const expected = (await built('plain', plain)).links;
  const skewed = plain.map(([user, item, time]) => [user, item, time + 1e9 * (user.length % 2)] as const);
  expect((await built('skewed', skewed)).links).toEqual(expected);
  const off = plain.map((row, i) => (i === 0 ? ([row[0], row[1], 9e9] as const) : row));
  expect((await built('off', off)).links).toEqual((await built('less', plain.slice(1))).links);
});

test('people of one event, and items that nobody sees with another, make no link and are in no cluster', async () => {
  const lonely = Array.from({ length: 30 }, (_, i) => [`l${i}`, `z${i}`, i] as const);
  const { links, ids, relations } = await built('lonely', [...plain, ...lonely]);
  expect(links).toEqual((await built('plain', plain)).links);
  const { levels } = await affinity(relations, { memory: 64, threads: 1 });
  for (const level of levels) {
    level.forEach((cluster, item) => {
      expect(cluster < 0).toBe(ids[item].startsWith('z'));
    });
  }
  // The two groups of people have nothing in common.
  const top = new Map(ids.map((id, item) => [id[0], levels[levels.length - 1][item]]));
  expect(top.get('a')).not.toBe(top.get('b'));
});
