import { expect, test } from 'vitest';
import { expectClose, inputsOf, runOnnx } from '../../../test/laws/compare.ts';
import { gradients } from '../gradient.ts';
import { tensor } from '../tensor.ts';
import { PIECE } from '../windows-last.ts';
import { conv2d } from './conv2d.ts';
import { conv2dLast } from './conv2d-last.ts';
import { reshape } from './reshape.ts';
import { transpose } from './transpose.ts';

test('a Sobel filter by hand', async () => {
  const { nodes, feeds } = inputsOf(
    [
      { shape: [1, 3, 4, 1], fill: [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 3] },
      { shape: [3, 3, 1, 1], fill: [-1, 0, 1, -2, 0, 2, -1, 0, 1] },
      { shape: [1], fill: [10] },
    ],
    1,
  );
  const [x, filters, bias] = nodes;
  const [value] = await runOnnx([conv2dLast(x, filters, { bias })], feeds);
  expectClose(value, tensor([1, 1, 2, 1], [14, 16]));
});

// Large enough for several pieces, which the samples of the laws are not.
for (const [stride, size] of [
  [1, 30],
  [2, 61],
] as const) {
  test(`pieces of a batch give what the convolution with channels first gives, stride ${stride}`, async () => {
    const [n, c, o] = [10, 16, 8];
    const out = Math.ceil(size / stride);
    expect(n * out * out * 9 * c).toBeGreaterThan(PIECE);
    const { nodes, feeds } = inputsOf(
      [{ shape: [n, size, size, c] }, { shape: [3, 3, c, o] }, { shape: [n, out, out, o] }, { shape: [o] }],
      2,
    );
    const [x, filters, upstream, bias] = nodes;
    const last = conv2dLast(x, filters, { bias, stride, padding: 1 });
    const first = conv2d(transpose(x, [0, 3, 1, 2]), transpose(filters, [3, 2, 0, 1]), { stride, padding: 1 });
    const moved = transpose(first, [0, 2, 3, 1]);
    const found = await runOnnx([last, ...gradients(last, [x, filters], upstream)], feeds);
    const plain = await runOnnx([moved, ...gradients(moved, [x, filters], upstream)], feeds);
    const [biases] = await runOnnx([reshape(bias, [1, 1, 1, o])], feeds);
    const shifted = plain[0].data.map((value, i) => value + biases.data[i % o]);
    expectClose(found[0], tensor(plain[0].shape, shifted), { absolute: 1e-4 });
    expectClose(found[1], plain[1], { absolute: 1e-4 });
    expectClose(found[2], plain[2], { absolute: 1e-3 });
  });
}
