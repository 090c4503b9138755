import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Random } from '../src/core/random.ts';
import { readRecipe } from '../src/recipes/read.ts';
import { runFiles } from '../src/runs/files.ts';
import { type RunEvent, trainRecipe } from '../src/train/run.ts';

// The recipes of GCML from end to end, on small data of the form of Last.fm's and Vevo's.
let work: string;
const acts = 160;
const rows = (lines: readonly string[]) => `${lines.join('\n')}\n`;
const all = Array.from({ length: acts }, (_, i) => i);
const genreOf = (act: number) => act % 8;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'kindred-gcml-'));
  vi.stubEnv('KINDRED_DATA', work);
  const random = Random.seeded(1);
  const lastfm = join(work, 'lastfm-hetrec2011');
  mkdirSync(lastfm);
  const write = (name: string, lines: readonly string[]) => writeFileSync(join(lastfm, name), rows(lines));
  write('artists.dat', ['id\tname\turl', ...all.map((i) => `${i}\tband ${i}\thttp://x`)]);
  write('tags.dat', ['tagID\ttagValue', ...Array.from({ length: 16 }, (_, i) => `${i}\ttag ${i}`)]);
  write('artist_tags.tsv', [
    'artistID\ttagID\tcount',
    ...all.map((i) => `${i}\t${2 * genreOf(i) + random.integer(2)}\t5`),
  ]);
  // Of two genres beside each other people hear a little of the one, and much of the other.
  const heard = Array.from({ length: 120 }, (_, user) =>
    all.flatMap((i) => {
      const share = genreOf(i) === user % 8 ? 0.6 : genreOf(i) === ((user % 8) ^ 1) ? 0.15 : 0;
      return random.uniform() < share ? [`${user}\t${i}\t${1 + random.integer(900)}`] : [];
    }),
  );
  write('user_artists.dat', ['userID\tartistID\tweight', ...heard.flat()]);

  const vevo = join(work, 'vevo-youtube-network');
  mkdirSync(vevo);
  const titles = all.map((i) => `${i},v${i},genre ${genreOf(i)} act ${i % 16} - Song ${i}`);
  writeFileSync(join(vevo, 'vevo_en_embeds_60k.txt'), rows(titles));
  const links = all.flatMap((i) =>
    [8, 16, 24, ...(i % 5 === 0 ? [1] : [])].map((step) => `${i},${(i + step) % acts},1`),
  );
  writeFileSync(join(vevo, 'persistent_network.csv'), rows(['Source,Target,Weight', ...links]));
  const artists = Array.from({ length: 16 }, (_, i) =>
    JSON.stringify({ query: `genre ${i % 8} act ${i}`, country: 'NO', 'tag-dict': { [`tag ${i % 8}`]: 3, pop: 1 } }),
  );
  writeFileSync(join(vevo, 'artist_details.json'), rows(artists));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(work, { recursive: true, force: true });
});

async function train(name: string, ...settings: string[]) {
  const recipe = readRecipe(name, ['steps=30', 'clusters.maximum=24', ...settings]);
  const out = join(work, `${name} ${settings.length}`);
  const events: RunEvent[] = [];
  for await (const event of trainRecipe({ recipe, out, threads: 1 })) events.push(event);
  return { events, metrics: JSON.parse(readFileSync(runFiles(out).metrics, 'utf8')) };
}

test.each(['gcml-lastfm', 'gcml-vevo'])(
  'recipe %s: items never seen find what belongs with them',
  async (name) => {
    const { events, metrics } = await train(name, 'batches.anchors=24');
    expect(metrics).toMatchObject({ measure: 'retrieval', relation: 'graph', sharedItems: false });
    for (const key of ['ndcgAt60', 'mapAt60', 'recallAt100']) {
      expect(metrics[key]).toBeGreaterThan(0.1);
      expect(metrics.baseline[key]).toBeGreaterThan(0);
    }
    const shares = events.flatMap((event) => (event.kind === 'step' ? [event.survivingNegatives as number] : []));
    expect(shares).toHaveLength(30);
    expect(metrics.survivingNegatives).toBeGreaterThan(0);
    expect(metrics.survivingNegatives).toBeLessThan(1);
  },
  120_000,
);

test('recipe gcml-lastfm with the clusters as classes', async () => {
  const { metrics } = await train(
    'gcml-lastfm',
    ...['clusters.learn=0', 'batches={ name: groups-of, groups: 4, perGroup: 3 }'],
    'objective={ loss: { name: sampled-softmax }, classes: { samples: 4, rate: 0.1 } }',
  );
  expect(metrics.ndcgAt60).toBeGreaterThan(0.1);
  expect(metrics).not.toHaveProperty('survivingNegatives');
}, 120_000);
