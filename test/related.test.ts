import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../src/core/random.ts';
import { buildInto } from './built.ts';

// From logs to related items and recommendations, by the command line, on small data of the form of Last.fm's and Vevo's.
let work: string;
let main: string;
const at = (...path: string[]) => join(work, ...path);
const genres = ['folk', 'metal', 'disco', 'swing'];
const artists = 120;
const genreOf = (artist: number) => artist % 4;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'kindred-related-'));
  main = buildInto(at('package'));
  const random = Random.seeded(1);
  const folder = at('data', 'lastfm-hetrec2011');
  mkdirSync(folder, { recursive: true });
  const rows = (lines: string[]) => `${lines.join('\n')}\n`;
  const all = Array.from({ length: artists }, (_, i) => i);
  writeFileSync(join(folder, 'artists.dat'), rows(['id\tname\turl', ...all.map((i) => `${i}\tband ${i}\thttp://x`)]));
  // Each genre has four tags, of which an artist has two: artists of a genre need not share one.
  const names = genres.flatMap((genre) => [1, 2, 3, 4].map((k) => `${genre} ${k}`));
  writeFileSync(join(folder, 'tags.dat'), rows(['tagID\ttagValue', ...names.map((name, i) => `${i}\t${name}`)]));
  const given = all.flatMap((i) => {
    const first = random.integer(4);
    return [first, (first + 1 + random.integer(3)) % 4].map((k) => `${i}\t${4 * genreOf(i) + k}\t5`);
  });
  writeFileSync(join(folder, 'artist_tags.tsv'), rows(['artistID\ttagID\tcount', ...given]));
  const listens = Array.from({ length: 80 }, (_, user) =>
    all
      .filter((i) => genreOf(i) === user % 4)
      .filter(() => random.uniform() < 0.5)
      .map((i) => `${user}\t${i}\t${1 + random.integer(900)}`),
  );
  writeFileSync(join(folder, 'user_artists.dat'), rows(['userID\tartistID\tweight', ...listens.flat()]));

  const films = at('data', 'ml-latest-small');
  mkdirSync(films);
  const titles = all.map(
    (i) => `${i},Film ${i} (${1990 + (i % 7)}),${genres[genreOf(i)]} ${random.integer(2)}|odd ${i % 3}`,
  );
  writeFileSync(join(films, 'movies.csv'), rows(['movieId,title,genres', ...titles]));
  writeFileSync(
    join(films, 'tags.csv'),
    rows(['userId,movieId,tag,timestamp', ...all.map((i) => `1,${i},tag ${i % 5},9`)]),
  );
  // People like films of their genre, and see others.
  const ratings = Array.from({ length: 200 }, (_, user) =>
    all
      .filter(() => random.uniform() < 0.4)
      .map((i) => `${user},${i},${genreOf(i) === user % 4 ? 4.5 : 2},${random.integer(1000)}`),
  );
  writeFileSync(join(films, 'ratings.csv'), rows(['userId,movieId,rating,timestamp', ...ratings.flat()]));

  const vevo = at('data', 'vevo-youtube-network');
  mkdirSync(vevo);
  const videos = all.map((i) => `${i},v${i},${genres[genreOf(i)]} act ${i % 8} - Song ${i}`);
  writeFileSync(join(vevo, 'vevo_en_embeds_60k.txt'), rows(videos));
  const links = all.flatMap((i) => [8, 16].map((step) => `${i},${(i + step) % artists},1`));
  writeFileSync(join(vevo, 'persistent_network.csv'), rows(['Source,Target,Weight', ...links]));
  const acts = Array.from({ length: 7 }, (_, i) =>
    JSON.stringify({ query: `${genres[i % 4]} act ${i}`, country: 'NO', 'tag-dict': { [genres[i % 4]]: 3, pop: 1 } }),
  );
  writeFileSync(join(vevo, 'artist_details.json'), rows(acts));
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function kindred(...args: string[]) {
  const env = { ...process.env, KINDRED_DATA: at('data') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}
const short = ['--threads', '1', '--set', 'steps=40', '--set', 'batches.anchors=24', '--json'];

test('recipe cdml-lastfm: artists never seen find those that the same people listen to', () => {
  const { code, err } = kindred('train', 'cdml-lastfm', '--out', 'lastfm', ...short);
  expect(code, err).toBe(0);
  const metrics = JSON.parse(readFileSync(at('lastfm', 'metrics.json'), 'utf8'));
  expect(metrics).toMatchObject({ measure: 'retrieval', relation: 'graph', sharedItems: false });
  for (const name of ['ndcgAt60', 'mapAt60', 'recallAt100']) {
    expect(metrics[name]).toBeGreaterThan(0);
    expect(metrics.baseline[name]).toBeGreaterThan(0);
  }
  // Tags of a genre stand beside each other in training; that those of one genre belong together no cosine of them knows.
  expect(metrics.ndcgAt60).toBeGreaterThan(metrics.baseline.ndcgAt60);
  const again = JSON.parse(kindred('evaluate', 'lastfm', '--threads', '1', '--json').out);
  expect(again.ndcgAt60).toBeCloseTo(metrics.ndcgAt60, 5);
});

test('related: the nearest items, never the item itself; the same as an exact search', () => {
  const { code, out, err } = kindred('related', 'lastfm', '5', '-k', '6', '--json');
  expect(code, err).toBe(0);
  const { related } = JSON.parse(out);
  const { neighbours } = JSON.parse(kindred('search', 'lastfm', '5', '-k', '6', '--exact', '--json').out);
  expect(related.map(({ id }: { id: string }) => id)).toEqual(neighbours.map(({ id }: { id: string }) => id));
  expect(related.filter(({ id }: { id: string }) => Number(id) % 4 === 1).length).toBeGreaterThanOrEqual(5);
  const [{ id, name }] = related;
  expect(name).toBe(`band ${id}`);
  expect(kindred('related', 'lastfm', '5', '-k', '1').out).toMatch(/ item +name\n1 .* band \d+\n/);
  const unknown = kindred('related', 'lastfm', '999');
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain('"999", which the run of 120 items does not know');
});

test('recommend: by items, by people of similar taste, with filters; never what was seen', () => {
  const idsOf = ({ out }: { out: string }): string[] => JSON.parse(out).recommended.map(({ id }: { id: string }) => id);
  const plain = idsOf(kindred('recommend', 'lastfm', '--history', '4,8,12', '-k', '20', '--json'));
  expect(plain.length).toBe(20);
  expect(plain.filter((id) => Number(id) % 4 === 0).length).toBeGreaterThanOrEqual(18);
  for (const seen of ['4', '8', '12']) expect(plain).not.toContain(seen);
  const without = idsOf(
    kindred('recommend', 'lastfm', '--history', '4,8,12', '--without', `${plain[0]}, ${plain[2]}`, '-k', '3', '--json'),
  );
  expect(without).toEqual([plain[1], plain[3], plain[4]]);
  writeFileSync(at('shop.txt'), `${plain[3]}\n${plain[9]}\n8\n`);
  const only = idsOf(kindred('recommend', 'lastfm', '--history', '4,8,12', '--only', 'shop.txt', '--json'));
  expect(only).toEqual([plain[3], plain[9]]);

  const log = at('data', 'lastfm-hetrec2011', 'user_artists.dat');
  const people = kindred('recommend', 'lastfm', '--history', '4,8,12', '--people', log, '--neighbours', '10', '--json');
  expect(JSON.parse(people.out)).toMatchObject({
    by: 'people',
    asked: { columns: { user: 'userID', item: 'artistID' }, people: 80 },
  });
  const asked = kindred('recommend', 'lastfm', '--history', '4', '--people', log, '--diversity', '0.5').out;
  expect(asked).toMatch(/^80 people of .*: users by userID, items by artistID\n/);
  expect(asked).toMatch(/not by score alone: with --diversity 0\.5/);
  expect(idsOf(people).every((id) => Number(id) % 4 === 0 && !['4', '8', '12'].includes(id))).toBe(true);
  const last = idsOf(kindred('recommend', 'lastfm', '--history', '5,6,4', '--recent', '1', '-k', '3', '--json'));
  const alone = idsOf(kindred('recommend', 'lastfm', '--history', '4', '--without', '5,6', '-k', '3', '--json'));
  expect(last).toEqual(alone);
  const shown = kindred('recommend', 'lastfm', '--history', '4', '-k', '2');
  expect(shown.out.trim().split('\n').length).toBe(3);
});

test('probe: the tags of artists never seen, by embeddings and by raw content', () => {
  const probe = (...args: string[]) => kindred('probe', 'lastfm', '--threads', '1', ...args);
  const { code, out, err } = probe('--baselines', '--minimum', '4', '--json');
  expect(code, err).toBe(0);
  const { tags, gapAt20, map, intervals, baselines, settings } = JSON.parse(out);
  expect(tags).toBe(16);
  for (const [name, value] of Object.entries({ gapAt20, map })) {
    // Of sixteen tags an artist has two.
    expect(value).toBeGreaterThan(0.25);
    expect(value).toBeGreaterThanOrEqual(intervals[name][0]);
    expect(value).toBeLessThanOrEqual(intervals[name][1]);
    expect(baselines.raw[name] - value).toBeCloseTo(-baselines.raw.difference[name].value, 9);
  }
  // The content holds the very tags.
  expect(baselines.raw.map).toBeGreaterThan(0.9);
  expect(settings.l2).toBeGreaterThan(0);
  const shown = probe('--label', 'tag', '--minimum', '6');
  expect(shown.out).toMatch(/tags, learned on \d+ items that have some, told of 36 of 36 items of the test part/);
  expect(shown.out).toMatch(/GAP@20 +95 % +MAP/);
  const other = probe('--label', 'colour');
  expect([other.code, other.err]).toEqual([2, expect.stringContaining('"colour"; the labels are tag')]);
  const rare = probe('--minimum', '1000');
  expect([rare.code, rare.err]).toEqual([1, expect.stringContaining('0 such tags')]);
});

test('what is of people takes a run of people: wrong use', () => {
  const calibrated = kindred('calibrate', 'lastfm');
  expect([calibrated.code, calibrated.err]).toEqual([2, expect.stringContaining('relations of the kind graph')]);
});

test('empty histories, unknown items and tables of others get answers', () => {
  const empty = kindred('recommend', 'lastfm', '--history', ' , ');
  expect([empty.code, empty.err]).toEqual([2, expect.stringContaining('an empty history')]);
  const unknown = kindred('recommend', 'lastfm', '--history', '4,band');
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('"band", which the run')]);
  writeFileSync(at('strangers.csv'), 'user,item\nann,film\n');
  const strangers = kindred('recommend', 'lastfm', '--history', '4', '--people', 'strangers.csv');
  expect([strangers.code, strangers.err]).toEqual([2, expect.stringContaining('names none of them')]);
  writeFileSync(at('seen.txt'), '4\n');
  expect(kindred('recommend', 'lastfm', '--history', '4', '--only', 'seen.txt').out).toContain('nothing:');
});

