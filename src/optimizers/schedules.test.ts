import fc from 'fast-check';
import { expect, test } from 'vitest';
import { constant, cosine, exponential, oneCycle, rateAt, type Schedule, scheduleOf, stepwise } from './schedules.ts';

const rates = (schedule: Schedule, steps: number, count = steps) =>
  Array.from({ length: count }, (_, step) => rateAt(schedule, { step, steps }));
const close = (actual: number[], expected: number[]) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 12);
  });
};

test('constant, as a number or by name', () => {
  expect(rates(constant(0.3), 3)).toEqual([0.3, 0.3, 0.3]);
  expect(rates(scheduleOf(0.3), 3)).toEqual([0.3, 0.3, 0.3]);
  const own: Schedule = ({ step }) => step / 4;
  expect(scheduleOf(own)).toBe(own);
});

test('cosine: by hand, with warm-up, and flat after the end', () => {
  close(rates(cosine(2), 4, 6), [2, 1 + Math.SQRT1_2, 1, 1 - Math.SQRT1_2, 0, 0]);
  close(rates(cosine(3, { warmup: 2, end: 1 }), 6, 7), [1, 2, 3, 2 + Math.SQRT1_2, 2, 2 - Math.SQRT1_2, 1]);
  // Its own length wins over the training's.
  close(rates(cosine(2, { steps: 2 }), 100, 4), [2, 1, 0, 0]);
  // A warm-up longer than the training just rises.
  close(rates(cosine(5, { warmup: 4 }), 3), [1, 2, 3]);
});

test('cosine rises during the warm-up, falls after it, and stays between end and peak', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(30), (steps, warmup) => {
      const values = rates(cosine(1, { warmup, end: 0.1 }), steps, steps + 3);
      values.forEach((value, i) => {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThanOrEqual(1);
        if (i > 0 && i <= Math.min(warmup, steps - 1)) expect(value).toBeGreaterThan(values[i - 1]);
        if (i > warmup) expect(value).toBeLessThanOrEqual(values[i - 1]);
      });
      if (warmup < steps) expect(values[warmup]).toBe(1);
    }),
  );
});

test('stepwise falls at its steps', () => {
  close(rates(stepwise(8, { at: [1, 3], factor: 0.5 }), 5), [8, 4, 4, 2, 2]);
  close(rates(stepwise(1, { at: [2] }), 3), [1, 1, 0.1]);
  close(rates(stepwise(1, { at: [] }), 2), [1, 1]);
});

test('exponential, smooth and in stairs', () => {
  close(rates(exponential(8, { factor: 0.5 }), 3), [8, 4, 2]);
  close(rates(exponential(8, { factor: 0.25, every: 2 }), 4), [8, 4, 2, 1]);
  close(rates(exponential(8, { factor: 0.25, every: 2, staircase: true }), 4), [8, 8, 2, 2]);
});

test('one cycle: by hand, and with the turning points of PyTorch', () => {
  // 9 steps with a third of them rising: up in steps 0 to 2, down in steps 2 to 8.
  const values = rates(oneCycle(10, { rise: 1 / 3, rising: 10, falling: 10 }), 9, 11);
  const fall = (part: number) => 0.1 + (9.9 * (1 + Math.cos(Math.PI * part))) / 2;
  close(values, [1, 5.5, 10, ...[1, 2, 3, 4, 5, 6].map((i) => fall(i / 6)), 0.1, 0.1]);
  const defaults = rates(oneCycle(1), 100);
  expect(defaults[0]).toBeCloseTo(0.04, 12);
  expect(defaults[29]).toBeCloseTo(1, 12);
  expect(defaults[99]).toBeCloseTo(4e-6, 12);
  // A rise of less than a step starts at the peak.
  close(rates(oneCycle(1, { rise: 0, falling: 1, rising: 2 }), 3), [1, 0.75, 0.5]);
  expect(rates(oneCycle(1), 1)).toEqual([1 / 25 / 1e4]);
});

test('what needs the number of steps says so', () => {
  for (const schedule of [cosine(1), oneCycle(1)]) {
    expect(() => schedule({ step: 0, steps: Number.POSITIVE_INFINITY })).toThrow(/needs to know how many steps/);
  }
});

test.each([
  ['a negative rate', () => constant(-1), /rate is a finite number, 0 or more: -1/],
  ['an infinite rate', () => scheduleOf(Number.POSITIVE_INFINITY), /Infinity/],
  ['a rate that is no number', () => cosine(Number.NaN), /peak is a finite number/],
  ['a warm-up of half a step', () => cosine(1, { warmup: 0.5 }), /warmup is a whole number/],
  ['no steps', () => cosine(1, { steps: 0 }), /steps is a whole number, 1 or more/],
  ['a rise of everything', () => oneCycle(1, { rise: 1 }), /rise is from 0 up to/],
  ['a division by zero', () => oneCycle(1, { rising: 0 }), /rising is a finite number above 0/],
  ['every 0 steps', () => exponential(1, { factor: 0.5, every: 0 }), /every is a whole number, 1 or more/],
  ['a negative factor', () => stepwise(1, { at: [2], factor: -1 }), /factor is a finite number/],
  ['a negative step', () => stepwise(1, { at: [-2] }), /each step of at is a whole number/],
  ['a schedule gone wrong', () => rateAt(() => Number.NaN, { step: 7, steps: 9 }), /the rate in step 7 .* NaN/],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(expect.objectContaining({ name: 'KindredError' }));
});

test('descriptions are plain', () => {
  expect(cosine(0.001, { warmup: 200 }).description).toBe('cosine from 0.001 to 0, warm-up 200 steps');
  expect(stepwise(1, { at: [10, 20] }).description).toBe('1, times 0.1 at step 10, 20');
  expect(exponential(0.01, { factor: 0.96, every: 100 }).description).toBe('0.01, times 0.96 every 100 steps');
  expect(oneCycle(0.1).description).toBe('one cycle with peak 0.1');
});
