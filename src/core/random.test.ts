import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from './random.ts';

/** xoshiro128** as its authors write it, over big integers: another way to the same bits. */
function* xoshiro(start: readonly bigint[]): Generator<number> {
  const word = (1n << 32n) - 1n;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & word;
  const s = [...start];
  for (;;) {
    yield Number((rotl((s[1] * 5n) & word, 7n) * 9n) & word);
    const t = (s[1] << 9n) & word;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
  }
}

function splitMix(seed: bigint): bigint[] {
  const word = (1n << 32n) - 1n;
  let x = seed & word;
  return [1, 2, 3, 4].map(() => {
    x = (x + 0x9e3779b9n) & word;
    let z = x;
    z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & word;
    z = ((z ^ (z >> 15n)) * 0x735a2d97n) & word;
    return z ^ (z >> 15n);
  });
}

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());
const take = (from: Generator<number>, count: number) =>
  Array.from({ length: count }, () => from.next().value as number);

test('the sequence of xoshiro128starstar.c 1.1 for the state 1, 2, 3, 4', () => {
  const random = Random.restore({ state: [1, 2, 3, 4], spare: null });
  expect(draw(random, 6)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
});

test.each([0, 1, 7, 123456789, 0xffffffff])('seed %d gives the bits of an independent implementation', (seed) => {
  expect(draw(Random.seeded(seed), 200)).toEqual(take(xoshiro(splitMix(BigInt(seed))), 200));
});

test('a seed fixes the bits for good: a change of these values changes every run', () => {
  const random = Random.seeded(7).split('batches');
  expect([random.bits(), random.uniform(), random.integer(1000), random.normal()]).toEqual([
    3620550131, 0.8846165074559713, 616, 1.330928299464808,
  ]);
});

test('seeds are whole numbers of 53 bits, and all of these count', () => {
  expect(draw(Random.seeded(2 ** 40), 3)).not.toEqual(draw(Random.seeded(0), 3));
  expect(draw(Random.seeded(-1), 3)).not.toEqual(draw(Random.seeded(1), 3));
  expect(() => Random.seeded(0.5)).toThrow('a seed is an integer, received 0.5');
  expect(() => Random.seeded(2 ** 60)).toThrow(RangeError);
  expect(() => Random.seeded(Number.NaN)).toThrow(RangeError);
});

test('uniform: in [0, 1), with the mean, deviation and tenths of the uniform distribution', () => {
  const random = Random.seeded(3);
  const values = Array.from({ length: 100_000 }, () => random.uniform());
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(mean(values)).toBeCloseTo(1 / 2, 2);
  expect(deviation(values)).toBeCloseTo(Math.sqrt(1 / 12), 2);
  expectEven(
    values.map((value) => Math.floor(value * 10)),
    10,
  );
  // 53 bits: the lowest ones are used as well.
  expect(values.some((value) => (value * 2 ** 53) % 2 === 1)).toBe(true);
});

describe.each([1, 2, 3, 6, 7, 10])('integer(%d)', (below) => {
  test('every value is as likely', () => {
    const random = Random.seeded(below);
    const values = Array.from({ length: 60_000 }, () => random.integer(below));
    expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < below)).toBe(true);
    expectEven(values, below);
  });
});

test('integer is unbiased where a remainder would not be: 3 * 2^30 values', () => {
  // A remainder of 2^32 by this would make the lowest third twice as likely.
  const random = Random.seeded(12);
  const below = 3 * 2 ** 30;
  expectEven(
    Array.from({ length: 30_000 }, () => Math.floor(random.integer(below) / 2 ** 30)),
    3,
  );
});

test('integer: which ranges it takes', () => {
  const random = Random.seeded(1);
  expect(random.integer(2 ** 32)).toBe(Random.seeded(1).bits());
  for (const below of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) expect(() => random.integer(below)).toThrow(RangeError);
});

