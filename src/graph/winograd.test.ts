import { expect, test } from 'vitest';
import { expectClose, inputsOf, runOnnx } from '../../test/laws/compare.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradient.ts';
import type { Node } from './node.ts';
import { apply } from './op.ts';
import { op as conv2d } from './ops/conv2d.ts';
import { op as conv2dLast } from './ops/conv2d-last.ts';
import { transpose } from './ops/transpose.ts';
import { tensor } from './tensor.ts';
import { paysWinograd, winograd, winogradToFilters, winogradToPictures } from './winograd.ts';

/** Zeros above, to the left, below and to the right of pictures of `h x w`. */
interface Case {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly o: number;
  readonly padding: readonly [number, number, number, number];
}
const sizeOf = ({ h, w, padding: [top, left, bottom, right] }: Case): [number, number] => [
  h + top + bottom - 2,
  w + left + right - 2,
];

function given(each: Case, seed: number) {
  const { n, h, w, c, o } = each;
  const { nodes, feeds } = inputsOf(
    [{ shape: [n, h, w, c] }, { shape: [3, 3, c, o] }, { shape: [n, ...sizeOf(each), o] }, { shape: [o] }],
    seed,
  );
  return { nodes: nodes as [Node, Node, Node, Node], feeds };
}

const windowOf = ({ padding }: Case) => ({ stride: [1, 1], padding, dilation: [1, 1], groups: 1 }) as const;

const plain = (x: Node, filters: Node, each: Case) =>
  transpose(
    apply(conv2d, [transpose(x, [0, 3, 1, 2]), transpose(filters, [3, 2, 0, 1])], windowOf(each)),
    [0, 2, 3, 1],
  );

// Whole tiles, tiles over the edge, a single one, more zeros on one side, none at all.
const small: Case[] = [
  { n: 2, h: 8, w: 4, c: 2, o: 3, padding: [1, 1, 1, 1] },
  { n: 1, h: 5, w: 7, c: 3, o: 1, padding: [1, 1, 1, 1] },
  { n: 3, h: 1, w: 1, c: 2, o: 2, padding: [1, 1, 1, 1] },
  { n: 1, h: 6, w: 9, c: 1, o: 2, padding: [0, 0, 0, 0] },
  { n: 2, h: 3, w: 6, c: 2, o: 1, padding: [2, 0, 1, 2] },
  { n: 0, h: 4, w: 4, c: 2, o: 2, padding: [1, 1, 1, 1] },
];

for (const each of small) {
  test(`in float64 it is the convolution, and so are its gradients: ${JSON.stringify(each)}`, () => {
    const { nodes, feeds } = given(each, 1);
    const [x, filters, upstream] = nodes;
    const before = [each.padding[0], each.padding[1]] as const;
    const found = evaluate(
      [
        winograd(x, filters, before, sizeOf(each)),
        winogradToPictures(upstream, filters, before, [each.h, each.w]),
        winogradToFilters(x, upstream, before),
      ],
      feeds,
    );
    const first = plain(x, filters, each);
    const expected = evaluate([first, ...gradients(first, [x, filters], upstream)], feeds);
    expected.forEach((value, i) => {
      expectClose(found[i], value, { relative: 1e-12, absolute: 1e-11, note: `result ${i}` });
    });
  });
}

// As conv2dLast uses it, in float32, in several pieces.
for (const each of [
  { n: 12, h: 16, w: 16, c: 32, o: 48, padding: [1, 1, 1, 1] },
  { n: 20, h: 15, w: 14, c: 40, o: 32, padding: [0, 0, 2, 1] },
] satisfies Case[]) {
  test(`conv2dLast in float32: ${JSON.stringify(each)}`, async () => {
    expect(paysWinograd([each.c, each.o], sizeOf(each))).toBe(true);
    const { nodes, feeds } = given(each, 2);
    const [x, filters, upstream, bias] = nodes;
    const last = apply(conv2dLast, [x, filters, bias], windowOf(each));
    const first = plain(x, filters, each);
    const found = await runOnnx([last, ...gradients(last, [x, filters, bias], upstream)], feeds);
    const [value, ...slopes] = await runOnnx([first, ...gradients(first, [x, filters], upstream)], feeds);
    const shift = feeds.get(bias)?.data as Float64Array;
    const shifted = value.data.map((result, i) => result + shift[i % each.o]);
    expectClose(found[0], tensor(value.shape, shifted), { absolute: 5e-4 });
    expectClose(found[1], slopes[0], { absolute: 5e-4 });
    expectClose(found[2], slopes[1], { absolute: 2e-3 });
    const sums = new Array<number>(each.o).fill(0);
    feeds.get(upstream)?.data.forEach((part, i) => {
      sums[i % each.o] += part;
    });
    expectClose(found[3], tensor([each.o], sums), { absolute: 1e-3 });
  });
}

test('errors in float32 are some millionths of the deviation of the results', async () => {
  const each: Case = { n: 2, h: 8, w: 8, c: 256, o: 32, padding: [1, 1, 1, 1] };
  const { nodes, feeds } = given(each, 3);
  const [x, filters] = nodes;
  const result = winograd(x, filters, [1, 1], sizeOf(each));
  const [found] = await runOnnx([result], feeds);
  const [exact] = evaluate([result], feeds);
  const total = (of: (value: number, i: number) => number) =>
    exact.data.reduce((sum, value, i) => sum + of(value, i), 0);
  const squares = total((value) => value ** 2);
  const error = Math.sqrt(total((value, i) => (found.data[i] - value) ** 2) / squares);
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(3e-6);
});

test('it pays for many channels and maps that fill their tiles', () => {
  expect(paysWinograd([64, 64], [32, 32])).toBe(true);
  expect(paysWinograd([64, 64], [3, 3])).toBe(true);
  expect(paysWinograd([64, 64], [2, 2])).toBe(false);
  expect(paysWinograd([64, 64], [5, 5])).toBe(false);
  expect(paysWinograd([3, 64], [32, 32])).toBe(false);
  expect(paysWinograd([64, 16], [32, 32])).toBe(false);
});
