import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { evaluate } from '../graph/evaluate.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import { type Encoder, initialize, trace } from './encoder.ts';
import { type Fusion, fuse, fusions } from './fusion.ts';

const sizes = { a: 3, b: 2, c: 4 };
const names = ['a', 'b', 'c'] as const;
const dimension = 5;
/** All there, some lacking, one alone, none. */
const present = [
  [1, 1, 1],
  [1, 0, 1],
  [0, 1, 0],
  [0, 0, 0],
];
const random = Random.seeded(7);
const values = names.map((name) =>
  Array.from(present, () => Array.from({ length: sizes[name] }, () => random.normal())),
);

/** What the graph gives, with all its weights by name. */
function fused(fusion: Fusion, given = values) {
  const nodes = names.map((name) => input(name, [present.length, sizes[name]]));
  const there = names.map((name) => input(`${name} there`, [present.length, 1], 'bool'));
  const encoder: Encoder = {
    name: 'fused',
    apply: (scope) =>
      fuse(
        scope,
        names.map((name, i) => ({ name, features: nodes[i], there: there[i] })),
        { fusion, dimension, bias: 0.1 },
      ),
  };
  const { embeddings, parameters } = trace(encoder, nodes[0]);
  const weights = initialize(parameters, Random.seeded(3));
  // Biases as training leaves them.
  parameters.forEach(({ tags }, i) => {
    if (tags.includes('bias')) weights[i] = weights[i].map((value, k) => value + 0.3 * Math.sin(k + i));
  });
  const feeds = new Map<Node, Tensor>();
  names.forEach((_, i) => {
    feeds.set(nodes[i], tensor([present.length, sizes[names[i]]], given[i].flat()));
    feeds.set(
      there[i],
      tensor(
        [present.length, 1],
        present.map((row) => row[i]),
      ),
    );
  });
  const byName = new Map(
    parameters.map(({ name, node, shape }, i) => {
      feeds.set(node, tensor(shape, Float64Array.from(weights[i])));
      return [name, { shape, data: weights[i] }];
    }),
  );
  const [{ data }] = evaluate([embeddings], feeds);
  return { rows: present.map((_, i) => [...data.slice(i * dimension, (i + 1) * dimension)]), weights: byName };
}

type Weights = ReturnType<typeof fused>['weights'];

/** `x W + b`, by loops. */
function affine(weights: Weights, name: string, x: readonly number[]): number[] {
  const { shape, data } = weights.get(`${name}.weight`) as { shape: readonly number[]; data: Float32Array };
  const bias = weights.get(`${name}.bias`)?.data;
  expect(shape[0]).toBe(x.length);
  return Array.from({ length: shape[1] }, (_, j) => {
    let sum = bias?.[j] ?? 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * data[i * shape[1] + j];
    return sum;
  });
}

/** The same from the formulas, one item and one number at a time. */
function naive(fusion: Fusion, weights: Weights, item: number): number[] {
  const seen = names.map((_, m) => present[item][m] === 1);
  const side = names.flatMap((_, m) => values[m][item].map((value) => (seen[m] ? value : 0)));
  if (fusion === 'concatenate') return affine(weights, 'fusion', side);
  const f = names.map((name, m) => affine(weights, `fusion.${name}`, values[m][item]));
  return Array.from({ length: dimension }, (_, j) => {
    let total = 0;
    let product = 1;
    names.forEach((_, m) => {
      if (!seen[m]) return;
      total += f[m][j];
      product *= f[m][j];
    });
    switch (fusion) {
      case 'sum':
        return total;
      case 'product':
        return product;
      case 'product-residual':
        return product + total;
      case 'gated': {
        let gated = 0;
        names.forEach((name, m) => {
          const gate = affine(weights, `fusion.${name}.gate`, side)[j];
          if (seen[m]) gated += Math.tanh(f[m][j]) / (1 + Math.exp(-gate));
        });
        return gated;
      }
      default: {
        const query = weights.get('fusion.query')?.data as Float32Array;
        const scores = f.map((row) =>
          row.reduce((sum, value, k) => sum + (Math.tanh(value) * query[k]) / Math.sqrt(dimension), 0),
        );
        const some = seen.includes(true);
        const shares = scores.map((score, m) => (some ? (seen[m] ? Math.exp(score) : 0) : 1));
        const all = shares.reduce((a, b) => a + b);
        return f.reduce((sum, row, m) => sum + (shares[m] / all) * row[j], 0);
      }
    }
  });
}

test.each(fusions)('%s equals a loop over items and modalities', (fusion) => {
  const { rows, weights } = fused(fusion);
  rows.forEach((row, item) => {
    const expected = naive(fusion, weights, item);
    for (let j = 0; j < dimension; j++) expect(row[j]).toBeCloseTo(expected[j], 9);
  });
});

test.each(fusions)('%s: what a lacking modality would have held changes nothing', (fusion) => {
  const other = values.map((rows, m) => rows.map((row, i) => (present[i][m] === 1 ? row : row.map(() => 1e6))));
  const [plain, changed] = [fused(fusion).rows, fused(fusion, other).rows];
  // Of an item without any modality attention takes the mean of what stands there: the feed puts zeros.
  const compared = fusion === 'attention' ? 3 : 4;
  expect(changed.slice(0, compared)).toEqual(plain.slice(0, compared));
});

test('factors start at the bias, so that a product of nothing but zeros is not stuck', () => {
  const nothing = values.map((rows) => rows.map((row) => row.map(() => 0)));
  const nodes = names.map((name) => input(name, [1, sizes[name]]));
  const yes = input('there', [1, 1], 'bool');
  const encoder: Encoder = {
    name: 'product',
    apply: (scope) =>
      fuse(
        scope,
        names.map((name, i) => ({ name, features: nodes[i], there: yes })),
        { fusion: 'product', dimension, bias: 0.1 },
      ),
  };
  const { embeddings, parameters } = trace(encoder, nodes[0]);
  const feeds = new Map<Node, Tensor>([[yes, tensor([1, 1], [1])]]);
  nodes.forEach((node, i) => {
    feeds.set(node, tensor(node.shape as number[], nothing[i][0]));
  });
  initialize(parameters, Random.seeded(1)).forEach((weights, i) => {
    feeds.set(parameters[i].node, tensor(parameters[i].shape, Float64Array.from(weights)));
  });
  for (const value of evaluate([embeddings], feeds)[0].data) expect(value).toBeCloseTo(0.001, 8);
});

test('a tower that does not give vectors is refused', () => {
  const node = input('x', [2, 3, 4]);
  const yes = input('there', [2, 1], 'bool');
  const encoder: Encoder = {
    name: 'deep',
    apply: (scope, x) =>
      fuse(scope, [{ name: 'film', features: x, there: yes }], { fusion: 'sum', dimension, bias: 0 }),
  };
  expect(() => trace(encoder, node)).toThrow(/vector for each item.*: 3 axes from film/);
});
