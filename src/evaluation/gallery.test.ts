import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { galleryOf, nearestPeople } from './gallery.ts';

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
      const nearest = own.map(distance).sort((x, y) => x - y);
      return { who, item, nearest: nearest.slice(0, 3) };
    })
    .sort((x, y) => x.nearest[0] - y.nearest[0]);
  const found = nearestPeople(galleryOf(gallery, person, 'squared-euclidean'), query)(0);
  expect(found.map(({ person, item }) => [person, item])).toEqual(expected.map(({ who, item }) => [who, item]));
  for (const [i, { nearest }] of expected.entries()) {
    expect(found[i].distances).toHaveLength(nearest.length);
    for (const [k, distance] of nearest.entries()) expect(found[i].distances[k]).toBeCloseTo(distance, 9);
  }
});

test('distance to the mean over the spreads, by hand: one wide, one narrow, one with a single picture', () => {
  const items = matrix(5, 1, Float32Array.of(0, 4, 10, 11, 20));
  const gallery = galleryOf(items, [7, 7, 8, 8, 9], 'squared-euclidean');
  // Each picture to the other one: 4 and 1, on average 2.5, as which the third counts.
  expect([...gallery.people].map(([who, { divisor }]) => [who, divisor])).toEqual([
    [7, 6.5],
    [8, 3.5],
    [9, 5],
  ]);
  const found = nearestPeople(gallery, matrix(1, 1, Float32Array.of(8)))(0);
  expect(found.map(({ person, relative }) => [person, relative])).toEqual([
    [8, 2.5 / 3.5],
    [7, 6 / 6.5],
    [9, 12 / 5],
  ]);
});

test('without a second picture of anybody it is the distance; pictures that are all alike divide by no zero', () => {
  const query = matrix(1, 1, Float32Array.of(3));
  const single = galleryOf(matrix(2, 1, Float32Array.of(0, 4)), [0, 1], 'squared-euclidean');
  expect(nearestPeople(single, query)(0).map(({ relative }) => relative)).toEqual([1, 3]);
  const alike = galleryOf(matrix(4, 1, Float32Array.of(1, 1, 2, 2)), [0, 0, 1, 1], 'squared-euclidean');
  for (const { relative } of nearestPeople(alike, query)(0)) expect(Number.isFinite(relative)).toBe(true);
});
