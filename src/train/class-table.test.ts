import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { adagradRows, adamRows, type RowOptimizer, sgdRows } from '../optimizers/rows.ts';
import { ClassTable, type ClassTableOptions } from './class-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WIDTH = 6;
const options = (optimizer: RowOptimizer, more: Partial<ClassTableOptions> = {}): ClassTableOptions => ({
  rows: 1000,
  width: WIDTH,
  optimizer,
  gathered: 8,
  seed: 3,
  spread: 0.5,
  ...more,
});

/** Rows and gradients of one step: some rows come twice. */
function drawn(step: number): { rows: number[]; gradients: number[] } {
  const random = Random.seeded(step);
  const rows = Array.from({ length: 8 }, () => random.integer(step % 2 === 0 ? 5 : 1000));
  return { rows, gradients: Array.from({ length: 8 * WIDTH }, () => Math.fround(random.normal())) };
}

function move(table: ClassTable, step: number): void {
  const { rows, gradients } = drawn(step);
  table.gather(rows);
  table.gradients.set(gradients);
  table.step(0.1);
}

/** The formulas, number by number over a whole table. */
const naive: Record<string, (w: number[], g: number[], state: { a: number[]; s: number; t: number }) => void> = {
  sgd(w, g) {
    for (const k of w.keys()) w[k] -= 0.1 * g[k];
  },
  adagrad(w, g, { a }) {
    for (const k of w.keys()) {
      a[k] += g[k] ** 2;
      w[k] -= (0.1 * g[k]) / (Math.sqrt(a[k]) + 1e-10);
    }
  },
  adam(w, g, state) {
    state.t++;
    state.s = 0.999 * state.s + (0.001 * g.reduce((sum, x) => sum + x * x, 0)) / WIDTH;
    for (const k of w.keys()) {
      state.a[k] = 0.9 * state.a[k] + 0.1 * g[k];
      const mean = state.a[k] / (1 - 0.9 ** state.t);
      w[k] -= (0.1 * mean) / (Math.sqrt(state.s / (1 - 0.999 ** state.t)) + 1e-8);
    }
  },
};

