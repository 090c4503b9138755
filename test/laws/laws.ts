import { describe, expect, test } from 'vitest';
import { KindredError } from '../../src/core/error.ts';
import { Random } from '../../src/core/random.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { gradients } from '../../src/graph/gradient.ts';
import type { DataType, Node } from '../../src/graph/node.ts';
import type { Sample, SampleInput } from '../../src/graph/op.ts';
import { add } from '../../src/graph/ops/add.ts';
import { scalar } from '../../src/graph/ops/constant.ts';
import { input } from '../../src/graph/ops/input.ts';
import { mul } from '../../src/graph/ops/mul.ts';
import { sum } from '../../src/graph/ops/sum.ts';
import type { Dimension } from '../../src/graph/shape.ts';
import { bindShape, type Tensor, tensor } from '../../src/graph/tensor.ts';
import { compileOnnx, expectClose, fill, finiteDifferences, inputsOf, runOnnx } from './compare.ts';

/** What the laws check: an op, or a function that is built from ops. */
export interface Subject<Attributes> {
  readonly name: string;
  build(inputs: readonly Node[], attributes: Attributes): Node;
  readonly samples: readonly Sample<Attributes>[];
  /** A loop in float64 that knows nothing of ops. Ops bring their own, which `evaluate` runs. */
  reference?(inputs: readonly Tensor[], attributes: Attributes): Tensor;
}

/** Registers the laws for every sample, and two about all of them. */
export function lawsOf<Attributes>(subject: Subject<Attributes>): void {
  const { name, samples } = subject;
  describe(name, () => {
    samples.forEach((sample, i) => {
      const shapes = sample.inputs.map(({ shape, type = '' }) => `${type}[${shape}]`).join(' ');
      describe(`sample ${i}: ${shapes} ${JSON.stringify(sample.attributes)}`, () =>
        sampleLaws(subject, sample, 100 + i));
    });

    test('what its shape rule lets through runs, and what it refuses, it refuses by name', async () => {
      const accepted = samples.flatMap((sample) =>
        mutations(sample.inputs).flatMap((inputs) => acceptedOrRefusedByName(subject, { ...sample, inputs })),
      );
      if (accepted.length === 0) return;
      const found = await runOnnx(
        accepted.map(({ node }) => node),
        new Map(accepted.flatMap(({ feeds }) => [...feeds])),
      );
      accepted.forEach(({ node, feeds, note }, i) => {
        const [expected] = evaluate([node], feeds);
        expect(expected.shape, note).toEqual(node.shape);
        expectClose(found[i], expected, { note });
      });
    });

    if (samples.length === 0) return;
    test('a symbol for the first axis means the same as any size, 0 included', async () => {
      let accepted = 0;
      for (const sample of samples) {
        const leading = new Set(sample.inputs.flatMap(({ shape }) => shape.slice(0, 1)));
        for (const size of leading) accepted += await expectSymbolic(subject, sample, size);
      }
      if (samples.some(({ inputs }) => inputs.length > 0))
        expect(accepted, 'samples that take a symbol').toBeGreaterThan(0);
    });
  });
}

