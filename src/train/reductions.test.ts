import { Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { groupsOf } from '../batches/groups-of.ts';
import { matrix } from '../core/matrix.ts';
import { Embedder } from '../encoders/embedder.ts';
import { exportEncoder } from '../encoders/export.ts';
import { exportedInput } from '../encoders/feed.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { mlp } from '../encoders/mlp.ts';
import { towers } from '../encoders/towers.ts';
import { triplet } from '../losses/triplet.ts';
import { random as randomNegatives } from '../miners/random.ts';
import { adam } from '../optimizers/adam.ts';
import { groups } from '../relations/groups.ts';
import type { Items } from '../relations/items.ts';
import { fit } from './fit.ts';
import { reductionsOf } from './reductions.ts';

const [N, D, TRAINED] = [60, 6, 40];
/** Columns of different sizes that hang together. */
const mixing = normals(D, D, 7);
const rows = Array.from({ length: N }, (_, i) => {
  const z = normals(1, D, 100 + i).map((value, k) => value * (D - k));
  return Array.from({ length: D }, (_, k) => 3 + z.reduce((sum, value, j) => sum + value * mixing[j * D + k], 0));
});
const items: Items = {
  count: N,
  ids: rows.map((_, i) => `${i}`),
  modalities: { v: { kind: 'vector', ...matrix(N, D, Float32Array.from(rows.flat())) } },
};
const positions = Int32Array.from({ length: TRAINED }, (_, i) => i);

/** Principal components by the whole covariance in float64: `[row][component]` of all items. */
function byHand(k: number, { whiten, scaled }: { whiten: boolean; scaled: boolean }): number[][] {
  const train = rows.slice(0, TRAINED);
  const mean = Array.from({ length: D }, (_, c) => train.reduce((sum, row) => sum + row[c], 0) / TRAINED);
  const deviation = mean.map((m, c) =>
    scaled ? Math.sqrt(train.reduce((sum, row) => sum + (row[c] - m) ** 2, 0) / TRAINED) : 1,
  );
  const centred = (row: number[]) => row.map((value, c) => (value - mean[c]) / deviation[c]);
  const x = new Dense(train.map(centred));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(x.transpose().mmul(x).div(TRAINED), {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]).slice(0, k);
  return rows.map((row) =>
    order.map(
      (c) =>
        centred(row).reduce((sum, value, j) => sum + value * eigenvectorMatrix.get(j, c), 0) /
        (whiten ? Math.sqrt(realEigenvalues[c]) : 1),
    ),
  );
}

const close = (found: ArrayLike<number>, wanted: number[][]) => {
  const k = wanted[0].length;
  for (let c = 0; c < k; c++) {
    // A component may point either way.
    const sign = Math.sign(found[c] * wanted[0][c]);
    for (const [i, row] of wanted.entries()) expect(found[i * k + c]).toBeCloseTo(sign * row[c], 3);
  }
};

test.each([
  { whiten: false, scaled: false },
  { whiten: true, scaled: false },
  { whiten: false, scaled: true },
  { whiten: true, scaled: true },
])('the exported file takes raw vectors and reduces them, as by hand: %o', async ({ whiten, scaled }) => {
  const k = 3;
  const encoder = mlp({ hidden: [], dimension: k, pca: k, whiten, standardise: scaled, unitNorm: false });
  const reductions = await reductionsOf(items, encoder, { positions, seed: 1 });
  const feed = feedOf(items, { encoder, trained: positions, reductions });
  const identity = Float32Array.from({ length: k * k }, (_, i) => Number(i % (k + 1) === 0));
  const weights = new Map([
    ['head.weight', identity],
    ['head.bias', new Float32Array(k)],
  ]);
  const model = await Embedder.open(exportEncoder(feed.around(encoder), exportedInput(feed.input, 'batch'), weights), {
    threads: 1,
  });
  expect(model.input).toEqual({ name: 'vectors', type: 'float32', shape: [D] });
  const { data } = await model.embed(feed);
  await model.release();
  close(data, byHand(k, { whiten, scaled }));
  if (whiten) {
    for (let c = 0; c < k; c++) {
      const squares = Array.from(positions, (i) => data[i * k + c] ** 2);
      expect(squares.reduce((a, b) => a + b, 0) / TRAINED).toBeCloseTo(1, 3);
    }
  }
});

test('trained end to end: the model from raw vectors is its layer on components by hand', async () => {
  const labels = Int32Array.from({ length: N }, (_, i) => i % 4);
  const encoder = mlp({ hidden: [], dimension: 2, pca: 4, unitNorm: false });
  for await (const event of fit({
    ...{ items, positions, encoder },
    relations: groups({ labels, names: ['a', 'b', 'c', 'd'] }),
    batches: groupsOf({ groups: 4, perGroup: 3 }),
    objective: triplet({ margin: 0.2 }).mining(randomNegatives()),
    optimizer: adam({ rate: 0.01 }),
    ...{ steps: 5, seed: 1, threads: 1 },
  })) {
    if (event.kind !== 'end') continue;
    const weights = event.model.weights();
    const [weight, bias] = ['head.weight', 'head.bias'].map((name) => weights.get(name) as Float32Array);
    expect(weight.length).toBe(8);
    const { components } = (await reductionsOf(items, encoder, { positions, seed: 1 })).v;
    const hand = byHand(4, { whiten: false, scaled: true });
    // Signs as ours were found: those of the products with the components themselves.
    const model = await Embedder.open(event.model.onnx(), { threads: 1 });
    const { data } = await model.embed(event.model.feed);
    await model.release();
    const probe = mlp({ hidden: [], dimension: 4, pca: 4, unitNorm: false });
    const feed = event.model.feed;
    const identity = Float32Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0));
    const plain = await Embedder.open(
      exportEncoder(
        feed.around(probe),
        exportedInput(feed.input, 'batch'),
        new Map([
          ['head.weight', identity],
          ['head.bias', new Float32Array(4)],
        ]),
      ),
      { threads: 1 },
    );
    const coordinates = await plain.embed(feed);
    await plain.release();
    expect(components.rows).toBe(4);
    close(coordinates.data, hand);
    for (let i = 0; i < N; i++) {
      for (let d = 0; d < 2; d++) {
        let sum = bias[d];
        for (let c = 0; c < 4; c++) sum += coordinates.data[4 * i + c] * weight[2 * c + d];
        expect(data[2 * i + d]).toBeCloseTo(sum, 3);
      }
    }
  }
});

