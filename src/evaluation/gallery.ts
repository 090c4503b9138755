import { type Matrix, matrix, row } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { distanceBetween } from './distance-between.ts';

/** How many items of a person are looked at one by one, at most. */
const SEVERAL = 3;

/** A person of a gallery, as near as a query finds it. */
export interface NearPerson {
  readonly person: number;
  /** The nearest of its items. */
  readonly item: number;
  /** To its three nearest items, or as many as it has; rising. */
  readonly distances: readonly number[];
  /** The distance to the mean of its items, over the sum of its own spread and the mean spread of all people. */
  readonly relative: number;
}

/** Items of people who are known. */
export interface Gallery {
  readonly items: Matrix;
  readonly person: ArrayLike<number>;
  readonly metric: Metric;
  /** By person: the row of its mean, and what the distance to it is divided by. */
  readonly people: ReadonlyMap<number, { readonly middle: number; readonly divisor: number }>;
  readonly middles: Matrix;
}

/** Of the first `count` items those of each person; people in the order in which they first come. */
export function itemsOfPeople(person: ArrayLike<number>, count: number): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const own = members.get(person[i]);
    if (own === undefined) members.set(person[i], [i]);
    else own.push(i);
  }
  return members;
}

/**
 * People with their means and spreads. The spread of a person is the mean distance of each of its items to the mean of the others; one with a
 * single item is taken to spread as people do on average. Where nobody has two, all divisors are 1.
 *
 * The model knows by heart whom it was trained on, and lays their pictures closer together than those of anybody else, so that one distance does not mean
 * the same for all.
 */
export function galleryOf(items: Matrix, person: ArrayLike<number>, metric: Metric): Gallery {
  const { columns } = items;
  const members = itemsOfPeople(person, items.rows);
  const middles = matrix(members.size, columns);
  const others = matrix(items.rows, columns);
  const everybody = [...members];
  for (const [middle, [, own]] of everybody.entries()) {
    const sum = new Float64Array(columns);
    for (const item of own) for (const [c, value] of row(items, item).entries()) sum[c] += value;
    for (let c = 0; c < columns; c++) middles.data[middle * columns + c] = sum[c] / own.length;
    if (own.length === 1) continue;
    for (const item of own) {
      for (let c = 0, at = item * columns; c < columns; c++, at++) {
        others.data[at] = (sum[c] - items.data[at]) / (own.length - 1);
      }
    }
  }
  const between = distanceBetween(items, metric, others);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const spreads = everybody.map(([, own]) => (own.length > 1 ? mean(own.map((i) => between(i, i))) : undefined));
  const known = spreads.filter((value) => value !== undefined);
  const typical = known.length > 0 ? mean(known) : 0.5;
  const people = new Map(
    everybody.map(([who], middle) => [
      who,
      // Not 0 where all pictures are alike.
      { middle, divisor: Math.max((spreads[middle] ?? typical) + typical, 1e-6) },
    ]),
  );
  return { items, person, metric, people, middles };
}

/** For any row of `queries` the people of a gallery by their nearest item to it, the nearest first. */
export function nearestPeople(gallery: Gallery, queries: Matrix): (query: number) => NearPerson[] {
  const { items, metric, middles } = gallery;
  const between = distanceBetween(queries, metric, items);
  const toMiddle = distanceBetween(queries, metric, middles);
  return (query) =>
    peopleNear(
      gallery,
      (item) => between(query, item),
      (middle) => toMiddle(query, middle),
    );
}

function peopleNear(
  { items, person, people }: Gallery,
  toItem: (item: number) => number,
  toMiddle: (middle: number) => number,
): NearPerson[] {
  const found = new Map<number, { item: number; distances: number[] }>();
  for (let item = 0; item < items.rows; item++) {
    const distance = toItem(item);
    const near = found.get(person[item]);
    if (near === undefined) {
      found.set(person[item], { item, distances: [distance] });
      continue;
    }
    if (distance < near.distances[0]) near.item = item;
    const { distances } = near;
    if (distances.length === SEVERAL && distance >= distances[SEVERAL - 1]) continue;
    near.distances = [...distances, distance].sort((x, y) => x - y).slice(0, SEVERAL);
  }
  return [...found]
    .map(([who, near]): NearPerson => {
      const { middle, divisor } = people.get(who) as { middle: number; divisor: number };
      return { person: who, ...near, relative: toMiddle(middle) / divisor };
    })
    .sort((x, y) => x.distances[0] - y.distances[0] || x.item - y.item);
}
