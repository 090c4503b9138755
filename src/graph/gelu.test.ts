import { test } from 'vitest';
import { expectClose } from '../../test/laws/compare.ts';
import { lawsOf } from '../../test/laws/laws.ts';
import { evaluate } from './evaluate.ts';
import { gelu } from './gelu.ts';
import { constant } from './ops/constant.ts';
import { erf } from './ops/erf.ts';
import { unaryShapes } from './sample-shapes.ts';
import { tensor } from './tensor.ts';

/** The normal distribution function by Simpson's rule: knows nothing of the series that erf uses. */
function normalBelow(x: number): number {
  const steps = 2000;
  const width = x / steps;
  let total = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    total += weight * Math.exp(-((i * width) ** 2) / 2);
  }
  return 0.5 + (total * width) / 3 / Math.sqrt(2 * Math.PI);
}

lawsOf({
  name: 'gelu',
  build: ([x]) => gelu(x),
  samples: unaryShapes.map((shape) => ({ inputs: [{ shape }], attributes: {} })),
  reference: ([x]) =>
    tensor(
      x.shape,
      x.data.map((value) => value * normalBelow(value)),
    ),
});

test('erf: published values (Abramowitz and Stegun, table 7.1), and its limits', () => {
  const [found] = evaluate([erf(constant([0, 0.5, -1, 2, 5.9, 7, -Infinity], [7]))], new Map());
  const expected = [0, 0.5204998778, -0.8427007929, 0.995322265, 1, 1, -1];
  expectClose(found, tensor([7], expected), { relative: 1e-9 });
});
