import { describe, expect, test } from 'vitest';
import { countOf, declared } from '../../test/declared.ts';
import { expectClose, finiteDifferences, runOnnx } from '../../test/laws/compare.ts';
import { naiveConvolution, naiveLinear, naiveNorm, naiveRelu, naiveUnit } from '../../test/naive-layers.ts';
import { groupsOf } from '../batches/groups-of.ts';
import { evaluate } from '../graph/evaluate.ts';
import { gradients } from '../graph/gradient.ts';
import { input } from '../graph/ops/input.ts';
import { sizeOf } from '../graph/shape.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import { supCon } from '../losses/supcon.ts';
import { adam } from '../optimizers/adam.ts';
import { groups } from '../relations/groups.ts';
import { itemsOf } from '../relations/items.ts';
import { fit } from '../train/fit.ts';
import { trace } from './encoder.ts';
import { inception } from './inception.ts';

const colour = (size: number) => input('x', ['batch', size, size, 3]);

/** By hand, from FaceNet's table 2: 1x1 | reduce, 3x3 | reduce, 5x5 | pool. 0: there is none. */
const nn2 = [
  [64, 96, 128, 16, 32, 32],
  [64, 96, 128, 32, 64, 64],
  [0, 128, 256, 32, 64, 0],
  [256, 96, 192, 32, 64, 128],
  [224, 112, 224, 32, 64, 128],
  [192, 128, 256, 32, 64, 128],
  [160, 144, 288, 32, 64, 128],
  [0, 160, 256, 64, 128, 0],
  [384, 192, 384, 48, 128, 128],
  [384, 192, 384, 48, 128, 128],
];

/** And from OpenFace's definition of nn4.small2. */
const small = [...nn2.slice(0, 4), nn2[7], [256, 96, 384, 0, 0, 96], [256, 96, 384, 0, 0, 96]];

function counted(table: readonly (readonly number[])[]) {
  let weights = 49 * 3 * 64 + 64 * 64 + 9 * 64 * 192;
  let channels = 64 + 64 + 192;
  let from = 192;
  for (const [one, before3, three, before5, five, pool] of table) {
    weights += from * (one + before3 + before5 + pool) + 9 * before3 * three + 25 * before5 * five;
    channels += one + before3 + three + before5 + five + pool;
    from = one + three + five + (pool === 0 ? from : pool);
  }
  return { weights: weights + from * 128 + 128, channels, features: from };
}

test('NN2 has 7.5 million weights, within 1 %, and nn4-small half of them', () => {
  const whole = counted(nn2);
  expect(whole.features).toBe(1024);
  for (const count of [whole.weights, whole.weights + 2 * whole.channels]) {
    expect(Math.abs(count / 7.5e6 - 1)).toBeLessThan(0.01);
  }
  expect(countOf(inception({ net: 'nn2' }), colour(224))).toBe(whole.weights + 2 * whole.channels);
  const half = counted(small);
  expect(half.features).toBe(736);
  expect(countOf(inception(), colour(96))).toBe(half.weights + 2 * half.channels);
  // What OpenFace states of its nets counts a bias for each convolution, too.
  expect(whole.weights + 3 * whole.channels).toBe(7_472_144);
  expect(half.weights + 3 * half.channels).toBe(3_733_968);
});

test.each([
  ['nn2', 224],
  ['nn4-small', 96],
  ['nn4-small', 33],
  ['nn2', 1],
] as const)('%s takes square pictures of side %d', (net, size) => {
  const { embeddings } = trace(inception({ net, width: 0.02, dimension: 5 }), colour(size));
  expect(embeddings.shape).toEqual(['batch', 5]);
});

/** Each 3x3 window, with nothing outside of the picture. */
function naivePool(x: Tensor, how: 'max' | 'l2', stride: number): Tensor {
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [height, width].map((size) => Math.floor((size - 1) / stride) + 1);
  const data: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let c = 0; c < channels; c++) {
          const seen: number[] = [];
          for (const i of [-1, 0, 1])
            for (const j of [-1, 0, 1]) {
              const [y, z] = [row * stride + i, column * stride + j];
              if (y >= 0 && y < height && z >= 0 && z < width)
                seen.push(x.data[((n * height + y) * width + z) * channels + c]);
            }
          const squares = seen.reduce((sum, value) => sum + value * value, 0);
          data.push(how === 'max' ? Math.max(...seen) : Math.sqrt(squares / seen.length));
        }
  return tensor([batch, rows, columns, channels], data);
}

function joined(parts: readonly Tensor[]): Tensor {
  const [batch, height, width] = parts[0].shape;
  const places = Array.from({ length: batch * height * width }, (_, place) =>
    parts.flatMap(({ shape: [, , , c], data }) => [...data.slice(place * c, (place + 1) * c)]),
  );
  return tensor([batch, height, width, places[0].length], places.flat());
}

