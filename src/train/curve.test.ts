import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendLine } from '../core/files.ts';
import { beginCurve, type CurveEvent } from './curve.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindred-curve-'));
  path = join(folder, 'curve.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const step = (number: number): CurveEvent => ({
  kind: 'step',
  step: number,
  steps: 9,
  loss: 1 / number,
  same: 0.1,
  different: 0.2,
  gradientNorm: 3,
  stage: 'hard',
  itemsPerSecond: 10,
  seconds: number,
  secondsLeft: 9 - number,
});
const look = (number: number): CurveEvent => ({ kind: 'evaluation', step: number, metrics: { mapAtR: 0.5 } });
const lines = (events: readonly CurveEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

test('from the start, the curve is empty, whatever was there', () => {
  expect(beginCurve(path, 0)).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe('');
  writeFileSync(path, lines([step(1)]));
  expect(beginCurve(path, 0)).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('resumed, steps and looks up to the checkpoint stay, those after it go, and a line that was cut off too', () => {
  const kept = [step(1), step(2), look(2)];
  writeFileSync(path, `${lines([...kept, step(3), look(3), step(4)])}{"kind":"step","step":1`);
  expect(beginCurve(path, 2)).toEqual(kept);
  expect(readFileSync(path, 'utf8')).toBe(lines(kept));
  // What follows begins on a line of its own.
  appendLine(path, JSON.stringify(step(3)));
  expect(beginCurve(path, 9)).toEqual([...kept, step(3)]);
});

test.each([
  ['nothing', ''],
  ['empty lines', '\n\n'],
  ['zeros, as a power cut leaves them', '\0\0\0\n'],
  ['other JSON', 'null\n3\n[]\n"step"\n{}\n'],
])('%s is no event', (_, content) => {
  writeFileSync(path, content);
  expect(beginCurve(path, 5)).toEqual([]);
});

test('without a file, as in a run that lost it, the curve begins where the checkpoint is', () => {
  expect(beginCurve(path, 5)).toEqual([]);
});
