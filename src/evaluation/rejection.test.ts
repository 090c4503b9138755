import { expect, test } from 'vitest';
import { matrix, takeRows } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import {
  acceptedShare,
  knownAgainstUnknown,
  nearestPeople,
  openSet,
  rejectionScores,
  rejectionThreshold,
} from './rejection.ts';

test('scores by hand', () => {
  const d = Float64Array.of(1, 2, 4, 6);
  expect(rejectionScores.flat(d)).toBe(1);
  expect(rejectionScores.ratio(d)).toBe(0.5);
  expect(rejectionScores.gap(d)).toBe(-1);
  // The others: mean 4, variance (4 + 0 + 4) / 3.
  expect(rejectionScores.all(d)).toBeCloseTo(-3 / Math.sqrt(8 / 3), 6);
  expect(rejectionScores.near(d)).toBeCloseTo(rejectionScores.all(d), 12);
  const many = Float64Array.of(0, ...Array.from({ length: 10 }, (_, i) => i + 1), 1000);
  expect(rejectionScores.near(many)).toBeCloseTo(-5.5 / Math.sqrt(8.25), 6);
  expect(rejectionScores.ratio(Float64Array.of(0, 0, 1))).toBe(1);
});

test('the nearest item of each person, the nearest person first: a naive loop', () => {
  const random = Random.seeded(3);
  const gallery = matrix(
    20,
    4,
    Float32Array.from({ length: 80 }, () => random.normal()),
  );
  const person = Array.from({ length: 20 }, () => random.integer(5));
  const query = matrix(
    1,
    4,
    Float32Array.from({ length: 4 }, () => random.normal()),
  );
  const distance = (i: number) =>
    Math.hypot(...Array.from({ length: 4 }, (_, c) => gallery.data[4 * i + c] - query.data[c]));
  const expected = [...new Set(person)]
    .map((who) => {
      const own = [...person.keys()].filter((i) => person[i] === who);
      const item = own.reduce((best, i) => (distance(i) < distance(best) ? i : best));
      return { who, item, distance: distance(item) };
    })
    .sort((x, y) => x.distance - y.distance);
  const found = nearestPeople(gallery, person, query, 0, 'squared-euclidean');
  expect(found.people).toEqual(expected.map(({ who }) => who));
  expect(found.items).toEqual(expected.map(({ item }) => item));
  for (const [i, each] of expected.entries()) expect(found.distances[i]).toBeCloseTo(each.distance, 9);
});

test('half of the people are known by half of their items; what is asked is not in the gallery', () => {
  // Items on a line, those of person p around 10 p: known queries find their own person within 1.
  const person = Array.from({ length: 24 }, (_, i) => Math.floor(i / 4));
  const embeddings = matrix(
    24,
    1,
    Float32Array.from(person, (p, i) => 10 * p + 0.2 * (i % 4)),
  );
  const set = openSet(embeddings, person, { random: Random.seeded(1), metric: 'squared-euclidean', draws: 3 });
  expect(set?.known).toHaveLength(3 * 3 * 2);
  expect(set?.unknown).toHaveLength(3 * 3 * 4);
  for (const d of set?.known ?? []) {
    expect(d).toHaveLength(3);
    expect(d[0]).toBeGreaterThan(0.1);
    expect(d[0]).toBeLessThan(1);
  }
  for (const d of set?.unknown ?? []) expect(d[0]).toBeGreaterThan(5);
  expect(
    openSet(takeRows(embeddings, [...Array(20).keys()]), person.slice(0, 20), {
      random: Random.seeded(1),
      metric: 'cosine',
    }),
  ).toBeUndefined();
});

test('AUROC is the share of pairs that are in order: a naive loop, with ties', () => {
  const random = Random.seeded(8);
  const draw = (shift: number) =>
    Array.from({ length: 40 }, () => Float64Array.of(Math.round(8 * random.uniform() + shift) / 8, 2, 3));
  const set = { known: draw(0), unknown: draw(2) };
  let wins = 0;
  for (const [x] of set.known) for (const [y] of set.unknown) wins += x < y ? 1 : x === y ? 0.5 : 0;
  expect(knownAgainstUnknown(set, 'flat')).toBeCloseTo(wins / 1600, 12);
  expect(knownAgainstUnknown({ known: set.unknown, unknown: set.known }, 'flat')).toBeCloseTo(1 - wins / 1600, 12);
});

test('the threshold takes no more of the unknown than asked for, and not one fewer', () => {
  const of = (values: readonly number[]) => values.map((value) => Float64Array.of(value, 9, 9));
  const unknown = of(Array.from({ length: 20 }, (_, i) => (i + 1) / 10));
  const threshold = rejectionThreshold({ known: [], unknown }, 'flat', 0.1);
  expect(threshold).toBeCloseTo(0.25, 12);
  expect(acceptedShare(unknown, 'flat', threshold)).toBe(0.1);
  // Of equal ones all or none are accepted.
  const alike = of([0.1, 0.2, 0.2, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  expect(acceptedShare(alike, 'flat', rejectionThreshold({ known: [], unknown: alike }, 'flat', 0.2))).toBe(0.1);
  const all = of([0.3, 0.3]);
  expect(acceptedShare(all, 'flat', rejectionThreshold({ known: [], unknown: all }, 'flat', 0.5))).toBe(0);
});
