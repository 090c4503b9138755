import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { gradients } from '../../src/graph/gradient.ts';
import type { Node } from '../../src/graph/node.ts';
import { add } from '../../src/graph/ops/add.ts';
import { constant, scalar } from '../../src/graph/ops/constant.ts';
import { mul } from '../../src/graph/ops/mul.ts';
import { sum } from '../../src/graph/ops/sum.ts';
import { sizeOf } from '../../src/graph/shape.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { runOnnx } from './compare.ts';
import { evaluateRounded, listing, randomGraph } from './random-graph.ts';
import { rules } from './rules.ts';

const graphs = 300;
const steps = fc.array(
  fc.record({
    rule: fc.nat(Object.keys(rules).length - 1),
    // Mostly the newest value, so that graphs grow deep.
    back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
    choices: fc.array(fc.nat(59), { minLength: 6, maxLength: 6 }),
  }),
  { minLength: 6, maxLength: 16, size: 'max' },
);
const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

test('random graphs: ONNX Runtime equals float64, in values and gradients', async () => {
  const counts = new Map(Object.keys(rules).map((name) => [name, 0]));
  let tooSensitive = 0;
  const property = fc.asyncProperty(shape, steps, async (first, list) => {
    const { ends, inputs, feeds, used } = randomGraph(first, list);
    const outputs = [...ends, ...gradients(weighed(ends), inputs)];
    const expected = evaluate(outputs, feeds);
    const rounded = evaluateRounded(outputs, feeds);
    if (outputs.some((_, i) => distance(rounded[i], expected[i]) > 1e-3 * scaleOf(expected[i]))) {
      tooSensitive++;
      return;
    }
    for (const name of used) counts.set(name, (counts.get(name) as number) + 1);
    const found = await runOnnx(outputs, feeds);
    outputs.forEach((_, i) => {
      const what = i < ends.length ? `end ${i}` : `gradient of x${i - ends.length}`;
      const allowed = 1e-5 * scaleOf(expected[i]) + 20 * distance(rounded[i], expected[i]);
      const off = distance(found[i], expected[i]);
      if (!(off <= allowed)) {
        throw new Error(`${what} is off by ${off}, allowed are ${allowed}, in\n${listing(ends)}`);
      }
    });
  });
  await fc.assert(property, { seed: 20, numRuns: graphs, endOnFailure: false });
  // What is never drawn, or always left out, is not tested.
  for (const [name, count] of counts) expect(count, `graphs with ${name}`).toBeGreaterThanOrEqual(5);
  expect(tooSensitive).toBeLessThan(graphs / 20);
});

/** One number that depends on every value of every end, each with a weight of its own. */
function weighed(ends: readonly Node[]): Node {
  const random = Random.seeded(9);
  return ends.reduce<Node>((total, end) => {
    const weights = Array.from({ length: sizeOf(end.shape) }, () => Math.fround(random.normal()));
    return add(total, sum(mul(end, constant(weights, end.shape as number[]))));
  }, scalar(0));
}

const scaleOf = ({ data }: Tensor): number => data.reduce((most, each) => Math.max(most, Math.abs(each)), 1e-2);

/** The largest difference; not-a-number where either has one that the other has not. */
const distance = (a: Tensor, b: Tensor): number =>
  a.shape.join() === b.shape.join()
    ? a.data.reduce((most, each, i) => Math.max(most, Math.abs(each - b.data[i])), 0)
    : Number.NaN;