function sampleLaws<Attributes>(subject: Subject<Attributes>, sample: Sample<Attributes>, seed: number): void {
  const { nodes, feeds } = inputsOf(sample.inputs, seed);
  const node = subject.build(nodes, sample.attributes);
  const shape = bindShape(node.shape, new Map());

  test('ONNX Runtime equals the reference', async () => {
    const [expected] = evaluate([node], feeds);
    expect(expected.shape).toEqual(shape);
    if (subject.reference !== undefined) {
      const inputs = nodes.map((each) => feeds.get(each) as Tensor);
      const naive = subject.reference(inputs, sample.attributes);
      expectClose(expected, naive, { relative: 1e-9, absolute: 1e-9, note: 'ops against the naive loop' });
    }
    for (const contrib of [true, false]) {
      const [actual] = await runOnnx([node], feeds, { contrib });
      expectClose(actual, expected, { note: contrib ? 'with contrib ops' : 'standard ops' });
    }
  });

  const floats = nodes.filter(({ type }) => type === 'float32');
  if (node.type !== 'float32' || floats.length === 0) return;
  const upstream = input('upstream', node.shape);
  const weights = fill({ shape }, Random.seeded(7));
  const all = new Map([...feeds, [upstream, weights]]);

  test('gradient equals finite differences, in both', async () => {
    const found = gradients(node, floats, upstream);
    const values = evaluate(found, all);
    for (const [k, x] of floats.entries()) {
      expect(found[k].shape, 'a gradient has the shape of its input').toEqual(x.shape);
      const expected = finiteDifferences(node, weights, x, feeds);
      expectClose(values[k], expected, { relative: 1e-6, absolute: 1e-7, note: `input ${k}` });
    }
    const actual = await runOnnx(found, all);
    for (const k of floats.keys()) expectClose(actual[k], values[k], { note: `gradient of input ${k}` });
  });

  test('gradient of the gradient equals finite differences, in both', async () => {
    const found = gradients(node, floats, upstream);
    // One number that depends on every gradient: each weighed by an input of its own.
    const random = Random.seeded(8);
    const mixers = found.map((each, k) => input(`mixer${k}`, each.shape));
    const mixed = found.reduce<Node>((total, each, k) => add(total, sum(mul(each, mixers[k]))), scalar(0));
    for (const mixer of mixers) all.set(mixer, fill({ shape: bindShape(mixer.shape, new Map()) }, random));
    const wanted = [...floats, upstream];
    const second = gradients(mixed, wanted);
    const values = evaluate(second, all);
    wanted.forEach((x, k) => {
      const expected = finiteDifferences(mixed, tensor([], [1]), x, all);
      expectClose(values[k], expected, { relative: 1e-5, absolute: 1e-6, note: `input ${k}` });
    });
    const actual = await runOnnx(second, all);
    for (const k of wanted.keys()) expectClose(actual[k], values[k], { note: `second gradient of input ${k}` });
  });
}

/** The same sample with one input of another type, another rank, or one axis longer. */
function mutations(inputs: readonly SampleInput[]): SampleInput[][] {
  const types: DataType[] = ['float32', 'int64', 'bool', 'uint8'];
  return inputs.flatMap((old, i) => {
    const replaced = (part: Partial<SampleInput>) => inputs.map((each, k) => (k === i ? { ...each, ...part } : each));
    const shapes = [
      [...old.shape.slice(0, 1), ...(old.shape.length === 0 ? [2] : old.shape)],
      ...(old.shape.length > 0 ? [old.shape.slice(1)] : []),
      ...old.shape.map((_, axis) => old.shape.map((size, k) => (k === axis ? size + 1 : size))),
    ];
    return [
      ...types.filter((type) => type !== (old.type ?? 'float32')).map((type) => replaced({ type })),
      ...shapes.map((shape) => replaced({ shape })),
    ];
  });
}

/** Values that fit any shape and type: lists are repeated, and positions are 0, which lies within every axis. */
function fitting({ shape, type = 'float32', fill: how }: SampleInput): SampleInput {
  const size = shape.reduce((a, b) => a * b, 1);
  if (type !== 'float32') {
    return { shape, type, fill: type === 'int64' ? new Array<number>(size).fill(0) : 'bits' };
  }
  if (typeof how === 'string' || how === undefined) return { shape, type, fill: how ?? 'normal' };
  return how.length === 0 ? { shape, type } : { shape, type, fill: repeated(how, size) };
}

const repeated = (values: readonly number[], size: number): number[] =>
  Array.from({ length: size }, (_, i) => values[i % values.length]);

