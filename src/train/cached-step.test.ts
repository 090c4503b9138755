import { describe, expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { groupsOf } from '../batches/groups-of.ts';
import { Random } from '../core/random.ts';
import { conv4 } from '../encoders/conv4.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { inputNode } from '../encoders/feed.ts';
import { mlp } from '../encoders/mlp.ts';
import { withProjection } from '../encoders/projection.ts';
import { supCon } from '../losses/supcon.ts';
import { triplet } from '../losses/triplet.ts';
import { semiHard } from '../miners/semi-hard.ts';
import { formOf } from '../objective/known.ts';
import { knownFeeds } from '../objective/known-feeds.ts';
import type { Objective } from '../objective/objective.ts';
import { adam } from '../optimizers/adam.ts';
import { groups } from '../relations/groups.ts';
import type { Known } from '../relations/known.ts';
import type { Checkpoint } from '../runs/checkpoints.ts';
import { CachedStep } from './cached-step.ts';
import { type FitOptions, fit } from './fit.ts';
import { FusedStep } from './step.ts';
import { weightsOf } from './weights.ts';

const BATCH = 10;
const takes = { name: 'vectors', type: 'float32' as const, shape: [6] };
const points = Float32Array.from(normals(BATCH, 6, 4));
const known: Known = { kind: 'labels', labels: Int32Array.of(0, 0, 1, 1, 2, 2, 0, 1, 2, 3) };

const small = { batch: BATCH, points, known };

async function both(
  encoder: Encoder,
  objective: Objective,
  chunk: number,
  tile: number,
  { batch, points, known }: { batch: number; points: Float32Array; known: Known } = small,
) {
  const x = inputNode(takes, batch);
  const form = formOf(known);
  const [stage] = objective.stages;
  const make = () => {
    const { layout, statistics, start } = weightsOf(encoder, x);
    const weights = start(Random.seeded(2));
    return { layout, statistics, weights, gradients: new Float32Array(layout.size) };
  };
  const common = { encoder, form, stage, runtime: { threads: 1 } };
  const [whole, cached] = [make(), make()];
  const fused = await FusedStep.compile({ ...common, ...whole, x });
  const expected = await fused.run({ vectors: { shape: [batch, 6], data: points }, ...knownFeeds(known, form, batch) });
  await fused.release();
  const step = await CachedStep.compile({ ...common, ...cached, takes, batch, chunk, tile });
  const found = await step.run(points, known);
  await step.release();
  return { expected, found, whole: whole.gradients, cached: cached.gradients };
}

describe.each([
  ['supcon', supCon({ temperature: 0.3 })],
  ['triplet', triplet({ margin: 0.5 }).mining(semiHard())],
])('%s', (_, objective) => {
  test.each([
    [1, 1],
    [3, 4],
    [10, 10],
    [64, 1024],
  ])('in chunks of %d and tiles of %d the step is that of the whole batch', async (chunk, tile) => {
    const { expected, found, whole, cached } = await both(mlp({ hidden: [7], dimension: 4 }), objective, chunk, tile);
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    expect(found.same).toBeCloseTo(expected.same as number, 5);
    expect(found.different).toBeCloseTo(expected.different as number, 5);
    expect(Object.keys(found.shares)).toEqual(Object.keys(expected.shares));
    const largest = Math.max(...whole.map(Math.abs));
    cached.forEach((value, i) => {
      expect(Math.abs(value - whole[i])).toBeLessThan(1e-5 * largest);
    });
  });
});

test('through a head: the same gradients, of head and encoder, and the embeddings below it', async () => {
  const encoder = withProjection(mlp({ hidden: [7], dimension: 4 }), { hidden: [6, 5], dimension: 3 });
  const { expected, found, whole, cached } = await both(encoder, supCon({ temperature: 0.3 }), 3, 4);
  expect(found.loss).toBeCloseTo(expected.loss, 5);
  expect([found.embeddings.columns, found.below?.columns]).toEqual([3, 4]);
  const largest = Math.max(...whole.map(Math.abs));
  cached.forEach((value, i) => {
    expect(Math.abs(value - whole[i])).toBeLessThan(1e-5 * largest);
  });
  found.below?.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected.below?.data[i] as number, 5);
  });
});

