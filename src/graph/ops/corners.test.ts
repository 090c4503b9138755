import { expect, test } from 'vitest';
import { expectClose, runOnnx } from '../../../test/laws/compare.ts';
import { Random } from '../../core/random.ts';
import { lower } from '../../onnx/lower.ts';
import { Program } from '../../onnx/program.ts';
import { evaluate } from '../evaluate.ts';
import { gradients } from '../gradient.ts';
import type { Node } from '../node.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { avgPool } from './avg-pool.ts';
import { constant } from './constant.ts';
import { cumSum } from './cum-sum.ts';
import { gather } from './gather.ts';
import { input } from './input.ts';
import { logSoftmax } from './log-softmax.ts';
import { logSumExp } from './log-sum-exp.ts';
import { maxPool } from './max-pool.ts';
import { mul } from './mul.ts';
import { safeSqrt } from './safe-sqrt.ts';
import { scatterAdd } from './scatter-add.ts';
import { sigmoid } from './sigmoid.ts';
import { softplus } from './softplus.ts';
import { sum } from './sum.ts';
import { topK } from './top-k.ts';

// What the laws cannot see, because finite differences do not exist there or because they share our idea of the op:
// values by hand, at infinities, ties and zeros. Each in float64 and in ONNX Runtime.
async function expectBoth(outputs: readonly Node[], feeds: Map<Node, Tensor>, expected: readonly number[][]) {
  for (const found of [evaluate(outputs, feeds), await runOnnx(outputs, feeds)]) {
    found.forEach((each, i) => {
      expectClose(each, tensor(each.shape, expected[i]), { note: `output ${i}` });
    });
  }
}

test('logSumExp: a row that is masked whole is minus infinity, with gradient 0', async () => {
  const x = input('x', [3, 2]);
  const y = logSumExp(x, [1]);
  const feeds = new Map([[x, tensor([3, 2], [-Infinity, -Infinity, 0, Math.log(3), 5000, -Infinity])]]);
  const [slope] = gradients(y, [x], constant([7, 4, 1], [3]));
  await expectBoth([y, slope], feeds, [
    [-Infinity, Math.log(4), 5000],
    [0, 0, 1, 3, 1, 0],
  ]);
});

test('logSoftmax does not underflow, softplus does not overflow, in value and gradient', async () => {
  const x = input('x', [1, 3]);
  const feeds = new Map([[x, tensor([1, 3], [0, 500, -500])]]);
  await expectBoth([logSoftmax(x), softplus(x), sigmoid(x), ...gradients(sum(softplus(x)), [x])], feeds, [
    [-500, 0, -1000],
    [Math.log(2), 500, 0],
    [0.5, 1, 0],
    [0.5, 1, 0],
  ]);
});

test('safeSqrt: at 0 the first and the second gradient are 0', async () => {
  const x = input('x', [3]);
  const [first] = gradients(sum(safeSqrt(x)), [x]);
  const [second] = gradients(sum(first), [x]);
  await expectBoth([safeSqrt(x), first, second], new Map([[x, tensor([3], [0, 4, 0.25])]]), [
    [0, 2, 0.5],
    [0, 0.25, 1],
    [0, -1 / 32, -2],
  ]);
});

test('topK: best first, of equals the first; the gradient goes to what was taken', async () => {
  const x = input('x', [2, 4]);
  const { values, indices } = topK(x, 2);
  const lowest = topK(x, 3, { largest: false });
  const feeds = new Map([[x, tensor([2, 4], [1, 3, 3, 3, -5, 0, -5, 2])]]);
  const [slope] = gradients(values, [x], constant([10, 20, 30, 40], [2, 2]));
  await expectBoth([values, indices, lowest.values, lowest.indices, slope], feeds, [
    [3, 3, 2, 0],
    [1, 2, 3, 1],
    [1, 3, 3, -5, -5, 0],
    [0, 1, 2, 0, 2, 1],
    [0, 10, 20, 0, 0, 40, 0, 30],
  ]);
});

