import { expect, test } from 'vitest';
import { count, dash, decimal, duration, metric, orDash, percent } from './numbers.ts';

test('metrics, counts and shares', () => {
  expect(metric(0.71249)).toBe('0.712');
  expect(metric(1)).toBe('1.000');
  expect(metric(1234.5)).toBe('1,234.500');
  expect(count(12000)).toBe('12,000');
  expect(percent(0.314)).toBe('31\u00a0%');
  expect(decimal(-1.25, 2)).toBe('\u22121.25');
  expect(decimal(-0.0001, 2)).toBe('0.00');
});

test('missing values are dashes', () => {
  for (const missing of [undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const say of [metric, count, percent, duration]) expect(say(missing)).toBe(dash);
  }
  expect(orDash(undefined).text).toContain('aria-label="not known"');
  expect(orDash('2 & 3').text).toBe('2 &amp; 3');
});

test('durations', () => {
  expect(duration(0)).toBe('0.0 s');
  expect(duration(59.81)).toBe('59.8 s');
  expect(duration(59.97)).toBe('1 min 0 s');
  expect(duration(125.4)).toBe('2 min 5 s');
  expect(duration(3599.7)).toBe('1 h 0 min');
  expect(duration(3840)).toBe('1 h 4 min');
});
