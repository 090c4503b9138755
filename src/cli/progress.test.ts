import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressLine } from './progress.ts';

let written: string;
let now: number;
const { isTTY, columns } = process.stderr;
beforeEach(() => {
  written = '';
  now = 1000;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  process.stderr.isTTY = true;
  process.stderr.columns = 30;
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
  process.stderr.columns = columns;
});

const over = '\r\u001b[2K';

test('a line is written over, at most ten times a second unless forced, and removed', () => {
  const line = new ProgressLine();
  line.show('one');
  line.show('two');
  line.show('three', { force: true });
  now += 100;
  line.show('four');
  line.clear();
  line.clear();
  expect(written).toBe(`${over}one${over}three${over}four${over}`);
});

test('a line is cut to the width of the terminal', () => {
  new ProgressLine().show('x'.repeat(40));
  expect(written).toBe(`${over}${'x'.repeat(28)}…`);
});

test('work tells the time that is left once a second has passed', () => {
  const line = new ProgressLine();
  line.work('reading', 10, 2000);
  now += 2000;
  line.work('reading', 500, 2000);
  expect(written).toBe(`${over}  reading: 10 of 2,000${over}  reading: 500 of 2,000, 6.0…`);
});

test('nothing is written where nobody watches', () => {
  process.stderr.isTTY = false;
  const line = new ProgressLine();
  line.show('one', { force: true });
  line.work('reading', 1, 2);
  line.clear();
  expect(written).toBe('');
});
