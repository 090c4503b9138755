import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { machine, version, versions } from './versions.ts';

test('versions are those of the package, of what computes, and of Node', () => {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const runtime = JSON.parse(
    readFileSync(new URL('../../node_modules/onnxruntime-node/package.json', import.meta.url), 'utf8'),
  );
  expect(version).toBe(own.version);
  expect(versions()).toEqual({
    kindred: own.version,
    'onnxruntime-node': runtime.version,
    node: process.version.slice(1),
  });
});

test('the machine is told in one line', () => {
  expect(machine()).toMatch(/^\S.*, \d+ processors, \d+ GiB, \w+ \w+$/);
});
