import { expect, test } from 'vitest';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { distanceBetween } from './distance-between.ts';
import { fromBytes, quantised } from './quantise.ts';

test('a byte for each dimension, by row; zeros stay', () => {
  expect([...quantised(matrix(3, 2, Float32Array.of(1, -0.5, 0, 0, 0.001, 0.0005)))]).toEqual([
    127, -63, 0, 0, 127, 64,
  ]);
});

test('128 dimensions are 128 bytes, each within half a step, and cosine is hardly changed', () => {
  const random = Random.seeded(2);
  const embeddings = matrix(
    12,
    128,
    Float32Array.from({ length: 12 * 128 }, () => random.normal()),
  );
  const bytes = quantised(embeddings);
  expect(bytes.byteLength / embeddings.rows).toBe(128);
  for (let r = 0; r < 12; r++) {
    const values = [...embeddings.data.subarray(128 * r, 128 * (r + 1))];
    const step = Math.max(...values.map(Math.abs)) / 127;
    values.forEach((value, i) => {
      expect(Math.abs(bytes[128 * r + i] * step - value)).toBeLessThanOrEqual(step / 2 + 1e-9);
    });
  }
  const [before, after] = [embeddings, fromBytes(embeddings, bytes)].map((each) => distanceBetween(each, 'cosine'));
  for (let i = 0; i < 12; i++) for (let j = 0; j < i; j++) expect(after(i, j)).toBeCloseTo(before(i, j), 2);
});
