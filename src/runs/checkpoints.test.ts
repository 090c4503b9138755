import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { clearCheckpoints, type KeptCheckpoint, lastCheckpoint, saveCheckpoint } from './checkpoints.ts';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'kindred-checkpoints-'));
});
afterEach(() => rmSync(run, { recursive: true }));

const at = (step: number): KeptCheckpoint => ({
  step,
  trainSeconds: step / 3,
  tensors: new Map([
    ['weights/größe', { shape: [2, 1], data: Float32Array.of(step, Number.NaN) }],
    ['optimizer/0.adam.mean', { shape: [2], data: Float32Array.of(-step, 1e-45) }],
  ]),
  sampler: { batches: step, random: { state: [1, 2, 3, 4], spare: null } },
  data: 'abc',
  recipe: { seed: 7, views: [], encoder: { name: 'mlp', hidden: [8] } },
  threads: 2,
});
const folder = () => join(run, 'checkpoints');
const file = (step: number, ending = 'json') => join(folder(), `step-${String(step).padStart(8, '0')}.${ending}`);
const files = () => readdirSync(folder()).sort();
const steps = () => [...new Set(files().map((name) => Number(/\d+/.exec(name))))];
const save = (step: number, quality?: number, keep = 2) =>
  saveCheckpoint(run, at(step), { keep, ...(quality !== undefined && { quality }) });

test('the last one is read as it was saved', () => {
  save(5);
  expect(lastCheckpoint(run)).toEqual(at(5));
  save(10);
  expect(lastCheckpoint(run)).toEqual(at(10));
  // Ten digits, where names are padded to eight: later by number, though earlier by name.
  save(99_999_999);
  save(1_000_000_000);
  expect(lastCheckpoint(run).step).toBe(1_000_000_000);
  expect(steps()).toEqual([1_000_000_000, 99_999_999]);
});

test('each is two files and nothing else', () => {
  save(5);
  expect(files()).toEqual(['step-00000005.json', 'step-00000005.safetensors']);
});

test('the last ones are kept, and the best', () => {
  const kept = [0.1, 0.9, 0.3, 0.9, 0.2, undefined, 0.4].map((quality, i) => {
    save(i + 1, quality);
    return steps();
  });
  // The best stays the first of equals. One that was not measured is never the best.
  expect(kept).toEqual([[1], [1, 2], [2, 3], [2, 3, 4], [2, 4, 5], [2, 5, 6], [2, 6, 7]]);
  save(8, 1, 1);
  expect(steps()).toEqual([8]);
  save(9, 0, 1);
  expect(steps()).toEqual([8, 9]);
});

test('without a measure only the last ones are kept', () => {
  for (const step of [1, 2, 3, 4]) save(step);
  expect(steps()).toEqual([3, 4]);
});

test('saving a step again replaces it', () => {
  save(4, 0.5);
  save(4, 0.6);
  expect(steps()).toEqual([4]);
  expect(JSON.parse(readFileSync(file(4), 'utf8')).quality).toBe(0.6);
});

test('one file without the other is no checkpoint, and goes with the next one', () => {
  save(1);
  save(2);
  rmSync(file(2));
  expect(lastCheckpoint(run).step).toBe(1);
  save(3);
  rmSync(file(3, 'safetensors'));
  expect(lastCheckpoint(run).step).toBe(1);
  // What a process leaves that was killed while it wrote.
  writeFileSync(join(folder(), '.0123456789ab.step-00000004.safetensors'), 'half');
  expect(lastCheckpoint(run).step).toBe(1);
  save(5);
  expect(steps()).toEqual([1, 5]);
  expect(files()).toHaveLength(4);
});

test('files of others in the folder are left alone', () => {
  mkdirSync(folder());
  for (const name of ['notes.txt', 'step-1.bak', '.hidden']) writeFileSync(join(folder(), name), 'mine');
  save(1);
  expect(files()).toHaveLength(5);
  clearCheckpoints(run);
  expect(files()).toEqual(['.hidden', 'notes.txt', 'step-1.bak']);
});

test('a damaged one is named, and without it the one before is the last', () => {
  const damage: [string, () => void][] = [
    ['json', () => writeFileSync(file(2), '{"version": 1, "st')],
    ['json', () => writeFileSync(file(2), '')],
    ['json', () => writeFileSync(file(2), 'null')],
    ['json', () => writeFileSync(file(2), '{}')],
    ['json', () => writeFileSync(file(2), readFileSync(file(1)))],
    ['json', () => writeFileSync(file(2), readFileSync(file(2), 'utf8').replace('"version": 1', '"version": 2'))],
    ['safetensors', () => truncateSync(file(2, 'safetensors'), 100)],
    ['safetensors', () => truncateSync(file(2, 'safetensors'), 0)],
  ];
  for (const [ending, harm] of damage) {
    save(1);
    save(2);
    harm();
    let error: unknown;
    try {
      lastCheckpoint(run);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KindredError);
    expect((error as KindredError).message).toContain(file(2, ending));
    expect((error as KindredError).exitCode).toBe(1);
    rmSync(file(2, ending));
    expect(lastCheckpoint(run).step).toBe(1);
  }
});

test('begun anew, all of them go, damaged ones too', () => {
  save(1);
  save(2);
  writeFileSync(file(1), '{');
  rmSync(file(2));
  writeFileSync(join(folder(), '.0123456789ab.step-00000004.json'), 'half');
  clearCheckpoints(run);
  expect(files()).toEqual([]);
  clearCheckpoints(join(run, 'none'));
  expect(existsSync(join(run, 'none'))).toBe(false);
});

test('where there is none, the error says so: wrong usage where there is not even a folder', () => {
  const attempt = (path: string) => {
    try {
      return lastCheckpoint(path);
    } catch (error) {
      return error as KindredError;
    }
  };
  expect(attempt(run)).toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/checkpoints has none\. Train it/),
  });
  expect(attempt(join(run, 'none'))).toMatchObject({ exitCode: 2 });
});
