import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gradients } from '../../src/graph/gradient.ts';
import type { Node } from '../../src/graph/node.ts';
import { constant } from '../../src/graph/ops/constant.ts';
import { input } from '../../src/graph/ops/input.ts';
import { mean } from '../../src/graph/ops/mean.ts';
import { mul } from '../../src/graph/ops/mul.ts';
import { sub } from '../../src/graph/ops/sub.ts';
import type { Shape } from '../../src/graph/shape.ts';
import type { ImportScope, Weight } from '../../src/onnx/import/rule.ts';
import type { ImportedModel } from '../../src/onnx/import.ts';
import { lower } from '../../src/onnx/lower.ts';
import { Program, type Value } from '../../src/onnx/program.ts';
import { layoutOf } from '../../src/optimizers/layout.ts';
import { Optimizer } from '../../src/optimizers/optimizer.ts';
import type { Transform } from '../../src/optimizers/transform.ts';

export const fixture = (name: string): string => fileURLToPath(new URL(`../golden/import/${name}`, import.meta.url));

/** What PyTorch made of the files: see make.py. */
export interface Expected {
  readonly shape: readonly number[];
  readonly out: number;
  readonly steps: Readonly<
    Record<
      string,
      {
        readonly losses: readonly number[];
        readonly before: readonly number[];
        readonly after: readonly number[];
        /** Length of the change, and its projection on sin(i). */
        readonly weights: Readonly<Record<string, readonly [number, number]>>;
      }
    >
  >;
}

export const expectations = (path: string): Record<string, Expected> => JSON.parse(readFileSync(path, 'utf8'));

/** The same waves as make.py's. */
export const wave = (shape: readonly number[], of: (x: number) => number, scale: number): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(scale * i));

/** A model's graph with what it declared. */
export function traced(model: ImportedModel, given: Readonly<Record<string, Node>>, training = false) {
  const parameters: { weight: Weight; node: Node }[] = [];
  const statistics: { weight: Weight; node: Node }[] = [];
  const scope: ImportScope = {
    training,
    parameter(weight) {
      const node = input(weight.name, weight.shape);
      parameters.push({ weight, node });
      return node;
    },
    statistic(weight, current) {
      const node = training ? current() : input(weight.name, weight.shape);
      statistics.push({ weight, node });
      return node;
    },
  };
  return { result: model.build(scope, given), parameters, statistics };
}

/** A model with the weights that it has by now, as a file that takes `x` with an open batch. */
export function exported(
  model: ImportedModel,
  shape: Shape,
  current?: ReadonlyMap<string, Float32Array>,
  name = 'x',
): Uint8Array {
  const { result, parameters, statistics } = traced(model, { [name]: input(name, ['batch', ...shape.slice(1)]) });
  return lower({
    outputs: { y: result },
    weights: new Map(
      [...parameters, ...statistics].map(({ weight, node }) => [node, current?.get(weight.name) ?? weight.values]),
    ),
  });
}

export async function run(model: Uint8Array | string, x: Value, name = 'x'): Promise<Float32Array> {
  const program = await Program.compile(model, { threads: 2 });
  const [result] = Object.values(await program.run({ [name]: x }));
  await program.release();
  return result.data as Float32Array;
}

/** Steps on the mean squared difference to targets: what make.py does with PyTorch. */
export async function train(model: ImportedModel, { shape, out }: Expected, transform: Transform, steps = 3) {
  const x = input('x', shape);
  const { result, parameters, statistics } = traced(model, { x }, true);
  const difference = sub(result, constant(wave([shape[0], out], Math.cos, 3), [shape[0], out]));
  const loss = mean(mul(difference, difference));
  const nodes = parameters.map(({ node }) => node);
  const parts = gradients(loss, nodes);
  const program = await Program.compile(
    lower({
      outputs: {
        loss,
        ...Object.fromEntries(parameters.map(({ weight }, i) => [`gradient:${weight.name}`, parts[i]])),
        ...Object.fromEntries(statistics.map(({ weight, node }) => [`statistic:${weight.name}`, node])),
      },
      contrib: true,
    }),
    { threads: 2 },
  );
  const layout = layoutOf(parameters.map(({ weight }) => weight));
  const optimizer = new Optimizer(transform, layout, { steps });
  const view = (flat: Float32Array, i: number) =>
    flat.subarray(layout.slices[i].start, layout.slices[i].start + layout.slices[i].length);
  parameters.forEach(({ weight }, i) => {
    view(optimizer.parameters, i).set(weight.values);
  });
  const averages = statistics.map(({ weight }) => weight.values.slice());
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const results = await program.run({
      x: { shape, data: wave(shape, Math.sin, 1) },
      ...Object.fromEntries(
        parameters.map(({ weight }, i) => [weight.name, { shape: weight.shape, data: view(optimizer.parameters, i) }]),
      ),
    });
    losses.push((results.loss.data as Float32Array)[0]);
    parameters.forEach(({ weight }, i) => {
      view(optimizer.gradients, i).set(results[`gradient:${weight.name}`].data as Float32Array);
    });
    optimizer.step();
    statistics.forEach(({ weight }, i) => {
      const measured = results[`statistic:${weight.name}`].data as Float32Array;
      averages[i].forEach((value, k) => {
        averages[i][k] = value + 0.1 * (measured[k] - value);
      });
    });
  }
  await program.release();
  const weights = new Map<string, Float32Array>([
    ...parameters.map(({ weight }, i) => [weight.name, view(optimizer.parameters, i).slice()] as const),
    ...statistics.map(({ weight }, i) => [weight.name, averages[i]] as const),
  ]);
  const start = new Map([...parameters, ...statistics].map(({ weight }) => [weight.name, weight.values]));
  return { losses, weights, start };
}

/** Length of a weight's change, and its projection on sin(i). */
export function summary(start: Float32Array, end: Float32Array): [number, number] {
  const change = Float64Array.from(end, (value, i) => value - start[i]);
  const length = Math.sqrt(change.reduce((sum, value) => sum + value * value, 0));
  return [length, change.reduce((sum, value, i) => sum + value * Math.sin(i), 0)];
}