test('recipe cdml-movielens runs end to end', () => {
  const { code, err } = kindred('train', 'cdml-movielens', '--out', 'movielens', ...short);
  expect(code, err).toBe(0);
  const metrics = JSON.parse(readFileSync(at('movielens', 'metrics.json'), 'utf8'));
  expect(metrics).toMatchObject({ measure: 'retrieval', relation: 'graph', sharedItems: false });
  expect(metrics.ndcgAt60).toBeGreaterThan(metrics.baseline.ndcgAt60);
});

test('evaluate --task recommend: films never seen, and people never seen, beside what does not learn from content', () => {
  const { code, out, err } = kindred('evaluate', 'movielens', '--task', 'recommend', '--threads', '1', '--json');
  expect(code, err).toBe(0);
  const { cold, warm, ...own } = JSON.parse(out);
  const { items, content, ease, itemKnn, people, popularity } = warm.methods;
  // Of four genres people like one: who knows it finds it, and what most like says nothing of it.
  for (const { ndcgAt10, intervals, settings } of [items, people, ease, itemKnn]) {
    expect(ndcgAt10).toBeGreaterThan(1.5 * popularity.ndcgAt10);
    expect(intervals.ndcgAt10[0]).toBeLessThan(ndcgAt10);
    expect(intervals.ndcgAt10[1]).toBeGreaterThan(ndcgAt10);
    expect(settings).not.toEqual({});
  }
  expect(own).toMatchObject({ task: 'recommend', part: 'test', items: 'cold', ndcgAt10: cold.methods.items.ndcgAt10 });
  expect(content.difference.mean).toBeCloseTo(content.ndcgAt10 - items.ndcgAt10, 10);
  // All that is liked, of people who like 12 of 120 films and more: in 66 films of training, and 36 of the test part.
  expect([cold.candidates, warm.candidates]).toEqual([36, 66]);
  expect(cold.people).toBeGreaterThan(150);
  expect(warm.people).toBeGreaterThan(30);
  expect(warm.people).toBeLessThan(90);
  expect(cold.methods.itemKnn.reason).toBe('nobody has seen these items');
  const shown = kindred('evaluate', 'movielens', '--task', 'recommend', '--threads', '1', '--part', 'validation').out;
  expect(shown).toMatch(/18 items of the validation part, which nobody has seen yet:/);
  expect(shown).toContain(
    'Left out: this run, by people; popularity; item-kNN; EASE, since nobody has seen these items.',
  );
  expect(shown).toMatch(/\nEASE +0\.\d{3} +0\.\d{3}–0\.\d{3} .*lambda \d/);
});

