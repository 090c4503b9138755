import { describe, expect, test } from 'vitest';
import { traced } from '../../../test/import/training.ts';
import { Random } from '../../core/random.ts';
import { conv4 } from '../../encoders/conv4.ts';
import { initialize, startOf, trace } from '../../encoders/encoder.ts';
import { exportEncoder } from '../../encoders/export.ts';
import { mlp } from '../../encoders/mlp.ts';
import { strided } from '../../encoders/strided.ts';
import { gradients } from '../../graph/gradient.ts';
import type { Node } from '../../graph/node.ts';
import { constant } from '../../graph/ops/constant.ts';
import { input } from '../../graph/ops/input.ts';
import { mul } from '../../graph/ops/mul.ts';
import { sum } from '../../graph/ops/sum.ts';
import { importOnnx } from '../import.ts';
import { lower } from '../lower.ts';
import { Program, type Value } from '../program.ts';

describe.each([
  ['mlp', mlp({ hidden: [20], dimension: 6 })],
  ['strided', strided({ channels: [4, 6], dimension: 6 })],
  ['conv4', conv4({ channels: 5, dimension: 6 })],
])('%s, exported and imported', (_, encoder) => {
  const random = Random.seeded(3);
  const shape = [5, 16, 16, 1];
  const x: Value = { shape, data: Float32Array.from({ length: 5 * 256 }, () => random.normal()) };
  const open = input('x', ['batch', ...shape.slice(1)]);
  const { parameters, statistics } = trace(encoder, open);
  const weights = new Map([
    ...initialize(parameters, Random.seeded(4)).map((values, i) => [parameters[i].name, values] as const),
    ...statistics.map((each, i) => [each.name, startOf(each).map((value, k) => value + 0.1 * ((i + k) % 3))] as const),
  ]);
  const file = exportEncoder(encoder, open, weights);
  const model = importOnnx(file);

  /** Embeddings and all gradients of a sum that weighs each of their numbers differently. */
  async function measure(
    result: Node,
    wanted: readonly { name: string; node: Node }[],
    fixed: ReadonlyMap<Node, Float32Array>,
  ) {
    const count = (result.shape as number[]).reduce((a, b) => a * b, 1);
    const mixed = sum(
      mul(
        result,
        constant(
          Float32Array.from({ length: count }, (_, i) => Math.cos(i)),
          result.shape as number[],
        ),
      ),
    );
    const parts = gradients(
      mixed,
      wanted.map(({ node }) => node),
    );
    const outputs = Object.fromEntries(wanted.map(({ name }, i) => [`gradient ${name}`, parts[i]]));
    const program = await Program.compile(lower({ outputs: { result, ...outputs }, weights: fixed }), { threads: 1 });
    const results = await program.run({ x });
    await program.release();
    return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
  }

  test('has the weights, by name, and gives the same embeddings and gradients', async () => {
    const here = trace(encoder, input('x', shape));
    const there = traced(model, { x: input('x', shape) });
    expect(there.parameters.map(({ weight }) => weight.name).sort()).toEqual(
      here.parameters.map(({ name }) => name).sort(),
    );
    for (const { weight } of there.parameters) expect(weight.values).toEqual(weights.get(weight.name));
    const fixed = new Map(
      [...here.parameters, ...here.statistics].map(({ name, node }) => [node, weights.get(name) as Float32Array]),
    );
    const expected = await measure(here.embeddings, here.parameters, fixed);
    const named = there.parameters.map(({ weight, node }) => ({ name: weight.name, node }));
    const found = await measure(
      there.result,
      named,
      new Map(there.parameters.map(({ weight, node }) => [node, weight.values])),
    );
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, values] of expected) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      const worst = values.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (found.get(name) as Float32Array)[i])),
        0,
      );
      expect(worst / largest, name).toBeLessThan(1e-4);
    }
  });
});
