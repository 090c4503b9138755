import { describe, expect, test } from 'vitest';
import { runOnnx } from '../../../test/laws/compare.ts';
import { KindredError } from '../../core/error.ts';
import { evaluate } from '../evaluate.ts';
import { gradients } from '../gradient.ts';
import { tensor } from '../tensor.ts';
import { input } from './input.ts';
import { maxPairs } from './max-pairs.ts';

const { NaN: none, POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;

describe('pairs', () => {
  const pairs = [
    [1, 2],
    [2, 1],
    [3, 3],
    [-4, -4],
    [0, 0],
    [least, 5],
    [most, 5],
    [1e-45, 0],
    [-3e38, 3e38],
  ].map((pair) => pair.map(Math.fround));
  const x = input('x', [pairs.length, 2]);
  const y = maxPairs(x, -1);
  const up = input('up', y.shape);
  const feeds = new Map([
    [x, tensor([pairs.length, 2], pairs.flat())],
    [up, tensor([pairs.length], Array(pairs.length).fill(7))],
  ]);
  const outputs = [y, ...gradients(y, [x], up)];

  test.each(['reference', 'ONNX Runtime'])(
    '%s: the larger one, and the gradient to it; among equals to the first',
    async (by) => {
      const [value, slope] = by === 'reference' ? evaluate(outputs, feeds) : await runOnnx(outputs, feeds);
      expect([...value.data]).toEqual(pairs.map((pair) => Math.max(...pair)));
      expect([...slope.data]).toEqual(pairs.flatMap(([a, b]) => (a >= b ? [7, 0] : [0, 7])));
    },
  );

  test('not-a-number is not hidden', async () => {
    const broken = new Map([
      ...feeds,
      [
        x,
        tensor(
          [pairs.length, 2],
          pairs.flatMap(() => [none, 1]),
        ),
      ],
    ]);
    const [value] = evaluate([y], broken);
    expect(value.data.every(Number.isNaN)).toBe(true);
    const [found] = await runOnnx([y], broken);
    expect(found.data.every(Number.isNaN)).toBe(true);
    const turned = new Map([
      ...feeds,
      [
        x,
        tensor(
          [pairs.length, 2],
          pairs.flatMap(() => [1, none]),
        ),
      ],
    ]);
    expect((await runOnnx([y], turned))[0].data.every(Number.isNaN)).toBe(true);
  });
});

test('any axis of size 2, counted from either end; others are refused', () => {
  const x = input('x', [2, 3, 2]);
  expect(maxPairs(x, 0).shape).toEqual([3, 2]);
  expect(maxPairs(x, -1).shape).toEqual([2, 3]);
  expect(maxPairs(input('x', ['batch', 2]), 1).shape).toEqual(['batch']);
  expect(() => maxPairs(x, 1)).toThrow(KindredError);
  expect(() => maxPairs(x, 1)).toThrow(/axis of size 2: axis 1 of \[2, 3, 2\]\. Reshape/);
  expect(() => maxPairs(input('x', ['batch', 3]), 0)).toThrow(/axis 0 of \[batch, 3\]/);
  expect(() => maxPairs(x, 3)).toThrow(/Use -3 to 2/);
  expect(() => maxPairs(input('x', [2], 'int64'), 0)).toThrow(/maxPairs/);
});
