import { describe, expect, test } from 'vitest';
import { normals } from '../../test/laws/batch.ts';
import { groupsOf } from '../batches/groups-of.ts';
import { matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { mlp } from '../encoders/mlp.ts';
import { triplet } from '../losses/triplet.ts';
import { hard } from '../miners/hard.ts';
import { sgd } from '../optimizers/sgd.ts';
import { groups } from '../relations/groups.ts';
import type { Known } from '../relations/known.ts';
import { type FitEvent, type FitOptions, fit } from './fit.ts';
import { lookAt } from './health.ts';

const labels: Known = { kind: 'labels', labels: Int32Array.of(0, 0, 1, 1) };
const weights = Float32Array.of(3, 4);

function look(data: number[], columns: number, known: Known = labels, before = weights) {
  return lookAt({
    ...{ known, before, after: weights, gradientNorm: 2, active: 0.5, random: Random.seeded(1) },
    embeddings: matrix(data.length / columns, columns, Float32Array.from(data)),
  });
}

describe('by hand', () => {
  // Four points: two kinds, on two axes.
  const { report } = look([1, 0, 1, 0, 0, 1, 0, 1], 2);

  test('distances of pairs', () => {
    expect(report.same).toEqual([0, 0, 0]);
    expect(report.different).toEqual([2, 2, 2]);
    expect([report.norm, report.gradientNorm, report.active]).toEqual([1, 2, 0.5]);
  });

  test('rank and spread', () => {
    // The mean is (1/2, 1/2), the covariance 1/4 [[1, -1], [-1, 1]]: one direction, and half of the squared length.
    expect(report.effectiveRank).toBeCloseTo(1, 12);
    expect(report.spread).toBeCloseTo(0.5, 12);
    const square = look([1, 1, 1, -1, -1, 1, -1, -1], 2).report;
    expect([square.effectiveRank, square.spread]).toEqual([2, 1]);
  });

  test('quantiles', () => {
    const line = Array.from({ length: 101 }, (_, i) => i);
    const all: Known = {
      kind: 'triplets',
      anchor: new Int32Array(100),
      closer: Int32Array.from({ length: 100 }, (_, i) => i + 1),
      farther: Int32Array.from({ length: 100 }, () => 100),
    };
    const { report: found } = look(line, 1, all);
    expect(found.different).toEqual([10_000, 10_000, 10_000]);
    expect(Math.abs(Math.sqrt(found.same[1]) - 50)).toBeLessThan(12);
  });

  test('drift is a step’s share of the weights', () => {
    expect(look([1, 0, 0, 1, 1, 1, 0, 0], 2).report.drift).toBe(0);
    const { drift } = look([1, 0, 0, 1, 1, 1, 0, 0], 2, labels, Float32Array.of(3, 9)).report;
    expect(drift).toBeCloseTo(5 / 5, 12);
  });
});

test('pairs of lists: copies of an item and what is not known are no pairs', () => {
  const lists: Known = {
    kind: 'lists',
    same: { offsets: Int32Array.of(0, 1, 2, 2), positions: Int32Array.of(1, 0) },
    different: 'others',
    items: Int32Array.of(7, 8, 7),
  };
  const { report } = look([0, 3, 10], 1, lists);
  expect(report.same).toEqual([9, 9, 9]);
  expect(report.different).toEqual([49, 49, 49]);
});

test('a collapse is named, with what to do', () => {
  const point = Array.from(normals(40, 1, 3), (value) => 1 + 1e-4 * value);
  const known: Known = { kind: 'labels', labels: Int32Array.from({ length: 10 }, (_, i) => i % 2) };
  const { collapse } = look(point, 4, known);
  expect(collapse?.name).toBe('point');
  expect(collapse?.explanation).toMatch(/one point .*Lower the learning rate/);
  const line = Array.from({ length: 10 }, (_, i) => [i - 4.5, 2 * (i - 4.5)]).flat();
  expect(look(line, 2, known).collapse?.name).toBe('line');
});

test('what a head is given is watched too: the head can hide that it is one point', () => {
  const apart = matrix(10, 2, Float32Array.from(normals(10, 2, 3)));
  const known: Known = { kind: 'labels', labels: Int32Array.from({ length: 10 }, (_, i) => i % 2) };
  const watch = (below: number[]) =>
    lookAt({
      ...{ known, before: weights, after: weights, gradientNorm: 2, random: Random.seeded(1), embeddings: apart },
      below: matrix(10, 3, Float32Array.from(below)),
    });
  const point = watch(Array.from({ length: 30 }, (_, i) => 1 + 1e-4 * (i % 7)));
  expect(point.collapse?.name).toBe('point');
  expect(point.collapse?.explanation).toMatch(/below the head, .*one point/);
  expect(point.report.spread).toBeGreaterThan(0.5);
  expect(watch(Array.from({ length: 30 }, (_, i) => Math.floor(i / 3) * (1 + (i % 3)))).collapse?.name).toBe('line');
  const healthy = watch(Array.from(normals(10, 3, 5)));
  expect(healthy.collapse).toBeUndefined();
  // A collapse of what the objective sees is told first.
  const both = lookAt({
    ...{ known, before: weights, after: weights, gradientNorm: 2, random: Random.seeded(1) },
    ...{ embeddings: matrix(10, 2, new Float32Array(20).fill(1)), below: apart },
  });
  expect(both.collapse?.explanation).toMatch(/^all embeddings/);
});

const count = 40;
const classes = Int32Array.from({ length: count }, (_, i) => i % 10);
const options = (more: Partial<FitOptions>): FitOptions => ({
  items: {
    count,
    ids: Array.from(classes, (_, i) => String(i)),
    modalities: {
      vector: { kind: 'vector', rows: count, columns: 8, data: Float32Array.from(normals(count, 8, 2)) },
    },
  },
  relations: groups({ labels: classes, names: Array.from({ length: 10 }, (_, i) => String(i)) }),
  batches: groupsOf({ groups: 10, perGroup: 4 }),
  encoder: mlp({ hidden: [32], dimension: 16 }),
  objective: triplet({ margin: 0.2 }).mining(hard()),
  optimizer: sgd({ rate: 0.01 }),
  steps: 100,
  seed: 1,
  threads: 1,
  ...more,
});

async function all(given: FitOptions): Promise<FitEvent[]> {
  const events: FitEvent[] = [];
  for await (const event of fit(given)) events.push(event);
  return events;
}

test('healthy training is called healthy, and looked at every 20 steps', async () => {
  const looks = (await all(options({}))).filter((event) => event.kind === 'health');
  expect(looks.map(({ step }) => step)).toEqual([20, 40, 60, 80, 100]);
  expect(looks.every(({ collapse }) => collapse === undefined)).toBe(true);
});

test('training that collapses is told within 50 steps, and ends where it is asked to', async () => {
  // All weights but those of the last bias decay: whatever comes in, the same comes out.
  const point = options({
    encoder: {
      name: 'collapsing',
      apply(scope, x) {
        return mlp({ hidden: [32], dimension: 16 }).apply(scope, x);
      },
    },
    items: {
      ...options({}).items,
      modalities: {
        vector: {
          kind: 'vector',
          rows: count,
          columns: 8,
          // One item differs from all others, which are equal: nothing to tell them apart by.
          data: Float32Array.from({ length: count * 8 }, (_, i) => (i === 0 ? 1 : 0)),
        },
      },
    },
  });
  const events = await all({ ...point, health: { stop: true } });
  const told = events.find((event) => event.kind === 'health' && event.collapse !== undefined);
  expect(told).toMatchObject({ step: 20 });
  expect(events.at(-1)).toMatchObject({ kind: 'end', truncated: 'collapsed', steps: 20 });
});