test('the batch of FaceNet, people with 40 pictures each and random negatives, is the same in chunks', async () => {
  const [people, each, random] = [8, 40, 45];
  const batch = people * each + random;
  const labels = Int32Array.from({ length: batch }, (_, i) => Math.floor(i / each)).map((label, i) =>
    i < people * each ? label : people + i - people * each,
  );
  // Around a centre for each: where positives are nearer than negatives, rounding does not decide which are semi-hard.
  const centres = normals(people + random, 6, 9);
  const noise = normals(batch, 6, 10);
  const points = Float32Array.from(
    noise,
    (value, i) => centres[labels[Math.floor(i / 6)] * 6 + (i % 6)] + 0.05 * value,
  );
  const facenet = { batch, points, known: { kind: 'labels' as const, labels } };
  const objective = triplet({ margin: 0.5 }).mining(semiHard());
  const { expected, found, whole, cached } = await both(mlp({ hidden: [], dimension: 4 }), objective, 50, 128, facenet);
  expect(found.loss).toBeCloseTo(expected.loss, 5);
  expect(found.shares.active).toBeCloseTo(expected.shares.active as number, 5);
  expect(expected.loss).toBeGreaterThan(0.01);
  const largest = Math.max(...whole.map(Math.abs));
  cached.forEach((value, k) => {
    expect(Math.abs(value - whole[k])).toBeLessThan(1e-4 * largest);
  });
});

const count = 24;
const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
const items = {
  count,
  ids: Array.from(labels, (_, i) => String(i)),
  modalities: {
    vector: { kind: 'vector' as const, rows: count, columns: 6, data: Float32Array.from(normals(count, 6, 8)) },
  },
};
const options = (more: Partial<FitOptions>): FitOptions => ({
  items,
  relations: groups({ labels, names: ['a', 'b', 'c', 'd'] }),
  batches: groupsOf({ groups: 3, perGroup: 2 }),
  encoder: mlp({ hidden: [8], dimension: 4 }),
  objective: supCon({ temperature: 0.3 }),
  optimizer: adam({ rate: 0.01 }),
  steps: 12,
  seed: 3,
  threads: 1,
  ...more,
});

async function losses(given: FitOptions): Promise<{ losses: number[]; checkpoints: Map<number, Checkpoint> }> {
  const found: number[] = [];
  const checkpoints = new Map<number, Checkpoint>();
  for await (const event of fit(given)) {
    if (event.kind === 'step') found.push(event.loss);
    if (event.kind === 'checkpoint') checkpoints.set(event.step, event.take());
  }
  return { losses: found, checkpoints };
}

test('training with cached gradients follows training without', async () => {
  const { losses: whole } = await losses(options({}));
  const { losses: cached } = await losses(options({ cached: { chunk: 4, tile: 3 } }));
  cached.forEach((loss, i) => {
    expect(loss).toBeCloseTo(whole[i], 3);
  });
});

test.each([{}, { momentum: 0.9 }])(
  'a memory %o lends candidates once it is full, and goes on to the same bits',
  async (more) => {
    const memory = { size: 12, ...more };
    const { losses: without } = await losses(options({}));
    const { losses: whole, checkpoints } = await losses(options({ memory, checkpointEvery: 5 }));
    // Two batches fill it: the first two steps are those without.
    expect(whole.slice(0, 2).map((loss, i) => Math.abs(loss - without[i]) < 1e-5)).toEqual([true, true]);
    // More candidates, so more that could be taken for the positive.
    expect(whole[2]).toBeGreaterThan(without[2] + 0.1);
    const resume = checkpoints.get(5) as Checkpoint;
    const { losses: rest } = await losses(options({ memory, resume }));
    expect(rest).toEqual(whole.slice(5));
  },
);

test('batch norm has the statistics of a chunk', async () => {
  const pixels = {
    ...items,
    modalities: {
      image: {
        kind: 'image' as const,
        count,
        height: 16,
        width: 16,
        channels: 1 as const,
        pixels: Uint8Array.from({ length: count * 256 }, (_, i) => (i * 7919) % 251),
      },
    },
  };
  const given = options({ items: pixels, encoder: conv4({ channels: 4 }), steps: 3 });
  const { losses: whole } = await losses(given);
  const { losses: cached } = await losses({ ...given, cached: { chunk: 6 } });
  expect(cached[0]).toBeCloseTo(whole[0], 4);
  const { losses: parted } = await losses({ ...given, cached: { chunk: 2 } });
  expect(Math.abs(parted[0] - whole[0])).toBeGreaterThan(1e-4);
});

test('what cannot be cached is refused', async () => {
  await expect(losses(options({ cached: { chunk: 0 } }))).rejects.toThrow(
    /Chunks and tiles have one item or more: chunk 0/,
  );
  await expect(losses(options({ memory: { size: 0 } }))).rejects.toThrow(/A memory holds one embedding or more: 0/);
});