test('normal: mean 0, deviation 1, and the tails of the normal distribution', () => {
  const random = Random.seeded(5);
  const values = Array.from({ length: 100_000 }, () => random.normal());
  expect(values.every(Number.isFinite)).toBe(true);
  expect(Math.abs(mean(values))).toBeLessThan(0.015);
  expect(deviation(values)).toBeCloseTo(1, 1.7);
  const beyond = (limit: number) => values.filter((value) => Math.abs(value) > limit).length / values.length;
  expect(beyond(1)).toBeCloseTo(0.3173, 2);
  expect(beyond(2)).toBeCloseTo(0.0455, 2);
  // Box and Muller draw pairs: the two of a pair must not go together.
  const evens = values.filter((_, i) => i % 2 === 0);
  const odds = values.filter((_, i) => i % 2 === 1);
  expect(Math.abs(correlation(evens, odds))).toBeLessThan(0.02);
});

test('split: by name, the same each time, without drawing from the parent', () => {
  const parent = Random.seeded(9);
  const before = parent.save();
  expect(draw(parent.split('views'), 5)).toEqual(draw(parent.split('views'), 5));
  expect(draw(parent.split(3), 5)).toEqual(draw(parent.split('3'), 5));
  expect(parent.save()).toEqual(before);
});

test('split: children differ from each other, from the parent, and by the parent', () => {
  const parent = Random.seeded(9);
  const first = (random: Random) => draw(random, 4).join();
  const names = ['', 'a', 'b', 'ab', 'ba', ...Array.from({ length: 1000 }, (_, i) => String(i))];
  const starts = new Set([first(Random.seeded(9)), ...names.map((name) => first(parent.split(name)))]);
  expect(starts.size).toBe(names.length + 1);
  expect(first(Random.seeded(9).split('a'))).not.toBe(first(Random.seeded(10).split('a')));
  expect(first(parent.split('a').split('b'))).not.toBe(first(parent.split('b').split('a')));
});

test('split: neighbouring children do not go together', () => {
  const parent = Random.seeded(1);
  const columns = [0, 1].map((lag) => Array.from({ length: 20_000 }, (_, step) => parent.split(step + lag).uniform()));
  expect(Math.abs(correlation(columns[0], columns[1]))).toBeLessThan(0.03);
  expectEven(
    columns[0].map((value) => Math.floor(value * 10)),
    10,
  );
});

test('save and restore: through JSON, in the middle of a pair of normals too', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 5 }), (seed, drawn) => {
      const random = Random.seeded(seed);
      for (let i = 0; i < drawn; i++) random.normal();
      const restored = Random.restore(JSON.parse(JSON.stringify(random.save())));
      const values = (from: Random) => [from.normal(), from.normal(), from.uniform(), from.bits()];
      expect(values(restored)).toEqual(values(random));
    }),
  );
});

test('a restored generator is another one', () => {
  const random = Random.seeded(2);
  const saved = random.save();
  draw(Random.restore(saved), 5);
  expect(random.save()).toEqual(saved);
});

test('shuffle permutes in place, arrays and typed arrays', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (values, seed) => {
      const shuffled = [...values];
      expect(Random.seeded(seed).shuffle(shuffled)).toBe(shuffled);
      expect(shuffled.toSorted((a, b) => a - b)).toEqual(values.toSorted((a, b) => a - b));
      const typed = Random.seeded(seed).shuffle(Int32Array.from(values));
      expect([...typed]).toEqual(shuffled);
    }),
  );
});

test('shuffle: every order is as likely', () => {
  const random = Random.seeded(8);
  const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'];
  expectEven(
    Array.from({ length: 30_000 }, () => orders.indexOf(random.shuffle(['a', 'b', 'c']).join(''))),
    6,
  );
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};
const correlation = (a: readonly number[], b: readonly number[]) => {
  const [centreA, centreB] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - centreA) * (b[i] - centreB))) / deviation(a) / deviation(b);
};

/** Pearson's chi-squared test at about one in a million, so that it tells a bias and not bad luck. */
function expectEven(values: readonly number[], cells: number): void {
  const counts = Array(cells).fill(0) as number[];
  for (const value of values) counts[value]++;
  const expected = values.length / cells;
  const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const free = cells - 1;
  // Wilson and Hilferty's approximation of the quantile at 4.75 deviations.
  const limit = free * (1 - 2 / (9 * free) + 4.75 * Math.sqrt(2 / (9 * free))) ** 3;
  if (free > 0) expect(chiSquared).toBeLessThan(limit);
  expect(counts.reduce((a, b) => a + b)).toBe(values.length);
}
