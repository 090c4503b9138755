import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { clustersCommand } from './clusters.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-clusters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

async function run(...args: string[]): Promise<string> {
  let out = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  try {
    await clustersCommand().parseAsync(['--threads', '1', ...args], { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return out;
}

// Two groups of three, a weak link between them, and a pair that hangs on the first.
writeFileSync(at('links.csv'), 'from,to,weight\na,b,3\nb,c,2\nc,d,1\nd,e,4\ne,f,1\nx,y,2\ny,c,1\n');
const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 2 === 0 ? 'x' : 'y'},${(i % 2) * 9}`);
writeFileSync(at('table.csv'), `id,class,height\n${rows.join('\n')}\n`);

test('the tree of a file of links, by hand', async () => {
  const found = JSON.parse(await run(at('links.csv'), '--rounds', '2', '-o', at('out.csv'), '--json'));
  expect(found).toMatchObject({ method: 'affinity', rounds: 2, items: 8, clustered: 8, file: at('out.csv') });
  // All links weigh 14; those from c to d and to y are cut. Degrees: 12, 11, 5 of 28.
  expect(found.levels[0]).toMatchObject({ clusters: 3, sizes: { least: 2, median: 3, most: 3 }, cut: { weight: 2 } });
  expect(found.levels[0].modularity).toBeCloseTo(12 / 14 - (12 ** 2 + 11 ** 2 + 5 ** 2) / 28 ** 2, 12);
  expect(found.levels[1]).toMatchObject({ clusters: 1, cut: { weight: 0, share: 0 }, modularity: 0 });
  expect(found.examples[0]).toMatchObject({ level: 1, size: 8, items: ['a', 'b', 'c'] });
  expect(found.examples[0].within.map(({ items }: { items: string[] }) => items.join(''))).toEqual([
    'abc',
    'def',
    'xy',
  ]);
  expect(readFileSync(at('out.csv'), 'utf8')).toBe(
    `item,level0,level1\n${[...'abcdefxy'].map((id, i) => `${id},${[0, 0, 0, 1, 1, 1, 2, 2][i]},0\n`).join('')}`,
  );
});

test('as text; a log; k-means of features', async () => {
  expect(await run(at('links.csv'), '--maximum', '3')).toMatch(
    /8 of 8 items are in clusters[\s\S]*2 +3 +2 +3 +3 +14\.3 %/,
  );
  writeFileSync(
    at('log.csv'),
    `user,item,time\n${['1,a,1', '1,b,2', '2,a,1', '2,b,2', '3,c,1', '3,d,2'].join('\n')}\n`,
  );
  // By cosine, as is usual for baskets and sessions, both links weigh 1.
  const log = JSON.parse(await run(at('log.csv'), '--kind', 'log', '--rounds', '1', '--json'));
  expect(log).toMatchObject({ clustered: 4, levels: [{ clusters: 2, cut: { weight: 0 }, modularity: 0.5 }] });
  const features = JSON.parse(await run(at('table.csv'), '--kind', 'items', '--method', 'k-means', '--json'));
  expect(features.levels.at(-1)).toEqual({ level: 2, clusters: 2, sizes: { least: 10, median: 10, most: 10 } });
});

test('items with titles are shown by these and their ids; texts are clustered by their words', async () => {
  const titles = Array.from(
    { length: 12 },
    (_, i) => `${['cats and', 'dogs or'][i % 2]} more ${['cats', 'dogs'][i % 2]}`,
  );
  writeFileSync(at('films.csv'), `id,title\n${titles.map((title, i) => `f${i},${title}`).join('\n')}\n`);
  const how = [at('films.csv'), '--kind', 'items', '--method', 'k-means'];
  const [first] = JSON.parse(await run(...how, '--json')).examples;
  expect(first).toMatchObject({
    items: ['f0', 'f2', 'f4'],
    names: ['cats and more cats', 'cats and more cats', 'cats and more cats'],
  });
  expect(await run(...how)).toContain('cats and more cats (f0) | cats and more cats (f2)');
});

test('refuses what cannot be', async () => {
  await expect(run(at('links.csv'), '-o', 'out.txt')).rejects.toThrow(/written to a \.csv file/);
  await expect(run(at('links.csv'), '--method', 'louvain', '--rounds', '2')).rejects.toThrow(
    /--rounds with the method louvain/,
  );
  await expect(run(at('table.csv'), '--kind', 'items')).rejects.toThrow(/are those of a graph/);
  await expect(run(at('links.csv'), '--method', 'k-means')).rejects.toThrow(/known by their ids alone/);
  await expect(run(at('nothing.csv'))).rejects.toThrow(/nothing\.csv/);
});