test('evaluate --task recommend says what it cannot measure', () => {
  const { out } = kindred('evaluate', 'lastfm', '--task', 'recommend', '--threads', '1');
  expect(out).toMatch(/To \d+ people, 36 items of the test part/);
  expect(out).toMatch(/Not measured on items that training saw.*: .*hold people back/);
  const { code, err } = kindred('evaluate', 'lastfm', '--task', 'recommend', '--pairs', 'x');
  expect([code, err]).toEqual([2, expect.stringContaining('--pairs with --task recommend')]);
});

test('recipe cdml-vevo runs end to end', () => {
  const { code, err } = kindred('train', 'cdml-vevo', '--out', 'vevo', ...short);
  expect(code, err).toBe(0);
  const metrics = JSON.parse(readFileSync(at('vevo', 'metrics.json'), 'utf8'));
  expect(metrics.ndcgAt60).toBeGreaterThan(0.3);
  expect(metrics.baseline.ndcgAt60).toBeGreaterThan(0.3);
  expect(JSON.parse(kindred('related', 'vevo', 'v8', '-k', '3', '--json').out).related.length).toBe(3);
  const noLog = kindred('evaluate', 'vevo', '--task', 'recommend');
  expect([noLog.code, noLog.err]).toEqual([2, expect.stringContaining('of the kind graph, come from no log')]);
});
