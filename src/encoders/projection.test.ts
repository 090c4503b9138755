import { describe, expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { expectClose } from '../../test/laws/compare.ts';
import { evaluate } from '../graph/evaluate.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import { Program } from '../onnx/program.ts';
import { trace } from './encoder.ts';
import { exportEncoder } from './export.ts';
import { identity } from './identity.ts';
import { mlp } from './mlp.ts';
import { withProjection } from './projection.ts';

test('a head of two layers, by hand', () => {
  const x = input('x', [2, 4]);
  const { embeddings, below, parameters } = trace(withProjection(identity(), { hidden: [2], dimension: 1 }), x, {
    training: true,
  });
  const values: Record<string, number[]> = {
    'projection.hidden1.weight': [1, 0, 0, 1, 1, 1, 0, 0],
    'projection.hidden1.bias': [-5, 1],
    'projection.last.weight': [3, 2],
    'projection.last.bias': [-1],
  };
  expect(parameters.map(({ name }) => name)).toEqual(Object.keys(values));
  const feeds = new Map<Node, Tensor>([[x, tensor([2, 4], [1, 2, 3, 4, 0, 0, 0, 7])]]);
  for (const { node, name, shape } of parameters) feeds.set(node, tensor(shape, values[name]));
  const [z, h] = evaluate([embeddings, below as Node], feeds);
  // The root of 4 doubles them: (2, 4, 6, 8) gives relu(2 + 6 - 5, 4 + 6 + 1) = (3, 11), and 9 + 22 - 1. Nothing but biases: (0, 1).
  expectClose(z, tensor([2, 1], [30, 1]));
  expectClose(h, tensor([2, 4], [1, 2, 3, 4, 0, 0, 0, 7]));
});

describe('layers and sizes', () => {
  const x = input('x', [6, 5]);
  test.each([
    [[], ['projection.last'], []],
    [[7], ['projection.hidden1', 'projection.last'], []],
    [[7, 4], ['projection.hidden1', 'projection.hidden2', 'projection.last'], []],
  ])('hidden %j', (hidden, layers) => {
    const head = trace(withProjection(identity(), { hidden, dimension: 3 }), x, { training: true });
    expect(head.parameters.map(({ name }) => name)).toEqual(
      layers.flatMap((name) => [`${name}.weight`, `${name}.bias`]),
    );
    const sizes = [5, ...hidden, 3];
    expect(head.parameters.filter((_, i) => i % 2 === 0).map(({ shape }) => shape)).toEqual(
      layers.map((_, i) => [sizes[i], sizes[i + 1]]),
    );
    expect(head.embeddings.shape).toEqual([6, 3]);
  });

  test('with a norm, scales and offsets are told from weights, and the batch has statistics', () => {
    const { parameters, statistics } = trace(withProjection(identity(), { hidden: [7], norm: true }), x, {
      training: true,
    });
    expect(parameters.flatMap(({ name, tags }) => tags.map((tag) => `${name} ${tag}`))).toEqual([
      'projection.hidden1.bias bias',
      'projection.hidden1.norm.scale norm',
      'projection.hidden1.norm.offset norm',
      'projection.hidden1.norm.offset bias',
      'projection.last.bias bias',
    ]);
    expect(statistics.map(({ name }) => name)).toEqual([
      'projection.hidden1.norm.mean',
      'projection.hidden1.norm.variance',
    ]);
  });
});

test('the exported model gives h: the same file as that of the encoder alone', async () => {
  const encoder = mlp({ hidden: [6], dimension: 4 });
  const x = input('x', ['batch', 5]);
  const { parameters } = trace(withProjection(encoder), input('x', [3, 5]), { training: true });
  const weights = new Map(
    parameters.map(({ name, shape }, i) => [
      name,
      Float32Array.from(
        normals(
          1,
          shape.reduce((a, b) => a * b),
          i + 1,
        ),
      ),
    ]),
  );
  const [alone, headed] = [encoder, withProjection(encoder)].map((each) => exportEncoder(each, x, weights));
  expect(headed).toEqual(alone);
  const program = await Program.compile(headed, { threads: 1 });
  const { embeddings } = await program.run({ x: { shape: [2, 5], data: Float32Array.from(normals(2, 5, 3)) } });
  expect(embeddings.shape).toEqual([2, 4]);
  await program.release();
});

test('what does not fit is refused', () => {
  expect(() => withProjection(identity(), { dimension: 0 })).toThrow(/dimension/);
});
