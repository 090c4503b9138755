import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import type { Random } from '../core/random.ts';
import { distanceBetween } from './distance-between.ts';

/** Pairs of items of people (or of any other groups), as positions; value `i` of each column belongs to pair `i`. */
export interface PeoplePairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** 1: the same person, 0: different. */
  readonly same: Uint8Array;
  /** The person of each side, from 0 on. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly people: number;
}

/**
 * All pairs of items by the person of each. Where there are more than `most` of a kind, `most` of that kind are drawn, each pair with the
 * same chance and with replacement.
 *
 * @param person of each item, any numbers; they are counted from 0 on in the result, in order of the first item
 */
export function pairsOfPeople(
  person: ArrayLike<number>,
  { random, most = 400_000 }: { readonly random: Random; readonly most?: number },
): PeoplePairs {
  const numbers = new Map<number, number>();
  const items: number[][] = [];
  const of = Int32Array.from(person, (each, item) => {
    const number = numbers.get(each) ?? numbers.size;
    numbers.set(each, number);
    items[number] ??= [];
    items[number].push(item);
    return number;
  });
  const n = of.length;
  const alike = items.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  const unlike = (n * (n - 1)) / 2 - alike;
  const a: number[] = [];
  const b: number[] = [];
  const add = (i: number, j: number) => {
    a.push(i);
    b.push(j);
  };
  if (alike <= most) {
    for (const own of items) for (let i = 0; i < own.length; i++) for (let j = 0; j < i; j++) add(own[j], own[i]);
  } else {
    // A person by the number of own pairs, by way of an item and another that may be of no use.
    const largest = Math.max(...items.map(({ length }) => length));
    while (a.length < most) {
      const i = random.integer(n);
      const own = items[of[i]];
      const other = random.integer(largest);
      if (other < own.length && own[other] !== i) add(i, own[other]);
    }
  }
  const alikes = a.length;
  if (unlike <= most) {
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (of[i] !== of[j]) add(j, i);
  } else {
    while (a.length - alikes < most) {
      const [i, j] = [random.integer(n), random.integer(n)];
      if (of[i] !== of[j]) add(i, j);
    }
  }
  return {
    a: Int32Array.from(a),
    b: Int32Array.from(b),
    same: Uint8Array.from(a, (_, pair) => Number(pair < alikes)),
    first: Int32Array.from(a, (item) => of[item]),
    second: Int32Array.from(b, (item) => of[item]),
    people: items.length,
  };
}

/** The distance of each pair, as {@link distanceBetween} has it. */
export function distancesOfPairs(
  embeddings: Matrix,
  { a, b }: Pick<PeoplePairs, 'a' | 'b'>,
  metric: Metric,
): Float64Array {
  const between = distanceBetween(embeddings, metric);
  return Float64Array.from(a, (item, i) => between(item, b[i]));
}

/** @throws KindredError unless there are pairs of both kinds */
export function mustHaveBoth({ same }: Pick<PeoplePairs, 'same'>): void {
  const alike = same.reduce((sum, value) => sum + value, 0);
  must(alike > 0 && alike < same.length, () => ({
    rule: 'Same and different can be told apart only where there are pairs of both kinds',
    received: `${alike} same and ${same.length - alike} different pairs`,
    next: 'Give several items of several people each, or pairs of both kinds',
  }));
}