/** The net as loops, with the averages of its norms; `l2` are the blocks of that pooling. */
function naive(x: Tensor, known: (name: string) => Tensor, net: 'nn2' | 'nn4-small'): Tensor {
  const layer = (name: string, from: Tensor, size: number, stride = 1) => {
    const filtered = naiveConvolution(from, known(`${name}.conv.weight`), { stride, padding: (size - 1) / 2 });
    const affine = { scale: known(`${name}.norm.scale`), offset: known(`${name}.norm.offset`) };
    const [mean, variance] = ['mean', 'variance'].map((what) => known(`${name}.norm.${what}`).data);
    return naiveRelu(naiveNorm(filtered, affine, { mean, variance }));
  };
  const stem = naivePool(layer('1', x, 7, 2), 'max', 2);
  let value = naivePool(layer('2', layer('2.reduce', stem, 1), 3), 'max', 2);
  const names =
    net === 'nn2'
      ? ['3a', '3b', '3c', '4a', '4b', '4c', '4d', '4e', '5a', '5b']
      : ['3a', '3b', '3c', '4a', '4e', '5a', '5b'];
  for (const name of names) {
    const halves = name === '3c' || name === '4e';
    const seen = naivePool(value, ['3a', '3c', '4e', '5b'].includes(name) ? 'max' : 'l2', halves ? 2 : 1);
    const through = (size: number) =>
      layer(`${name}.${size}x${size}`, layer(`${name}.${size}x${size}.reduce`, value, 1), size, halves ? 2 : 1);
    value = joined([
      ...(halves ? [] : [layer(`${name}.1x1`, value, 1)]),
      through(3),
      ...(net === 'nn4-small' && name.startsWith('5') ? [] : [through(5)]),
      halves ? seen : layer(`${name}.pool`, seen, 1),
    ]);
  }
  const [batch, height, width, channels] = value.shape;
  const features = Array.from({ length: batch * channels }, (_, i) => {
    const [n, c] = [Math.floor(i / channels), i % channels];
    let sum = 0;
    for (let at = 0; at < height * width; at++) sum += value.data[(n * height * width + at) * channels + c];
    return sum / (height * width);
  });
  return naiveUnit(naiveLinear(tensor([batch, channels], features), known('head.weight'), known('head.bias')));
}

describe.each(['nn2', 'nn4-small'] as const)('%s', (net) => {
  const encoder = inception({ net, width: 0.02, dimension: 6 });

  test('equals loops; ONNX Runtime equals both', async () => {
    const { embeddings, feeds, known, given } = declared(encoder, input('x', [2, 37, 41, 3]), {
      training: false,
      seed: 2,
    });
    const expected = naive(given, known, net);
    expectClose(evaluate([embeddings], feeds)[0], expected, { relative: 1e-8, absolute: 1e-8 });
    for (const contrib of [true, false]) {
      expectClose((await runOnnx([embeddings], feeds, { contrib }))[0], expected, { absolute: 1e-4 });
    }
  });

  test('gradients in training equal finite differences', () => {
    const x = input('x', [3, 33, 33, 1]);
    const { embeddings, parameters, feeds } = declared(encoder, x, { training: true, seed: 4 });
    const up = input('up', embeddings.shape);
    const weights = tensor(
      [3, 6],
      Array.from({ length: 18 }, (_, i) => Math.sin(i + 1)),
    );
    const wanted = /^(2\.|3b\.pool|3c\.5x5|4a\.1x1|4e\.3x3|5a\.pool).*(weight|scale)$/;
    const chosen = parameters.filter(({ name, shape }) => wanted.test(name) && sizeOf(shape) < 20);
    expect(chosen.length).toBeGreaterThan(8);
    const nodes = chosen.map(({ node }) => node);
    const found = evaluate(gradients(embeddings, nodes, up), new Map([...feeds, [up, weights]]));
    for (const [i, { name }] of chosen.entries()) {
      const expected = finiteDifferences(embeddings, weights, nodes[i], feeds);
      expectClose(found[i], expected, { relative: 1e-4, absolute: 1e-6, note: name });
    }
  });
});

test('a few steps, by gradient caching too, bring pictures of the same together', async () => {
  const [count, side] = [24, 24];
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  // Stripes, wider for each class, that begin anywhere.
  const pixels = Uint8Array.from({ length: count * side * side }, (_, at) => {
    const [item, column] = [Math.floor(at / side / side), at % side];
    return 128 + 100 * Math.sin((column + item) / (1 + labels[item]));
  });
  const pictures = {
    count,
    height: side,
    width: side,
    channels: 1 as const,
    pixels,
    ids: [...labels.keys()].map(String),
  };
  const losses = async (cached?: { chunk: number }) => {
    const found: number[] = [];
    for await (const event of fit({
      items: itemsOf(pictures),
      relations: groups({ labels, names: ['a', 'b', 'c', 'd'] }),
      batches: groupsOf({ groups: 3, perGroup: 4, random: 2 }),
      encoder: inception({ width: 0.05, dimension: 8 }),
      objective: supCon({ temperature: 0.2 }),
      optimizer: adam({ rate: 0.003 }),
      steps: 12,
      seed: 1,
      threads: 1,
      ...(cached && { cached }),
    })) {
      if (event.kind === 'step') found.push(event.loss);
    }
    return found;
  };
  for (const found of [await losses(), await losses({ chunk: 7 })]) {
    expect(found).toHaveLength(12);
    expect(found.every(Number.isFinite)).toBe(true);
    expect((found[9] + found[10] + found[11]) / 3).toBeLessThan((found[0] + found[1] + found[2]) / 3);
  }
});
