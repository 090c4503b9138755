import { expect } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { DataType, Node } from '../../src/graph/node.ts';
import type { SampleInput } from '../../src/graph/op.ts';
import { input } from '../../src/graph/ops/input.ts';
import { type Tensor, tensor } from '../../src/graph/tensor.ts';
import { lower } from '../../src/onnx/lower.ts';
import { Program, type Value } from '../../src/onnx/program.ts';

/** The values of a sample's input; float32 ones are rounded to float32, so that both sides start from the same. */
export function fill({ shape, type = 'float32', fill: how = 'normal' }: SampleInput, random: Random): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new Float64Array(size);
  if (typeof how !== 'string') values.set(how);
  else if (how === 'distinct') {
    values.forEach((_, i) => {
      values[i] = (i - Math.floor(size / 2)) * 0.1 + 0.05;
    });
    random.shuffle(values);
  } else {
    const draw = {
      normal: () => random.normal(),
      positive: () => 0.5 + 1.5 * random.uniform(),
      bits: () => random.integer(2),
    }[how];
    values.forEach((_, i) => {
      values[i] = draw();
    });
  }
  return tensor(shape, type === 'float32' ? values.map(Math.fround) : values);
}

export function inputsOf(
  sample: readonly SampleInput[],
  seed: number,
  prefix = 'x',
): { nodes: Node[]; feeds: Map<Node, Tensor> } {
  const random = Random.seeded(seed);
  const nodes = sample.map(({ shape, type }, i) => input(`${prefix}${i}`, shape, type ?? 'float32'));
  return { nodes, feeds: new Map(nodes.map((node, i) => [node, fill(sample[i], random)])) };
}

function toValue({ shape, data }: Tensor, type: DataType): Value {
  if (type === 'float32') return { shape, data: Float32Array.from(data) };
  if (type === 'int64') return { shape, data: BigInt64Array.from(Array.from(data, (value) => BigInt(value))) };
  return type === 'bool'
    ? { shape, data: Uint8Array.from(data), type: 'bool' }
    : { shape, data: Uint8Array.from(data) };
}

/** `outputs` compiled by ONNX Runtime, to be run with the feeds of the reference. */
export async function compileOnnx(
  outputs: readonly Node[],
  options: { contrib?: boolean } = {},
): Promise<{ run(feeds: ReadonlyMap<Node, Tensor>): Promise<Tensor[]>; release(): Promise<void> }> {
  const named = Object.fromEntries(outputs.map((node, i) => [`y${i}`, node]));
  const program = await Program.compile(lower({ outputs: named, contrib: options.contrib ?? true }), { threads: 1 });
  const used = new Set(program.inputs.map(({ name }) => name));
  return {
    async run(feeds) {
      const given = Object.fromEntries(
        [...feeds].flatMap(([node, value]) =>
          used.has(node.attributes.name) ? [[node.attributes.name, toValue(value, node.type)]] : [],
        ),
      );
      const results = await program.run(given);
      return outputs.map((_, i) => {
        const { shape, data } = results[`y${i}`];
        return tensor([...shape], Float64Array.from(data as ArrayLike<number | bigint>, Number));
      });
    },
    release: () => program.release(),
  };
}

/** Runs `outputs` through ONNX Runtime once. */
export async function runOnnx(
  outputs: readonly Node[],
  feeds: ReadonlyMap<Node, Tensor>,
  options: { contrib?: boolean } = {},
): Promise<Tensor[]> {
  const program = await compileOnnx(outputs, options);
  const results = await program.run(feeds);
  await program.release();
  return results;
}

/** Equal shapes, and values within `relative` of each other (or `absolute` near zero). */
export function expectClose(
  actual: Tensor,
  expected: Tensor,
  { relative = 1e-4, absolute = 1e-5, note = '' }: { relative?: number; absolute?: number; note?: string } = {},
): void {
  expect(actual.shape, note).toEqual(expected.shape);
  expected.data.forEach((value, i) => {
    const difference = Math.abs(actual.data[i] - value);
    const fits = Object.is(actual.data[i], value) || difference <= absolute + relative * Math.abs(value);
    if (!fits) expect.fail(`${note} at ${i}: ${actual.data[i]} where ${value} is expected`);
  });
}

/** dL/dx by central differences in float64, for L = sum(weights * of). */
export function finiteDifferences(of: Node, weights: Tensor, x: Node, feeds: ReadonlyMap<Node, Tensor>): Tensor {
  const at = feeds.get(x) as Tensor;
  const step = 1e-5;
  const loss = (data: Float64Array): number => {
    const [value] = evaluate([of], new Map([...feeds, [x, tensor(at.shape, data)]]));
    return value.data.reduce((sum, each, i) => sum + each * weights.data[i], 0);
  };
  const slope = at.data.map((_, i) => {
    const up = Float64Array.from(at.data);
    const down = Float64Array.from(at.data);
    up[i] += step;
    down[i] -= step;
    return (loss(up) - loss(down)) / (2 * step);
  });
  return tensor(at.shape, slope);
}
