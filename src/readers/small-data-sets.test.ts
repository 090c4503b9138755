// The data sets in miniature, laid out as their authors give them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tone } from '../../test/own-data.ts';
import { Random } from '../core/random.ts';
import type { Images, Sounds, Texts } from '../relations/items.ts';
import { dataSetNamed } from './find-data-set.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kindred-small-'));
  vi.stubEnv('KINDRED_DATA', base);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true });
});

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), content);
}

const load = async (name: string, options: object = {}, strict = false) =>
  (await dataSetNamed(name))(options).load({ seed: 1, strict });
const png = () =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: '#080' } })
    .png()
    .toBuffer();
const texts = (modality: unknown) => (modality as Texts).texts;

test('cifar10: classes below the official parts', async () => {
  const picture = await png();
  for (const part of ['train', 'test']) {
    for (const kind of ['cat', 'ship']) for (let i = 0; i < 5; i++) put(`cifar10/${part}/${kind}/${i}.jpg`, picture);
  }
  const { items, relations, parts } = await load('cifar10', { validation: 0.2 });
  expect(relations).toMatchObject({ kind: 'groups', items: 20, names: ['cat', 'ship'] });
  const ids = (part?: Int32Array) => Array.from(part ?? [], (item) => items.ids[item]);
  expect(ids(parts?.test).every((id) => id.startsWith('test/'))).toBe(true);
  expect(ids(parts?.validation).every((id) => id.startsWith('train/'))).toBe(true);
  expect([parts?.train.length, parts?.validation.length, parts?.test.length]).toEqual([8, 2, 10]);
  if (relations.kind !== 'groups') return expect.fail();
  expect(items.ids.map((id) => id.split('/')[1])).toEqual([...relations.labels].map((label) => relations.names[label]));
});

test('lfw10: people with few pictures are left out, and counted', async () => {
  const picture = await png();
  for (const [person, count] of Object.entries({ A: 3, B: 1, C: 2 })) {
    for (let i = 0; i < count; i++) put(`lfw/${person}/${i}.jpg`, picture);
  }
  const { items, relations, notes } = await load('lfw', { minimum: 2, size: 8 });
  expect(items.ids).toEqual(['A/0.jpg', 'A/1.jpg', 'A/2.jpg', 'C/0.jpg', 'C/1.jpg']);
  if (relations.kind !== 'groups') return expect.fail();
  expect([...relations.labels].map((label) => relations.names[label])).toEqual(['A', 'A', 'A', 'C', 'C']);
  expect(notes).toEqual(['1 people with fewer than 2 pictures were left out']);
  expect((await load('lfw10', { minimum: 1 })).notes).toEqual([]);
});

test('lfw10: of each picture the middle is looked at, as much as crop says', async () => {
  // Black, but for the white middle half of rows and columns.
  const side = 80;
  const inside = (i: number) => i >= side / 4 && i < (3 * side) / 4;
  const pixels = Buffer.alloc(side * side);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) pixels[y * side + x] = inside(x) && inside(y) ? 255 : 0;
  const face = await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
  put('lfw/A/0.png', face);
  const white = async (crop: number) => {
    const { items } = await load('lfw', { minimum: 1, size: 20, crop });
    const image = items.modalities.image as { pixels: Uint8Array; crop?: number };
    expect(image.crop).toBe(crop === 1 ? undefined : crop);
    return image.pixels.reduce((sum, value) => sum + value, 0) / 255 / 400;
  };
  expect(await white(1)).toBeCloseTo(0.25, 2);
  expect(await white(0.5)).toBeGreaterThan(0.95);
  expect(await white(0.25)).toBe(1);
});

test('orl-faces: a picture that was cut short is refused', async () => {
  const whole = Buffer.concat([Buffer.from('P5\n# a face\n92 112\n255\n'), Buffer.alloc(92 * 112, 7)]);
  put('orl_faces/s1/1.pgm', whole);
  const { items } = await load('orl_faces');
  const { pixels } = items.modalities.image as { pixels: Uint8Array };
  expect([pixels.length, pixels[0], pixels.at(-1)]).toEqual([92 * 112, 7, 7]);
  put('orl_faces/s2/1.pgm', whole.subarray(0, -1));
  await expect(load('orl-faces')).rejects.toThrow(/s2.1\.pgm is not, or was cut short/);
  put('att_faces/README', 'nothing here');
  rmSync(join(base, 'orl_faces'), { recursive: true });
  await expect(load('orl-faces')).rejects.toThrow(/none in .*att_faces/);
});

