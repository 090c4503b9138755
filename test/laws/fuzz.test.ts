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
const size = (min: number, max: number) => fc.integer({ min, max });
// Half of them start with pictures, which convolutions and poolings need.
const shape = fc.oneof(
  fc.array(size(1, 4), { minLength: 1, maxLength: 4 }),
  fc.tuple(size(1, 2), size(1, 3), size(2, 6), size(2, 6)),
);

test('random graphs: ONNX Runtime equals float64, in values and gradients', async () => {
  const counts = new Map(Object.keys(rules).map((name) => [name, 0]));
  let tooSensitive = 0;
  const property = fc.asyncProperty(shape, steps, async (first, list) => {
    const { ends, inputs, feeds, used } = randomGraph(first, list);
    const loss = weighed(ends);
    const outputs = [...ends, ...gradients(loss, inputs)];
    const expected = evaluate(outputs, feeds);
    const rounded = evaluateRounded(outputs, feeds);
    if (outputs.some((_, i) => distance(rounded[i], expected[i]) > 1e-3 * scaleOf(expected[i]))) {
      tooSensitive++;
      return;
    }
    for (const name of used) counts.set(name, (counts.get(name) as number) + 1);
    const found = await runOnnx(outputs, feeds, { contrib: list.length % 2 === 0 });
    outputs.forEach((_, i) => {
      const what = i < ends.length ? `end ${i}` : `gradient of x${i - ends.length}`;
      // Sums inside of an op round too, which the rounded reference does not see: hence the first part.
      const allowed = 2e-5 * scaleOf(expected[i]) + 50 * distance(rounded[i], expected[i]);
      const off = distance(found[i], expected[i]);
      if (!(off <= allowed)) {
        throw new Error(`${what} is off by ${off}, allowed are ${allowed}, in\n${listing(ends)}`);
      }
    });
    if (!used.includes('stopGradient')) expectSlope(loss, inputs, feeds, expected.slice(ends.length), listing(ends));
  });
  await fc.assert(property, { seed: 20, numRuns: graphs, endOnFailure: false });
  // What is never drawn, or always left out, is not tested.
  for (const [name, count] of counts) expect(count, `graphs with ${name}`).toBeGreaterThanOrEqual(10);
  expect(tooSensitive).toBeLessThan(graphs / 20);
});

/** Along a random direction, the loss climbs as the gradients say: finite differences in float64. */
function expectSlope(
  loss: Node,
  inputs: readonly Node[],
  feeds: ReadonlyMap<Node, Tensor>,
  slopes: readonly Tensor[],
  note: string,
): void {
  const random = Random.seeded(10);
  const directions = slopes.map(({ data }) => data.map(() => random.normal()));
  const at = (step: number): number => {
    const moved = inputs.map((x, k): [Node, Tensor] => {
      const { shape, data } = feeds.get(x) as Tensor;
      return [x, { shape, data: data.map((value, i) => value + step * directions[k][i]) }];
    });
    return evaluate([loss], new Map(moved))[0].data[0];
  };
  const measured = (at(1e-6) - at(-1e-6)) / 2e-6;
  const terms = slopes.flatMap(({ data }, k) => Array.from(data, (slope, i) => slope * directions[k][i]));
  const predicted = terms.reduce((a, b) => a + b, 0);
  const scale = terms.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
  if (!(Math.abs(measured - predicted) <= 1e-5 * scale)) {
    throw new Error(`the loss climbs by ${measured}, the gradients say ${predicted}, in\n${note}`);
  }
}

/** One number that depends on every value of every end, each with a weight of its own. */
function weighed(ends: readonly Node[]): Node {
  const random = Random.seeded(9);
  return ends.reduce<Node>((total, end) => {
    const weights = Array.from({ length: sizeOf(end.shape) }, () => Math.fround(random.normal()));
    return add(total, sum(mul(end, constant(weights, end.shape as number[]))));
  }, scalar(0));
}

const scaleOf = ({ data }: Tensor): number => data.reduce((most, each) => Math.max(most, Math.abs(each)), 1);

/** The largest difference; not-a-number where either has one that the other has not. */
const distance = (a: Tensor, b: Tensor): number =>
  a.shape.join() === b.shape.join()
    ? a.data.reduce((most, each, i) => Math.max(most, Math.abs(each - b.data[i])), 0)
    : Number.NaN;
