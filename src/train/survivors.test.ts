import { expect, test } from 'vitest';
import { neighbours } from '../batches/neighbours.ts';
import { siblings } from '../batches/siblings.ts';
import { matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { mlp } from '../encoders/mlp.ts';
import { triplet } from '../losses/triplet.ts';
import { semiHard } from '../miners/semi-hard.ts';
import { sgd } from '../optimizers/sgd.ts';
import { clusterTree } from '../relations/clustering/tree.ts';
import { graph } from '../relations/graph.ts';
import { fit } from './fit.ts';

const ITEMS = 60;
const random = Random.seeded(4);
const vectors = matrix(
  ITEMS,
  6,
  Float32Array.from({ length: 6 * ITEMS }, () => random.normal()),
);
const items = {
  count: ITEMS,
  ids: Array.from({ length: ITEMS }, (_, i) => `${i}`),
  modalities: { vector: { kind: 'vector' as const, ...vectors } },
};
const relations = graph({
  items: ITEMS,
  from: Int32Array.from({ length: 120 }, (_, i) => i % ITEMS),
  to: Int32Array.from({ length: 120 }, (_, i) => (i < ITEMS ? (i + 1) % ITEMS : (i + 7) % ITEMS)),
});
const tree = clusterTree([5, 15].map((size) => Int32Array.from({ length: ITEMS }, (_, i) => Math.floor(i / size))));

/** By a loop: in how many of the triplets that were drawn the nearest item farther than the positive is the one assigned. */
function naive(batch: Int32Array, embeddings: ReturnType<typeof matrix>): number {
  const linked = (a: number, b: number) =>
    relations.from.some((x, i) => (x === a && relations.to[i] === b) || (x === b && relations.to[i] === a));
  const distance = (a: number, b: number) =>
    row(embeddings, a).reduce((sum, value, k) => sum + (value - row(embeddings, b)[k]) ** 2, 0);
  let kept = 0;
  for (let i = 0; i < batch.length; i += 3) {
    let best = -1;
    for (let other = 0; other < batch.length; other++) {
      if (batch[other] === batch[i] || linked(batch[i], batch[other])) continue;
      if (distance(i, other) <= distance(i, i + 1)) continue;
      if (best < 0 || distance(i, other) < distance(i, best)) best = other;
    }
    if (best >= 0 && batch[best] === batch[i + 2]) kept++;
  }
  return (3 * kept) / batch.length;
}

test.each([
  ['siblings', undefined],
  ['siblings', { chunk: 12, tile: 7 }],
  ['neighbours', undefined],
])('the share of assigned negatives that mining keeps equals a loop: %s, cached %o', async (name, cached) => {
  const batches = name === 'siblings' ? siblings({ anchors: 9 }) : neighbours({ anchors: 9 });
  const drawn = batches({ relations, tree }, Random.seeded(3).split('batches'));
  const shares: number[] = [];
  for await (const event of fit({
    ...{ items, relations, tree, batches, cached },
    encoder: mlp({ dimension: 3, hidden: [] }),
    objective: triplet({ margin: 0.5 }).mining(semiHard()),
    // Weights that stay, so that embeddings of the end are those of each step.
    optimizer: sgd({ rate: 1e-12 }),
    steps: 4,
    seed: 3,
    threads: 1,
  })) {
    if (event.kind === 'step') shares.push(event.survivingNegatives as number);
    if (event.kind !== 'end') continue;
    const all = await event.model.embed(
      Int32Array.from({ length: ITEMS }, (_, i) => i),
      { threads: 1 },
    );
    for (const share of shares) {
      const { items: batch } = drawn.next();
      const of = matrix(batch.length, 3, Float32Array.from([...batch].flatMap((item) => [...row(all, item)])));
      expect(share).toBeCloseTo(naive(batch, of), 6);
    }
  }
  expect(shares).toHaveLength(4);
  expect(Math.max(...shares)).toBeGreaterThan(0);
  expect(Math.min(...shares)).toBeLessThan(1);
});