test.each(
  [sgdRows, adagradRows, adamRows()].flatMap(
    (each) =>
      [
        [each, undefined],
        [each, folder],
      ] as const,
  ),
)(
  '$name: rows move as the formulas say, gradients of a row that comes twice add up (folder %s)',
  async (optimizer, at) => {
    const table = await ClassTable.open(options(optimizer, { folder: at }));
    table.gather([0, 1, 2, 3, 4, 5, 6, 7]);
    const starts = new Map<number, number[]>();
    const states = new Map<number, { a: number[]; s: number; t: number }>();
    for (let step = 0; step < 30; step++) {
      const { rows, gradients } = drawn(step);
      table.gather(rows);
      const sums = new Map<number, number[]>();
      rows.forEach((row, place) => {
        const values = [...table.values.slice(place * WIDTH, (place + 1) * WIDTH)];
        const known = starts.get(row) ?? values;
        starts.set(row, known);
        expect(Math.max(...values.map((value, k) => Math.abs(value - known[k])))).toBeLessThan(2e-5);
        const own = gradients.slice(place * WIDTH, (place + 1) * WIDTH);
        sums.set(row, sums.get(row)?.map((x, k) => x + own[k]) ?? own);
      });
      for (const [row, g] of sums) {
        const state = states.get(row) ?? { a: Array(WIDTH).fill(0), s: 0, t: 0 };
        states.set(row, state);
        naive[optimizer.name](starts.get(row) as number[], g, state);
      }
      move(table, step);
    }
    expect(table.changed).toBe(states.size);
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('rows start anywhere within the spread, the same for the same seed, whenever they are gathered', async () => {
  const [a, b, other] = await Promise.all(
    [3, 3, 4].map((seed) => ClassTable.open(options(sgdRows, { seed, gathered: 1000 }))),
  );
  a.gather(Array.from({ length: 1000 }, (_, i) => i));
  b.gather(Array.from({ length: 1000 }, (_, i) => 999 - i));
  other.gather([999]);
  expect([...b.values.slice(0, WIDTH)]).toEqual([...a.values.slice(999 * WIDTH)]);
  expect([...other.values.slice(0, WIDTH)]).not.toEqual([...b.values.slice(0, WIDTH)]);
  const mean = a.values.reduce((x, y) => x + y, 0) / a.values.length;
  const square = a.values.reduce((x, y) => x + y * y, 0) / a.values.length;
  expect(a.values.every((value) => Math.abs(value) <= 0.5)).toBe(true);
  // Uniform in +-0.5: variance 1/12; of 6,000 numbers the mean has the standard error 0.0037.
  expect(Math.abs(mean)).toBeLessThan(0.015);
  expect(Math.abs(square - 1 / 12)).toBeLessThan(0.005);
});

test('what changed since the last save, on top of all before, goes on to the same bits', async () => {
  const first = await ClassTable.open(options(adamRows()));
  for (let step = 0; step < 10; step++) move(first, step);
  const all = first.save({ all: true });
  expect(first.changed).toBe(0);
  for (let step = 10; step < 13; step++) move(first, step);
  const some = first.save();
  expect(some.rows.length).toBeLessThan(all.rows.length);
  const second = await ClassTable.open(options(adamRows(), { folder }));
  second.restore(all);
  second.restore(some);
  for (let step = 13; step < 20; step++) for (const table of [first, second]) move(table, step);
  expect(second.save({ all: true })).toEqual(first.save({ all: true }));
});

test('a checkpoint of another recipe, and gradients that are not finite, are refused', async () => {
  const table = await ClassTable.open(options(sgdRows));
  const adam = await ClassTable.open(options(adamRows()));
  move(adam, 1);
  expect(() => table.restore(adam.save())).toThrow(/14 numbers for each class, 6 are needed/);
  table.gather([1, 2, 3, 4, 5, 6, 7, 8]);
  const before = table.save({ all: true });
  table.gradients[5] = Number.NaN;
  expect(() => table.step(0.1)).toThrow(/those of classes/);
  expect(table.save({ all: true })).toEqual(before);
});

test('a table of ten million rows is there at once, in a file that takes the space of the rows that were touched', async () => {
  const table = await ClassTable.open({
    ...options(adagradRows),
    rows: 10_000_000,
    width: 128,
    gathered: 4,
    folder,
  });
  table.gather([9_999_999, 0, 5_000_000, 9_999_999]);
  const before = table.values.slice();
  expect(before.slice(0, 128)).toEqual(before.slice(384));
  table.gradients.fill(1);
  table.step(0.5);
  table.gather([9_999_999, 5_000_000, 1, 0]);
  // Adagrad's first step is the rate, whatever the gradient.
  expect(table.values[0]).toBeCloseTo(before[0] - 0.5, 5);
  expect(table.touched).toBe(4);
  // A checkpoint holds what was moved, however many rows there are.
  const saved = table.save();
  expect([...saved.rows]).toEqual([0, 5_000_000, 9_999_999]);
  const next = await ClassTable.open({ ...options(adagradRows), rows: 10_000_000, width: 128, gathered: 4, folder });
  next.restore(saved);
  next.gather([9_999_999, 5_000_000, 1, 0]);
  expect(next.values).toEqual(table.values);
});

test('rows that are not there are refused, before any is moved', async () => {
  const table = await ClassTable.open(options(sgdRows));
  expect(() => table.gather([0, 1, 2, 3, 4, 5, 6, 1000])).toThrow(/from 0 to 999.*: 1000/);
  expect(() => table.gather([0, 1, 2, 3, 4, 5, 6, -1])).toThrow(/from 0 to 999.*: -1/);
  const larger = await ClassTable.open(options(sgdRows, { rows: 5000 }));
  larger.gather([4000, 1, 2, 3, 4, 5, 6, 7]);
  larger.step(0.1);
  expect(() => table.restore(larger.save())).toThrow(/from 0 to 999.*: 4000/);
});
