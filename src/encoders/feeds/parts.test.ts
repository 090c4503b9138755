import { expect, test } from 'vitest';
import { matrix, row } from '../../core/matrix.ts';
import { Random } from '../../core/random.ts';
import { ngrams } from '../../readers/tokens/ngrams.ts';
import { mlp } from '../mlp.ts';
import { partsFeed } from './parts.ts';
import { textFeed } from './text.ts';
import { vectorFeed } from './vector.ts';

const N = Number.NaN;
const tokens = ngrams({ buckets: 32, words: 1, length: 3 });
const title = textFeed(['red car', '', 'blue'], { tokens });
const sound = vectorFeed(matrix(3, 2, Float32Array.of(3, 4, 1, 0, N, N)));
const parts = (drop = 0, without: string[] = []) =>
  partsFeed(
    [
      { name: 'title', feed: title, padding: tokens.padding },
      { name: 'sound', feed: sound },
    ],
    drop,
    without,
  );
const rowsOf = (values: ArrayLike<number | bigint>) =>
  Array.from({ length: values.length / 5 }, (_, i) =>
    Array.from(values)
      .slice(5 * i, 5 * i + 5)
      .map(Number),
  );

test('modalities stand side by side, by name; what an item lacks is NaN, or padding', async () => {
  const found = rowsOf(await parts().values([2, 0, 1]));
  const ids = (text: string) => [...tokens.encode(text), ...new Array(3).fill(tokens.padding)].slice(0, 3);
  expect(found).toEqual([
    [N, N, ...ids('blue')],
    [3, 4, ...ids('red car')],
    [1, 0, ...ids('')],
  ]);
});

test('features are the modalities side by side, each of length 1: products are sums of cosines', () => {
  const found = parts().features([0, 1, 2]);
  const [first, second, third] = [0, 1, 2].map((i) => [...row(found, i)]);
  expect(found.columns).toBe(2 + 2048);
  expect(parts().blocks).toEqual({ sound: 2, title: 2048 });
  expect(first.slice(0, 2)).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
  expect(Math.hypot(...first.slice(2))).toBeCloseTo(1, 6);
  expect(second.slice(2).every((value) => value === 0)).toBe(true);
  expect(third.slice(0, 2)).toEqual([0, 0]);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  expect(dot(first, second)).toBeCloseTo(0.6, 6);
  expect(dot(second, third)).toBe(0);
});

test('looks hide a share of modalities, never all, the same for the same seed; items as they are hide none', async () => {
  const feed = parts(0.5);
  const many = new Array(400).fill(0);
  const looks = rowsOf(await feed.values(many, Random.seeded(1)));
  const hidden = { sound: (look: number[]) => Number.isNaN(look[0]), title: (look: number[]) => Number.isNaN(look[2]) };
  const [sounds, titles] = [looks.filter(hidden.sound).length, looks.filter(hidden.title).length];
  expect(looks.filter((look) => hidden.sound(look) && hidden.title(look))).toEqual([]);
  // Each is drawn with 1/2, and the one that is kept with 1/2: a quarter.
  for (const count of [sounds, titles]) expect(count / 400).toBeGreaterThan(0.18);
  for (const count of [sounds, titles]) expect(count / 400).toBeLessThan(0.32);
  expect(rowsOf(await feed.values(many, Random.seeded(1)))).toEqual(looks);
  expect(rowsOf(await feed.values(many, Random.seeded(2)))).not.toEqual(looks);
  expect(rowsOf(await feed.values([0]))).toEqual(rowsOf(await parts().values([0])));
  // The only modality of an item stays.
  for (const look of rowsOf(await feed.values(new Array(50).fill(2), Random.seeded(1)))) expect(look[2]).not.toBeNaN();
});

test('modalities that are taken away are lacking in every item; not all of them, and none that there is not', async () => {
  const whole = rowsOf(await parts().values([0, 1, 2]));
  const heard = rowsOf(await parts(0, ['title']).values([0, 1, 2]));
  expect(heard).toEqual(whole.map(([a, b]) => [a, b, ...new Array(3).fill(tokens.padding)]));
  const read = rowsOf(await parts(0.5, ['sound']).values([0, 1], Random.seeded(1)));
  expect(read).toEqual(whole.slice(0, 2).map(([, , ...ids]) => [N, N, ...ids]));
  expect(() => parts(0, ['smell'])).toThrow(/all but one of them: smell; it sees sound, title/);
  expect(() => parts(0, ['title', 'sound'])).toThrow(/all but one of them: title, sound/);
});

test('an encoder of one modality is refused', () => {
  expect(() => parts().around(mlp())).toThrow(/Several modalities are seen by the encoder towers: mlp, which sees one/);
});