/** Builds it, or returns null where that is refused as it should be: by an error for people that names the subject. */
function built<Attributes>(subject: Subject<Attributes>, nodes: readonly Node[], attributes: Attributes): Node | null {
  try {
    return subject.build(nodes, attributes);
  } catch (error) {
    expect(error, `${subject.name} refuses`).toBeInstanceOf(KindredError);
    return null;
  }
}

interface Accepted {
  readonly node: Node;
  readonly feeds: ReadonlyMap<Node, Tensor>;
  readonly note: string;
}

/** Makes the names of inputs differ, because all mutations of an op run in one session. */
let made = 0;

function acceptedOrRefusedByName<Attributes>(
  subject: Subject<Attributes>,
  { inputs, attributes }: Sample<Attributes>,
): Accepted[] {
  const note = `${inputs.map(({ shape, type = 'float32' }) => `${type} [${shape}]`).join(', ')} ${JSON.stringify(attributes)}`;
  const { nodes, feeds } = inputsOf(inputs.map(fitting), 5, `${note} ${made++} `);
  try {
    const node = subject.build(nodes, attributes);
    // A position needs something to point at.
    const nowhere = inputs.some(({ shape }) => shape.includes(0)) && inputs.some(({ type }) => type === 'int64');
    return nowhere ? [] : [{ node, feeds, note }];
  } catch (error) {
    expect(error, `${note}: ${error}`).toBeInstanceOf(KindredError);
    // A function that is built from ops is refused by one of them.
    if (subject.reference === undefined) expect(String(error), note).toContain(subject.name);
    return [];
  }
}

/** Puts a symbol, then sizes, where inputs have `size` on their first axis. Returns 1 if a symbol is accepted, else 0. */
async function expectSymbolic<Attributes>(
  subject: Subject<Attributes>,
  sample: Sample<Attributes>,
  size: number,
): Promise<number> {
  const resized = (shape: readonly Dimension[], to: Dimension) =>
    shape[0] === size ? [to, ...shape.slice(1)] : [...shape];
  const attributesFor = (to: Dimension): Attributes => {
    const shape = (sample.attributes as { shape?: readonly number[] }).shape;
    return shape === undefined ? sample.attributes : { ...sample.attributes, shape: resized(shape, to) };
  };
  const leaves = (to: Dimension): Node[] =>
    sample.inputs.map(({ shape, type }, i) => input(`x${i}`, resized(shape, to), type ?? 'float32'));
  const inputs = leaves('batch');
  const symbolic = built(subject, inputs, attributesFor('batch'));
  if (symbolic === null) return 0;
  // Positions that are listed one by one do not say what more of them would be.
  const listed = sample.inputs.some(({ shape, type, fill: how }) => type === 'int64' && how && shape[0] === size);
  // Not every op is defined over no values at all. And ONNX Runtime itself fails at times: its TopK ends the process
  // unless the shape is known, and a transposed product of 0 matrices with 1 finds the shapes wrong.
  const none = symbolic.shape.includes('batch') && !['topK', 'matmul'].includes(subject.name) ? [0] : [];
  const program = await compileOnnx([symbolic], { contrib: false });
  for (const to of [...none, ...(listed ? [size] : [size + 1, size + 3])]) {
    const random = Random.seeded(11 + to);
    const feeds = sample.inputs.map(({ shape: old, type = 'float32', fill: how }) => {
      const shape = resized(old, to) as number[];
      const count = shape.reduce((a, b) => a * b, 1);
      if (typeof how === 'string' || how === undefined) return fill({ shape, type, fill: how ?? 'normal' }, random);
      return fill({ shape, type, fill: how.length === 0 ? 'normal' : repeated(how, count) }, random);
    });
    const places = leaves(to);
    const concrete = subject.build(places, attributesFor(to));
    const [expected] = evaluate([concrete], new Map(places.map((place, i) => [place, feeds[i]])));
    const [actual] = await program.run(new Map(inputs.map((each, i) => [each, feeds[i]])));
    expectClose(actual, expected, { note: `${JSON.stringify(sample)} with ${to}` });
  }
  await program.release();
  return 1;
}
