import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { readData } from '../recipes/data.ts';
import { recipeSchema } from '../recipes/schema.ts';
import { runFiles } from '../runs/files.ts';
import { clustered } from './clustered.ts';
import { type RunEvent, trainRecipe } from './run.ts';

// Items in clouds of ten, linked within their cloud, and sometimes with the one beside it.
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kindred-clustered-'));
  const random = Random.seeded(5);
  const items = Array.from({ length: 120 }, (_, i) => {
    const numbers = Array.from({ length: 4 }, (_, k) => (Math.floor(i / 10) % (k + 2)) + 0.3 * random.normal());
    return `${i},${numbers.join(',')}`;
  });
  writeFileSync(join(root, 'items.csv'), `id,x1,x2,x3,x4\n${items.join('\n')}\n`);
  const links = Array.from({ length: 900 }, () => {
    const from = random.integer(120);
    const away = random.integer(12) === 0 ? 10 : 0;
    return [from, (from - (from % 10) + away + random.integer(10)) % 120, 1 + random.integer(5)];
  });
  const once = new Map(links.filter(([a, b]) => a < b).map((row) => [`${row[0]} ${row[1]}`, row.join(',')]));
  writeFileSync(join(root, 'links.csv'), `from,to,weight\n${[...once.values()].join('\n')}\n`);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const recipeOf = (parts: object) =>
  recipeSchema.parse({
    version: 1,
    data: {
      reader: 'files',
      items: { kind: 'table', path: join(root, 'items.csv'), columns: { id: 'id', vectors: { x: { prefix: 'x' } } } },
      relations: { kind: 'graph', path: join(root, 'links.csv') },
      split: { by: 'item', validation: 0.15, test: 0.3 },
    },
    encoder: { name: 'mlp', dimension: 8, hidden: [16] },
    optimizer: [{ name: 'adam', rate: 0.01 }],
    steps: 12,
    ...parts,
  });

async function run(name: string, parts: object) {
  const out = join(root, name);
  const events: RunEvent[] = [];
  for await (const event of trainRecipe({ recipe: { recipe: recipeOf(parts), name }, out, threads: 1 } as never)) {
    events.push(event);
  }
  return { events, metrics: JSON.parse(readFileSync(runFiles(out).metrics, 'utf8')) };
}

const triplets = { loss: { name: 'triplet', margin: 0.5 }, miners: [{ name: 'semi-hard' }] };
const clusters = { method: 'affinity', maximum: 12 };

test('sibling negatives from end to end: the share that survives is told each step and in metrics.json', async () => {
  const { events, metrics } = await run('siblings', {
    ...{ clusters, batches: { name: 'siblings', anchors: 16 }, objective: triplets },
  });
  const shares = events.flatMap((event) => (event.kind === 'step' ? [event.survivingNegatives as number] : []));
  expect(shares).toHaveLength(12);
  expect(metrics.survivingNegatives).toBeCloseTo(shares.reduce((a, b) => a + b, 0) / 12, 12);
  expect(metrics.survivingNegatives).toBeGreaterThan(0);
  expect(metrics).toMatchObject({ relation: 'graph', measure: 'retrieval', sharedItems: false });
}, 60_000);

test('clusters are learned as groups by sampled softmax, and judged by the links', async () => {
  const { metrics } = await run('classes', {
    clusters: { ...clusters, learn: 0 },
    batches: { groups: 4, perGroup: 4 },
    objective: { loss: { name: 'sampled-softmax' }, classes: { samples: 4, rate: 0.1 } },
  });
  expect(metrics).toMatchObject({ relation: 'graph', measure: 'retrieval', sharedItems: false });
  expect(metrics).not.toHaveProperty('survivingNegatives');
}, 60_000);

test.each([{ method: 'affinity' }, { method: 'louvain' }, { method: 'k-means', branches: 3 }])(
  'nothing of what is held back is in a cluster, or decides one: %o',
  async (clusters) => {
    const recipe = recipeOf({ clusters, batches: { name: 'siblings', anchors: 4 }, objective: triplets });
    const data = await readData(recipe.data, { seed: 1 });
    const { tree } = await clustered(recipe, data, 1);
    const trained = new Set(data.parts.train.items);
    for (const level of tree?.levels ?? []) {
      level.forEach((cluster, item) => {
        if (!trained.has(item)) expect(cluster).toBe(-1);
      });
    }
    expect(tree?.levels[0].some((cluster) => cluster >= 0)).toBe(true);
    // The same where the features of the others are gone.
    const { train } = data.parts;
    const x = data.items.modalities.x as { kind: 'vector'; data: Float32Array; columns: number; rows: number };
    const wiped = { ...x, data: x.data.map((value, i) => (trained.has(Math.floor(i / x.columns)) ? value : 0)) };
    const items = { ...data.items, modalities: { x: wiped } } as unknown as typeof data.items;
    expect((await clustered(recipe, { items, parts: { ...data.parts, train } }, 1)).tree).toEqual(tree);
  },
);

test('a level that is not there is refused', async () => {
  const recipe = recipeOf({
    clusters: { ...clusters, learn: 7 },
    batches: { groups: 4, perGroup: 4 },
    objective: triplets,
  });
  const data = await readData(recipe.data, { seed: 1 });
  await expect(clustered(recipe, data, 1)).rejects.toThrow(/a level, from 0 to 2: clusters\.learn 7/);
});
