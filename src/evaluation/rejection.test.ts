import { expect, test } from 'vitest';
import { matrix, takeRows } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import type { NearPerson } from './gallery.ts';
import {
  acceptedShare,
  knownAgainstUnknown,
  openSet,
  rejectionScores,
  rejectionThreshold,
  type Scored,
} from './rejection.ts';

const peopleAt = (...distances: number[][]): NearPerson[] =>
  distances.map((each, person) => ({ person, item: 10 * person, distances: each, relative: 1 }));
const flatly = (flat: number) => ({ flat }) as Scored;
const alone = (distances: ArrayLike<number>) => peopleAt(...Array.from(distances, (distance) => [distance]));

test('scores by hand', () => {
  const d = alone([1, 2, 4, 6]);
  expect(rejectionScores.flat(d)).toEqual({ score: 1, near: d[0] });
  expect(rejectionScores.ratio(d).score).toBe(0.5);
  expect(rejectionScores.gap(d)).toEqual({ score: -1, near: d[0] });
  // The others: mean 4, variance (4 + 0 + 4) / 3.
  expect(rejectionScores.all(d).score).toBeCloseTo(-3 / Math.sqrt(8 / 3), 6);
  expect(rejectionScores.near(d).score).toBeCloseTo(rejectionScores.all(d).score, 12);
  const many = alone([0, ...Array.from({ length: 10 }, (_, i) => i + 1), 1000]);
  expect(rejectionScores.near(many).score).toBeCloseTo(-5.5 / Math.sqrt(8.25), 6);
  expect(rejectionScores.ratio(alone([0, 0, 1])).score).toBe(1);
  // Several pictures of the second are nearer than those of the first; the third has one picture.
  const several = peopleAt([1, 8, 9], [2, 3, 4], [5]);
  expect(rejectionScores.two(several)).toEqual({ score: 2.5, near: several[1] });
  expect(rejectionScores.three(several)).toEqual({ score: 3, near: several[1] });
  expect(rejectionScores.three(several.slice(2)).score).toBe(5);
  const spread = several.map((near, i) => ({ ...near, relative: [0.7, 0.5, 0.6][i] }));
  expect(rejectionScores.spread(spread)).toEqual({ score: 0.5, near: spread[1] });
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
  for (const { flat, three } of set?.known ?? []) {
    expect(flat).toBeGreaterThan(0.01);
    expect(flat).toBeLessThan(1);
    expect(three).toBeGreaterThanOrEqual(flat);
    expect(three).toBeLessThan(1);
  }
  for (const { flat } of set?.unknown ?? []) expect(flat).toBeGreaterThan(5);
  // Somebody else who is known, half a step beside everybody: strangers come closer, and those that are known find their own.
  const beside = matrix(
    24,
    1,
    embeddings.data.map((value) => value + 4.5),
  );
  const others = { embeddings: beside, person: person.map(() => 99) };
  const crowded = openSet(embeddings, person, {
    random: Random.seeded(1),
    metric: 'squared-euclidean',
    draws: 3,
    others,
  });
  expect(crowded?.known.map(({ flat }) => flat)).toEqual(set?.known.map(({ flat }) => flat));
  for (const { flat } of crowded?.unknown ?? []) expect(flat).toBeLessThan(5);
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
    Array.from({ length: 40 }, () => flatly(Math.round(8 * random.uniform() + shift) / 8));
  const set = { known: draw(0), unknown: draw(2) };
  let wins = 0;
  for (const { flat: x } of set.known) for (const { flat: y } of set.unknown) wins += x < y ? 1 : x === y ? 0.5 : 0;
  expect(knownAgainstUnknown(set, 'flat')).toBeCloseTo(wins / 1600, 12);
  expect(knownAgainstUnknown({ known: set.unknown, unknown: set.known }, 'flat')).toBeCloseTo(1 - wins / 1600, 12);
});

test('the threshold takes no more of the unknown than asked for, and not one fewer', () => {
  const of = (values: readonly number[]) => values.map(flatly);
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
