import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from './pace.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const seconds = (count: number) => vi.advanceTimersByTime(1000 * count);

test('by hand: 4 steps of 32 pictures in 2 seconds, 6 steps left', () => {
  const pace = new Pace(Number.POSITIVE_INFINITY, 32);
  for (let i = 0; i < 4; i++) {
    seconds(0.5);
    pace.stepped();
  }
  expect(pace.report(6)).toEqual({ itemsPerSecond: 64, seconds: 2, secondsLeft: 3 });
});

test('pauses do not count', () => {
  const pace = new Pace(3, 10);
  seconds(1);
  pace.stepped();
  pace.pause();
  seconds(100);
  expect(pace.report(1)).toEqual({ itemsPerSecond: 10, seconds: 1, secondsLeft: 1 });
  expect(pace.over()).toBe(false);
  pace.resume();
  seconds(1);
  pace.stepped();
  pace.pause();
  pace.resume();
  expect(pace.report(0)).toEqual({ itemsPerSecond: 10, seconds: 2, secondsLeft: 0 });
});

test('the limit ends it, and bounds what is left', () => {
  const pace = new Pace(3, 10);
  seconds(2);
  pace.stepped();
  expect(pace.over()).toBe(false);
  expect(pace.report(100).secondsLeft).toBe(1);
  seconds(1);
  pace.stepped();
  expect(pace.over()).toBe(true);
  seconds(1);
  expect(pace.report(100).secondsLeft).toBe(0);
});

test('steps and seconds of an earlier process count', () => {
  const pace = new Pace(30, 10, { steps: 5, seconds: 20 });
  expect(pace.report(5)).toEqual({ itemsPerSecond: 2.5, seconds: 20, secondsLeft: 10 });
  seconds(4);
  pace.stepped();
  expect(pace.report(1)).toEqual({ itemsPerSecond: 2.5, seconds: 24, secondsLeft: 4 });
  seconds(6);
  expect(pace.over()).toBe(true);
});

test('before the first step there is no pace', () => {
  const pace = new Pace(Number.POSITIVE_INFINITY, 10);
  expect(pace.report(5)).toEqual({ itemsPerSecond: 0, seconds: 0, secondsLeft: 0 });
});
