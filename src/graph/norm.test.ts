import { expect, test } from 'vitest';
import { expectClose, runOnnx } from '../../test/laws/compare.ts';
import { lawsOf } from '../../test/laws/laws.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradient.ts';
import { norm } from './norm.ts';
import { input } from './ops/input.ts';
import { sum } from './ops/sum.ts';
import { tensor } from './tensor.ts';

lawsOf({
  name: 'norm',
  build: ([x]) => norm(x, [-1]),
  samples: [[3, 4], [2, 1, 3], [1], [0, 2]].map((shape) => ({ inputs: [{ shape }], attributes: {} })),
  reference: ([x]) => {
    const shape = x.shape.slice(0, -1);
    const width = x.shape[x.shape.length - 1];
    return tensor(
      shape,
      Array.from({ length: x.data.length / width }, (_, i) => Math.hypot(...x.data.slice(i * width, (i + 1) * width))),
    );
  },
});

test('at zero the norm, its gradient and the gradient of that are 0; elsewhere they are x / norm', async () => {
  const x = input('x', [3, 2]);
  const [first] = gradients(sum(norm(x, [1])), [x]);
  const [second] = gradients(sum(first), [x]);
  const feeds = new Map([[x, tensor([3, 2], [0, 0, 3, 4, 0, -2])]]);
  for (const [y, slope, curve] of [
    evaluate([norm(x, [1]), first, second], feeds),
    await runOnnx([norm(x, [1]), first, second], feeds),
  ]) {
    expect([...y.data]).toEqual([0, 5, 2]);
    expectClose(slope, tensor([3, 2], [0, 0, 0.6, 0.8, 0, -1]));
    // (I - u u^T) / norm times (1, 1), with u = (0.6, 0.8) and (0, -1).
    expectClose(curve, tensor([3, 2], [0, 0, 0.032, -0.024, 0.5, 0]));
  }
});