test('reviews: as the original folders', async () => {
  put('aclImdb/train/pos/0_9.txt', 'fine');
  put('aclImdb/train/unsup/0_0.txt', 'well');
  put('aclImdb/test/neg/0_2.txt', 'poor');
  put('aclImdb/train/urls_pos.txt', 'https://');
  put('aclImdb/README', 'about');
  const { items, labels, parts } = await load('reviews', { validation: 0 });
  expect(items.ids).toEqual(['test/neg/0_2', 'train/pos/0_9', 'train/unsup/0_0']);
  expect(texts(items.modalities.text)).toEqual(['poor', 'fine', 'well']);
  expect(labels?.sentiment).toMatchObject({ names: ['neg', 'pos'], offsets: Int32Array.of(0, 1, 2, 2) });
  expect(parts).toEqual({ train: Int32Array.of(1, 2), validation: new Int32Array(0), test: Int32Array.of(0) });
});

test('lastfm: who gave which tag, and a log with the names of its columns', async () => {
  put('lastfm/artists.dat', 'id\tname\turl\tpictureURL\n10\tA\tu\tp\n20\tThe "B"\tu\n30\tC\tu\tp\n');
  put('lastfm/tags.dat', Buffer.from('tagID\ttagValue\r\n1\tchanson fran\u00e7aise\r\n2\trock\r\n', 'latin1'));
  const given = ['5\t10\t1', '6\t10\t1', '7\t10\t2', '8\t10\t2', '9\t10\t2', '5\t20\t2'];
  put('lastfm/user_taggedartists.dat', `userID\tartistID\ttagID\n${given.join('\n')}\n`);
  const listens = ['5\t10\t9', '5\t20\t99', '6\t10\t1', '6\t20\t1', '7\t30\t1', '7\t10\t4', '7\t40\t1'];
  put('lastfm/user_artists.dat', `userID\tartistID\tweight\n${listens.join('\n')}\n`);
  const { items, relations, labels, skipped } = await load('lastfm');
  expect(texts(items.modalities.name)).toEqual(['A', 'The "B"', 'C']);
  expect(texts(items.modalities.tags)).toEqual(['rock, chanson fran\u00e7aise', '', '']);
  expect(labels?.tag.names).toEqual(['chanson fran\u00e7aise', 'rock']);
  if (relations.kind !== 'lists') return expect.fail();
  expect([...relations.item]).toEqual([0, 1, 0, 1, 2, 0]);
  expect(relations.grade[1]).toBeCloseTo(2, 6);
  expect(skipped).toEqual([{ path: expect.stringMatching(/user_artists\.dat, line 8/), reason: 'unknown id: 40' }]);

  const together = await load('lastfm', { relation: 'together', minimum: 2 });
  if (together.relations.kind !== 'graph') return expect.fail();
  expect([...together.relations.from, ...together.relations.to].sort()).toEqual([0, 1]);
  expect(together.notes).toEqual(['1 artists that were listened to have no name, and were left out']);
});

