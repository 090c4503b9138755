import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { KindredError } from '../core/error.ts';
import { dataSet } from './data-set.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the folder of that name below KINDRED_DATA', () => {
  const base = mkdtempSync(join(tmpdir(), 'kindred-data-'));
  mkdirSync(join(base, 'birds'));
  vi.stubEnv('KINDRED_DATA', base);
  expect(dataSet('birds', 'https://birds.example')).toBe(join(base, 'birds'));
  expect(() => dataSet('fish', 'https://fish.example')).toThrow(KindredError);
  expect(() => dataSet('fish', 'https://fish.example')).toThrow(
    `there is no ${join(base, 'fish')}. Get it from https://fish.example, unpack it there, and set KINDRED_DATA to`,
  );
  rmSync(base, { recursive: true });
});

test.each([undefined, ''])('without KINDRED_DATA (%j) the error says where to get it', (value) => {
  vi.stubEnv('KINDRED_DATA', value);
  expect(() => dataSet('birds', 'https://birds.example')).toThrow(
    /KINDRED_DATA is not set\. Get it from https:\/\/birds\.example/,
  );
});