test('maxPool: of equals the first gets the gradient; where windows overlap it adds up', async () => {
  const x = input('x', [1, 1, 3, 3]);
  const feeds = new Map([[x, tensor([1, 1, 3, 3], [1, 1, 0, 1, 5, 0, 0, 0, 0])]]);
  const overlapping = maxPool(x, { kernel: 2, stride: 1 });
  const padded = maxPool(x, { kernel: 2, padding: 1 });
  const seed = constant([1, 2, 4, 8], [1, 1, 2, 2]);
  const slopes = [...gradients(overlapping, [x], seed), ...gradients(padded, [x], seed)];
  await expectBoth([overlapping, padded, ...slopes], feeds, [
    [5, 5, 5, 5],
    [1, 1, 1, 5],
    [0, 0, 0, 0, 15, 0, 0, 0, 0],
    [1, 2, 0, 4, 8, 0, 0, 0, 0],
  ]);
});

test('avgPool: padding counts only where it is asked to', async () => {
  const x = input('x', [1, 1, 2, 2]);
  const feeds = new Map([[x, tensor([1, 1, 2, 2], [4, 8, 12, 16])]]);
  const outputs = [false, true].map((countPadding) => avgPool(x, { kernel: 2, padding: 1, countPadding }));
  await expectBoth([...outputs, ...outputs.flatMap((y) => gradients(sum(y), [x]))], feeds, [
    [4, 8, 12, 16],
    [1, 2, 3, 4],
    [1, 1, 1, 1],
    [0.25, 0.25, 0.25, 0.25],
  ]);
});

test('gather and scatterAdd: rows that are taken twice get both gradients', async () => {
  const table = input('table', [3, 2]);
  const rows = constant([2, 0, 2, 2], [2, 2], 'int64');
  const taken = gather(table, rows);
  expect(taken.shape).toEqual([2, 2, 2]);
  const seed = constant([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  const feeds = new Map([[table, tensor([3, 2], [10, 11, 20, 21, 30, 31])]]);
  await expectBoth([taken, ...gradients(taken, [table], seed), scatterAdd(seed, rows, 4)], feeds, [
    [30, 31, 10, 11, 30, 31, 30, 31],
    [3, 4, 0, 0, 13, 16],
    [3, 4, 0, 0, 13, 16, 0, 0],
  ]);
});

test('scatterAdd loses nothing on two threads, however often a row comes', async () => {
  const [n, width] = [100_000, 8];
  const x = input('x', [n, width]);
  const indices = input('indices', [n], 'int64');
  const model = lower({ outputs: { y: scatterAdd(x, indices, 4) }, contrib: true });
  const program = await Program.compile(model, { threads: 2 });
  for (let repeat = 0; repeat < 5; repeat++) {
    const { y } = await program.run({
      x: { shape: [n, width], data: new Float32Array(n * width).fill(1) },
      indices: { shape: [n], data: BigInt64Array.from({ length: n }, (_, i) => BigInt(i % 4)) },
    });
    expect(new Set(y.data as Float32Array)).toEqual(new Set([n / 4]));
  }
  await program.release();
});

test('cumSum: all four directions by hand', async () => {
  const x = constant([1, 2, 4], [3]);
  const options = [{}, { exclusive: true }, { reverse: true }, { exclusive: true, reverse: true }];
  await expectBoth(
    options.map((each) => cumSum(x, 0, each)),
    new Map(),
    [
      [1, 3, 7],
      [0, 1, 3],
      [7, 6, 4],
      [6, 4, 0],
    ],
  );
});

test('max-pooling and its gradient equal those of a plain loop on random pictures', async () => {
  const random = Random.seeded(3);
  const [h, w] = [9, 8];
  const values = Float64Array.from({ length: 2 * h * w }, () => Math.fround(random.normal()));
  const x = input('x', [1, 2, h, w]);
  const pooled = maxPool(x, { kernel: 3, stride: 2, padding: 1 });
  const [, , oh, ow] = pooled.shape as number[];
  const slope = new Array<number>(values.length).fill(0);
  const best: number[] = [];
  for (let plane = 0; plane < 2; plane++) {
    for (let row = 0; row < oh; row++) {
      for (let column = 0; column < ow; column++) {
        let at = -1;
        for (let y = Math.max(0, 2 * row - 1); y < Math.min(h, 2 * row + 2); y++) {
          for (let z = Math.max(0, 2 * column - 1); z < Math.min(w, 2 * column + 2); z++) {
            const here = (plane * h + y) * w + z;
            if (at < 0 || values[here] > values[at]) at = here;
          }
        }
        best.push(values[at]);
        slope[at] += 2 * values[at];
      }
    }
  }
  const feeds = new Map([[x, tensor([1, 2, h, w], values)]]);
  await expectBoth([pooled, ...gradients(sum(mul(pooled, pooled)), [x])], feeds, [best, slope]);
});
