import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { input } from '../../graph/ops/input.ts';
import type { Tokens } from '../../readers/tokens/tokens.ts';
import { tokenDropout } from '../../views/token-dropout.ts';
import type { TokenView } from '../../views/token-view.ts';
import { initialize, trace } from '../encoder.ts';
import { ngrams } from '../ngrams.ts';
import { textFeed } from './text.ts';

const encoded: string[] = [];
/** Each character is its code, after a 1 for the beginning; 0 is padding. */
const letters: Tokens = {
  length: 5,
  vocabulary: 128,
  padding: 0,
  special: new Set([0, 1]),
  settings: { tokens: 'letters', length: 5 },
  encode(text) {
    encoded.push(text);
    return Int32Array.from([1, ...[...text].map((each) => each.charCodeAt(0))].slice(0, 5));
  },
};
const texts = ['ab', '', 'abcdefg', 'b'];
const rowsOf = (values: ArrayLike<unknown>) =>
  Array.from({ length: values.length / 5 }, (_, i) =>
    Array.from(values)
      .slice(5 * i, 5 * i + 5)
      .map(Number),
  );

test('ids, filled up with padding; a text is encoded once', async () => {
  encoded.length = 0;
  const feed = textFeed(texts, { tokens: letters });
  expect(feed).toMatchObject({ kind: 'text', count: 4, settings: { tokens: 'letters', length: 5 } });
  expect(feed.input).toEqual({ name: 'tokens', type: 'int64', shape: [5] });
  const values = await feed.values([2, 0, 1]);
  expect(values).toBeInstanceOf(BigInt64Array);
  expect(rowsOf(values)).toEqual([
    [1, 97, 98, 99, 100],
    [1, 97, 98, 0, 0],
    [1, 0, 0, 0, 0],
  ]);
  expect(rowsOf(await feed.values([0, 0], Random.seeded(1)))).toEqual([
    [1, 97, 98, 0, 0],
    [1, 97, 98, 0, 0],
  ]);
  expect(encoded).toEqual(['abcdefg', 'ab', '']);
});

test('padding may be an id below zero', async () => {
  const feed = textFeed(['a'], { tokens: { ...letters, padding: -1 } });
  expect(rowsOf(await feed.values([0]))).toEqual([[1, 97, -1, -1, -1]]);
});

test('looks go through the views in order, each by a generator of its own; what is kept stays', async () => {
  const close: TokenView = {
    name: 'close',
    modality: 'text',
    apply: (ids) => Int32Array.from([...ids, 2].slice(0, 5)),
  };
  const feed = textFeed(['abcd', 'ab'], { tokens: letters, views: [tokenDropout({ share: 0.5 }), close] });
  const looks = rowsOf(await feed.values([0, 0, 1], Random.seeded(3)));
  expect(rowsOf(await feed.values([0, 0, 1], Random.seeded(3)))).toEqual(looks);
  const many = rowsOf(await feed.values(new Array(30).fill(0), Random.seeded(3)));
  // Four letters, of which one at least stays: 15 ways.
  expect(new Set(many.map(String)).size).toBeGreaterThan(8);
  for (const row of looks) {
    expect(row[0]).toBe(1);
    if (row.includes(2)) expect(row.slice(row.indexOf(2) + 1).every((id) => id === 0)).toBe(true);
  }
  expect(looks[2]).toContain(2);
  expect(rowsOf(await feed.values([0, 1]))).toEqual([
    [1, 97, 98, 99, 100],
    [1, 97, 98, 0, 0],
  ]);
});

test('views of a user are told what ids mean, and may not give more than there is room for', async () => {
  const more: TokenView = { name: 'more', modality: 'text', apply: (ids) => Int32Array.from([...ids, 7, 7, 7, 7, 7]) };
  await expect(textFeed(texts, { tokens: letters, views: [more] }).values([0], Random.seeded(1))).rejects.toThrow(
    /an Int32Array of 5 at most: 8 of them from the view more/,
  );
  const none = { ...more, apply: (() => undefined) as unknown as TokenView['apply'] };
  await expect(textFeed(texts, { tokens: letters, views: [none] }).values([0], Random.seeded(1))).rejects.toThrow(
    /undefined from the view more/,
  );
  let known: unknown;
  function seeing(ids: Int32Array, _: Random, given: unknown): Int32Array {
    known = given;
    return ids;
  }
  const asks: TokenView = { ...more, apply: seeing };
  await textFeed(texts, { tokens: letters, views: [asks] }).values([0], Random.seeded(1));
  expect(known).toMatchObject({ padding: 0, special: letters.special });
});

test('words by hashed tf-idf, for what does not learn', () => {
  const feed = textFeed(['red car', 'red red bus', 'red'], { tokens: letters });
  const features = feed.features([0, 1, 2]);
  expect([features.rows, features.columns]).toEqual([3, 2048]);
  const values = [0, 1, 2].map((i) =>
    [...features.data.subarray(2048 * i, 2048 * (i + 1))].filter((value) => value !== 0),
  );
  // "red" is in all three texts and says nothing; the others are in one of three.
  expect(values).toEqual([[expect.closeTo(Math.log(3), 5)], [expect.closeTo(Math.log(3), 5)], []]);
  const pairs = textFeed(['red red car', 'bus'], { tokens: letters }).features([0]);
  expect([...pairs.data].filter((value) => value !== 0).sort()).toEqual([
    expect.closeTo(Math.log(2), 5),
    expect.closeTo(2 * Math.log(2), 5),
  ]);
});

test('rows start as long as n-grams are rare in the texts that are trained on: a naive count', () => {
  const all = ['sun moon', 'sun', 'sun star', 'never seen'];
  const options = { buckets: 64, words: 1, length: 4, rows: 8, dimension: 4 };
  const tableOf = (rarity: boolean, trained?: Int32Array) => {
    const encoder = ngrams({ ...options, rarity });
    const { tokens } = encoder;
    if (tokens === undefined) throw new Error('an encoder of texts');
    const feed = textFeed(all, { tokens, ...(trained && { trained }) });
    const { parameters } = trace(feed.around(encoder), input('tokens', [2, 4], 'int64'));
    const table = parameters.findIndex(({ name }) => name === 'bag.table');
    return { tokens, values: initialize(parameters, Random.seeded(5))[table] };
  };
  const { tokens, values } = tableOf(true, Int32Array.of(0, 1, 2));
  const plain = tableOf(false, Int32Array.of(0, 1, 2)).values;
  expect(tableOf(true).values, 'nothing is measured of a model that exists').toEqual(plain);
  const times = { sun: 3, moon: 1, star: 1, never: 1 };
  for (const [word, within] of Object.entries(times)) {
    const [id] = tokens.encode(word);
    for (let k = 0; k < 8; k++) expect(values[8 * id + k]).toBeCloseTo(Math.log(3 / within) * plain[8 * id + k], 6);
  }
});
