import { afterEach, expect, test, vi } from 'vitest';
import { printResult, say, table } from './output.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a table has columns of equal width, numbers to the right, no spaces at the ends of lines', () => {
  const rows = [
    ['', 'distance', 'class'],
    [1, '0.5000', 'bag'],
    [10, '–', 'ankle boot'],
    [2, '−1.25', ''],
  ];
  expect(table(rows)).toBe(
    ['    distance  class', ' 1    0.5000  bag', '10         –  ankle boot', ' 2     −1.25'].join('\n'),
  );
  expect(table([['a', 'b']])).toBe('a  b');
});

test('results go to stdout as text or JSON, everything else to stderr', () => {
  const written: [string, string][] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written.push([name, String(text)]);
      return true;
    });
  }
  printResult(false, { a: 1 }, () => 'one');
  printResult(undefined, { a: 1 }, () => 'two');
  printResult(true, { a: [1] }, () => {
    throw new Error('not asked for');
  });
  say('by the way');
  vi.restoreAllMocks();
  expect(written).toEqual([
    ['stdout', 'one\n'],
    ['stdout', 'two\n'],
    ['stdout', '{\n  "a": [\n    1\n  ]\n}\n'],
    ['stderr', 'by the way\n'],
  ]);
});
