import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { oneAgainstAll } from './logistic.ts';

const has = { offsets: Int32Array.of(0, 2, 2, 3), tags: Int32Array.of(0, 3, 1) };
const targets = [
  [1, 0, 0, 1],
  [0, 0, 0, 0],
  [0, 1, 0, 0],
];

test('one against all: the sum of binary cross-entropies, with its slope', () => {
  const outputs = Float32Array.from(normals(3, 4, 1, 2));
  const slopes = new Float32Array(12);
  const loss = oneAgainstAll(has)(outputs, slopes);
  let wanted = 0;
  for (let k = 0; k < 12; k++) {
    const p = 1 / (1 + Math.exp(-outputs[k]));
    const t = targets[Math.floor(k / 4)][k % 4];
    wanted -= t * Math.log(p) + (1 - t) * Math.log(1 - p);
    expect(slopes[k]).toBeCloseTo(p - t, 6);
  }
  expect(loss).toBeCloseTo(wanted, 5);
});

test('outputs of any size are finite', () => {
  const slopes = new Float32Array(12);
  const loss = oneAgainstAll(has)(new Float32Array(12).fill(2000), slopes);
  // Nine are wrong, by 2,000 each.
  expect(loss).toBe(18_000);
  expect([...slopes]).toEqual(targets.flat().map((t) => 1 - t));
  expect(oneAgainstAll(has)(new Float32Array(12).fill(-2000), slopes)).toBe(6000);
  expect([...slopes]).toEqual(targets.flat().map((t) => 0 - t + 0));
});