test('towers reduce each for itself, by the items that have the vectors; what is no vector is refused', async () => {
  const other = matrix(N, 2, Float32Array.from(normals(N, 2, 3)));
  for (let i = 0; i < 20; i++) other.data.fill(Number.NaN, 2 * i, 2 * i + 2);
  const both = { ...items, modalities: { ...items.modalities, w: { kind: 'vector' as const, ...other } } };
  const encoder = towers({ towers: { v: mlp({ pca: 2 }), w: mlp({ pca: 5 }) } });
  const found = await reductionsOf(both, encoder, { positions, seed: 1 });
  // Of two columns there are two.
  expect([found.v.components.rows, found.w.components.rows]).toEqual([2, 2]);
  expect(found.w.variances.every(Number.isFinite)).toBe(true);
  const texts = { ...items, modalities: { v: { kind: 'text' as const, texts: items.ids } } };
  await expect(reductionsOf(texts, mlp({ pca: 2 }), { positions, seed: 1 })).rejects.toThrow(/those of vectors: v of/);
  expect(await reductionsOf(items, mlp(), { positions, seed: 1 })).toEqual({});
  const same = { ...items, modalities: { v: { kind: 'vector' as const, ...matrix(N, D) } } };
  await expect(reductionsOf(same, mlp({ pca: 2 }), { positions, seed: 1 })).rejects.toThrow(/all equal/);
});
