import { expect, test } from 'vitest';
import { KindredError, must } from './error.ts';

const parts = { rule: 'A margin is positive', received: 'margin -1', next: 'Give a number above 0' };

test('the message is the rule, what was received, and what to do next', () => {
  const error = new KindredError(parts);
  expect(error.message).toBe('A margin is positive: margin -1. Give a number above 0.');
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('KindredError');
});

test('the exit code is 1 unless the usage was wrong', () => {
  expect(new KindredError(parts).exitCode).toBe(1);
  expect(new KindredError({ ...parts, exitCode: 2 }).exitCode).toBe(2);
});

test('a cause is kept, and absent where there is none', () => {
  const cause = new Error('disk');
  expect(new KindredError({ ...parts, cause }).cause).toBe(cause);
  expect('cause' in new KindredError(parts)).toBe(false);
});

test('must: throws where the rule does not hold, and words the values only then', () => {
  let worded = 0;
  const words = () => {
    worded++;
    return parts;
  };
  must(true, words);
  expect(worded).toBe(0);
  expect(() => must(false, words)).toThrow(new KindredError(parts));
  expect(worded).toBe(1);
});