test('movielens: films that the same people like, with genres and tags as vectors', async () => {
  put('ml-latest-small/movies.csv', 'movieId,title,genres\n1,One,Drama|War\n2,Two,Drama\n3,Three,(no genres listed)\n');
  put('ml-latest-small/tags.csv', 'userId,movieId,tag,timestamp\n1,1,Slow,1\n2,1,slow,2\n2,1,odd,2\n2,2,odd,2\n');
  const ratings = ['1,1,4.0,5', '1,2,5.0,4', '1,3,3.5,1', '2,2,4.5,1', '2,1,4.0,2', '2,3,1.0,1', '3,2,4,1', '3,9,5,2'];
  put('ml-latest-small/ratings.csv', `userId,movieId,rating,timestamp\n${ratings.join('\n')}\n`);
  const options = { relation: 'together', minimum: 2, genreWeights: true, tagWeights: 5 };
  const { items, relations, notes, log } = await load('movielens', options);
  if (relations.kind !== 'graph') return expect.fail();
  expect([...relations.from, ...relations.to].sort()).toEqual([0, 1]);
  expect(notes).toEqual(['1 films that were rated have no name, and were left out']);
  expect(log).toMatchObject({ user: 'userId', time: 'timestamp', liked: { column: 'rating', least: 4 } });
  expect(items.modalities.genreWeights).toMatchObject({ kind: 'vector', rows: 3, columns: 2 });
  // Of two tags one was given twice to the first film, and the other is on all films that have tags: it says nothing.
  const { data } = items.modalities.tagWeights as { data: Float32Array };
  expect([...data]).toEqual([0, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  await expect(load('movielens', { relation: 'together', minimum: 3 })).rejects.toThrow(/at least one link/);
});

test('spoken-digits, written: a recording and a picture of its digit, each in one item', async () => {
  const samples = (digit: number) => tone(400 + 100 * digit, Random.seeded(digit));
  for (const speaker of ['ann', 'bob', 'cleo']) {
    for (const digit of [0, 1])
      for (const i of [0, 7]) put(`fsdd/recordings/${digit}_${speaker}_${i}.wav`, samples(digit));
  }
  const columns = Array.from({ length: 64 }, (_, i) => `p${i}`);
  // Three pictures of 0 and seven of 1, each with values of its own.
  const pictures = Array.from({ length: 10 }, (_, i) => [Number(i >= 3), i, ...new Array(63).fill(16)].join(','));
  put('digits/digits.csv', `label,${columns.join(',')}\n${pictures.join('\n')}\n`);
  const { items, relations, labels, parts, notes } = await load('spoken-digits', { written: true });
  if (relations.kind !== 'groups' || labels?.speaker.kind !== 'groups') return expect.fail();
  expect([items.count, relations.items, labels.speaker.items]).toEqual([9, 9, 9]);
  expect(notes).toEqual(['3 recordings were left out, because no picture of their digit was left for them']);
  const { image, sound } = items.modalities as { image: Images; sound: Sounds };
  const whole = (await load('spoken-digits')).items;
  const all = whole.modalities.sound as Sounds;
  const used: number[] = [];
  for (const [i, id] of items.ids.entries()) {
    const [digit, speaker] = id.split('_');
    expect([relations.names[relations.labels[i]], labels.speaker.names[labels.speaker.labels[i]]]).toEqual([
      digit,
      speaker,
    ]);
    const picture = Math.round((image.pixels[64 * i] * 16) / 255);
    expect(String(Number(picture >= 3))).toBe(digit);
    used.push(picture);
    const at = whole.ids.indexOf(id);
    const own = sound.samples.subarray(sound.offsets[i], sound.offsets[i + 1]);
    expect(own).toEqual(all.samples.subarray(all.offsets[at], all.offsets[at + 1]));
  }
  expect(new Set(used).size).toBe(9);
  const ids = (part?: Int32Array) => Array.from(part ?? [], (item) => items.ids[item]);
  expect(ids(parts?.test).every((id) => id.endsWith('_0.wav'))).toBe(true);
  const again = await load('spoken-digits', { written: true });
  expect(again.items.ids).toEqual(items.ids);
  rmSync(join(base, 'digits'), { recursive: true });
  await expect(load('spoken-digits', { written: true })).rejects.toThrow(/The data set digits .*there is no /);
});

test('lambdarank: without the queries it is refused', async () => {
  for (const part of ['train', 'test']) put(`lambdarank/rank.${part}`, '1 1:0.5\n0 3:1\n');
  await expect(load('lambdarank')).rejects.toThrow(/there is no .*rank\.train\.query/);
  for (const part of ['train', 'test']) put(`lambdarank/rank.${part}.query`, '2\n');
  const { relations, items } = await load('lambdarank', { validation: 0 });
  expect(items.ids).toEqual(['train/0', 'train/1', 'test/0', 'test/1']);
  expect(relations).toMatchObject({
    query: Int32Array.of(0, 0, 1, 1),
    item: Int32Array.of(0, 1, 2, 3),
    grade: Float32Array.of(1, 0, 1, 0),
    queryIds: ['train/0', 'test/0'],
  });
});

test('food-triplets: without the features it is refused', async () => {
  put('food_taste_triplets/train_triplets.txt', '00001 00002 00003\n00004 00005 00006\n');
  await expect(load('food-triplets')).rejects.toThrow(/food101_vit_logits_5002x101\.f32 has 0 bytes, not 2020000/);
});

test('what is missing is told with where to get it, whatever the set', async () => {
  for (const name of ['movielens', 'vevo', 'spoken-digits', 'digits', 'omniglot']) {
    await expect(load(name)).rejects.toThrow(/there is no .*Get it from https:.*and unpack it to /);
  }
});
