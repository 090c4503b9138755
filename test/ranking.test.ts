import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listsByQuery } from '../src/batches/lists-by-query.ts';
import { readLists } from '../src/cli/rank-lists.ts';
import { Random } from '../src/core/random.ts';
import { Embedder } from '../src/encoders/embedder.ts';
import { feedOf } from '../src/encoders/feed-of.ts';
import { listAttention } from '../src/encoders/list-attention.ts';
import { lambdaLoss } from '../src/losses/lambda-loss.ts';
import { ModelProtoSchema } from '../src/onnx/onnx_pb.ts';
import { adam } from '../src/optimizers/adam.ts';
import { readSvmlight } from '../src/readers/svmlight.ts';
import { readRecipe } from '../src/recipes/read.ts';
import { recipeSchema } from '../src/recipes/schema.ts';
import type { Checkpoint } from '../src/runs/checkpoints.ts';
import { openRun, readJson, runFiles } from '../src/runs/files.ts';
import type { RunMetrics } from '../src/runs/metrics.ts';
import { readQueries } from '../src/runs/queries.ts';
import { openIndex } from '../src/search/saved.ts';
import { fit } from '../src/train/fit.ts';
import { type RunEvent, trainRecipe } from '../src/train/run.ts';

const root = mkdtempSync(join(tmpdir(), 'kindred-ranking-'));
afterAll(() => rmSync(root, { recursive: true }));
const QUERIES = 60;

/** Lists of two to seven items with five features; what is worth most has the largest sum of the first two. */
function writeLists(path: string): void {
  const random = Random.seeded(7);
  const lines: string[] = [];
  for (let query = 0; query < QUERIES; query++) {
    for (let i = 2 + random.integer(6); i > 0; i--) {
      const features = Array.from({ length: 5 }, () => random.normal());
      const grade = Math.max(0, Math.min(4, Math.round(2 + features[0] + features[1])));
      lines.push(`${grade} qid:q${query} ${features.map((value, k) => `${k + 1}:${value.toFixed(4)}`).join(' ')}`);
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

const svm = join(root, 'lists.svm');
beforeAll(() => writeLists(svm));

async function train(out: string, parts: object, options: { resume?: true } = {}): Promise<RunEvent[]> {
  const recipe = recipeSchema.parse({
    version: 1,
    data: {
      reader: 'files',
      items: { kind: 'svmlight', path: svm },
      policy: 'keep',
      split: { by: 'query', validation: 0.2, test: 0.3 },
    },
    batches: { name: 'lists-by-query', queries: 8 },
    encoder: { name: 'identity' },
    objective: { loss: { name: 'list-softmax' } },
    optimizer: [{ name: 'adam', rate: 0.05 }],
    steps: 60,
    ...parts,
  });
  const events: RunEvent[] = [];
  const resolved = { name: 'ranking', recipe };
  for await (const event of trainRecipe({ recipe: resolved, out, threads: 1, ...options })) events.push(event);
  return events;
}

const metricsOf = (out: string) => readJson<RunMetrics>(runFiles(out).metrics);
const scored = async (out: string, path: string, options = {}) => {
  const ranker = await Embedder.open(runFiles(out).ranker, { threads: 1 });
  const lists = await readLists(path, { recipe: openRun(out).recipe, features: 5 }, options, { seed: 1 });
  const scores = await ranker.score(feedOf(lists.items), lists);
  await ranker.release();
  return { ...lists, scores };
};

describe('a linear ranker of graded lists', () => {
  const out = join(root, 'linear');
  let events: RunEvent[];
  beforeAll(async () => {
    events = await train(out, { evaluate: { every: 30, lists: { gain: 'linear', empty: 0 } } });
  });

  test('learns what is worth most, which no single feature tells', () => {
    const metrics = metricsOf(out);
    expect(metrics).toMatchObject({
      measure: 'ranking',
      relation: 'lists',
      queries: 18,
      rules: { gain: 'linear', ties: 'pessimistic', empty: 0 },
    });
    expect(metrics.ndcgAt10).toBeGreaterThan(0.97);
    expect(metrics.ndcgAt10).toBeGreaterThan(metrics.baseline.ndcgAt10 as number);
    expect(metrics.baseline.ndcgAt10).toBeGreaterThan(metrics.randomOrder?.ndcgAt10 as number);
    for (const name of ['ndcgAt1', 'ndcgAt3', 'ndcgAt5', 'map', 'mrr'] as const)
      expect(metrics[name]).toBeGreaterThan(0.9);
    expect(Object.keys(metrics.validation)).toEqual(['ndcgAt10', 'ndcgAt1']);
    expect(['0', '1']).toContain(String(metrics.baseline.settings.feature));
  });

  test('its steps have no distances; its looks have the main quality', () => {
    const steps = events.filter((event) => event.kind === 'step');
    expect(steps).toHaveLength(60);
    for (const step of steps) {
      expect(step).not.toHaveProperty('same');
      expect(step).not.toHaveProperty('different');
    }
    expect(events.some((event) => event.kind === 'health' && event.collapse !== undefined)).toBe(false);
  });

  test('the folder holds a model of embeddings, one of scores, and a page of lists', async () => {
    const files = runFiles(out);
    for (const path of Object.values(files)) expect(existsSync(path), path).toBe(true);
    const model = (path: string) => fromBinary(ModelProtoSchema, readFileSync(path));
    expect(model(files.model).graph?.output.map(({ name }) => name)).toEqual(['embeddings']);
    expect(model(files.ranker).graph?.output.map(({ name }) => name)).toEqual(['embeddings', 'scores']);
    expect(model(files.ranker).opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 17n]]);
    const page = readFileSync(files.report, 'utf8');
    expect(page).toContain('Lists, as they were ranked');
    expect(page).toContain('the gain is the grade');
    expect(page).not.toContain('nearest neighbours');
    expect(readQueries(out).ids.every((id) => /^q\d+$/.test(id))).toBe(true);
    const { ids } = await (await openIndex(files.index)).items();
    expect(ids.length).toBe(readFileSync(svm, 'utf8').split('\n').length - 1);
  });

  test('the score is that of the embedding by the learned weight, for new lists as well', async () => {
    writeFileSync(join(root, 'new.svm'), '0 qid:a 1:-3 2:-3\n0 qid:a 1:3 2:3\n0 qid:alone 5:1\n');
    const { scores, queryIds, lists } = await scored(out, join(root, 'new.svm'));
    expect([queryIds, [...lists]]).toEqual([
      ['a', 'alone'],
      [0, 0, 1],
    ]);
    expect(scores[1]).toBeGreaterThan(scores[0]);
  });
});

describe('lists that are to be ranked', () => {
  const out = join(root, 'linear');
  const written = (name: string, text: string) => {
    const path = join(root, name);
    writeFileSync(path, text);
    return path;
  };

  test('a table names items of the run; unknown ones are left out and listed', async () => {
    const path = written('named.csv', 'qid,doc\nfirst,3\nfirst,zzz\nsecond,0\nfirst,5\n');
    const { positions, lists, queryIds, skipped, scores } = await scored(out, path);
    expect([...positions].map(String)).toEqual(['3', '5', '0']);
    expect([[...lists], queryIds]).toEqual([
      [0, 0, 1],
      ['first', 'second'],
    ]);
    expect(skipped).toEqual([{ path: `${path}, query first`, reason: 'no item is called "zzz"' }]);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  test('a row with a feature that is no number is left out and listed, an empty list has no rows', async () => {
    const bad = await scored(out, written('nan.svm', '0 qid:a 1:nan\n0 qid:a 2:1\n'));
    expect(bad.positions).toHaveLength(1);
    expect(bad.skipped).toMatchObject([{ reason: expect.stringMatching(/nan/i) }]);
    const path = written('counted.svm', '0 1:1\n0 2:1\n');
    written('counted.svm.query', '0\n2\n');
    const { lists, queryIds } = await scored(out, path);
    expect([queryIds, [...lists]]).toEqual([
      ['0', '1'],
      [1, 1],
    ]);
    // What stands in the place of the grade is not looked at.
    const unknown = await scored(out, written('unknown.svm', '-1 qid:a 1:1\n? qid:a 2:1\n'));
    expect([unknown.positions.length, unknown.skipped]).toEqual([2, []]);
  });

  test.each([
    ['more.svm', '0 qid:a 6:1\n0 qid:a 1:1\n', {}, /5 features from index 1 are asked for/],
    ['groups.svm', '0 1:1\n1 2:1\n', {}, /no qid/],
    ['other.csv', 'x,y\n1,2\n', {}, /column of queries and one of items.*--query/],
    ['none.csv', 'query,item\na,b\n', {}, /none of the 1 .*Ids look like "0"/],
    ['missing.csv', undefined, {}, /missing\.csv/],
    ['rows.svm', '0 qid:a 1:1\n', { items: 'x.csv' }, /Leave --items out/],
  ])('%s is refused', async (name, text, options, message) => {
    const path = text === undefined ? join(root, name) : written(name, text);
    await expect(scored(out, path, options)).rejects.toThrow(message);
  });
});

describe('one table of queries, items and features', () => {
  const out = join(root, 'wide-run');
  const wide = join(root, 'wide.csv');
  const written = (name: string, rows: readonly string[]) => {
    const path = join(root, name);
    writeFileSync(path, `${rows.join('\n')}\n`);
    return path;
  };

  beforeAll(async () => {
    const rows = readFileSync(svm, 'utf8').trim().split('\n');
    const cells = rows.map((row, i) => {
      const [grade, query, ...features] = row.split(' ').map((cell) => cell.slice(cell.indexOf(':') + 1));
      return [query, `d${i}`, grade, ...features].join(',');
    });
    writeFileSync(wide, `${['query,document,grade,f1,f2,f3,f4,f5', ...cells].join('\n')}\n`);
    await train(out, {
      data: {
        reader: 'files',
        items: { kind: 'table', path: wide, columns: { id: 'document', vectors: { features: { prefix: 'f' } } } },
        relations: { kind: 'lists', path: wide },
        policy: 'keep',
      },
    });
  });

  test('is learned from', () => {
    expect(metricsOf(out).ndcgAt10).toBeGreaterThan(0.9);
  });

  test('is ranked: each row has its own features, also of items that are in two lists', async () => {
    const rows = ['q,doc,f1,f2,f3,f4,f5', 'a,x,2,2,0,0,0', 'b,x,-2,-2,0,0,0', 'a,y,0,0,0,0,0', 'b,y,0,0,0,0,0'];
    const { items, positions, lists, queryIds, scores } = await scored(out, written('new-wide.csv', rows), {
      query: 'q',
    });
    const found = [...positions].map((position, row) => [queryIds[lists[row]], items.ids[position], scores[row]]);
    expect(found.map(([query, item]) => `${query}${item}`)).toEqual(['ax', 'ay', 'bx', 'by']);
    expect(scores[0]).toBeGreaterThan(scores[1]);
    expect(scores[2]).toBeLessThan(scores[3]);
    expect(scores[1]).toBeCloseTo(scores[3], 6);
  });

  test('bad rows are left out and listed; a column that is missing, and others in number, are refused', async () => {
    const header = 'query,item,f1,f2,f3,f4,f5';
    const bad = written('bad-wide.csv', [header, 'a,x,nan,0,0,0,0', 'a,y,1,2,3,4,5', 'b,,1,1,1,1,1', 'c,z,1,,1,1,1']);
    const { queryIds, skipped, positions } = await scored(out, bad);
    expect([queryIds, positions.length]).toEqual([['a'], 1]);
    expect(skipped.map(({ path }) => path)).toEqual([
      `${bad}, line 2, column f1`,
      `${bad}, line 5, column f2`,
      `${bad}, query "b", item ""`,
    ]);
    const less = written('less-wide.csv', ['query,item,f1', 'a,x,1']);
    await expect(scored(out, less)).rejects.toThrow(/float32 of 5: vectors, float32 of 1/);
    // Without features the items are those of the run.
    const { items } = await scored(out, written('narrow.csv', ['query,item', 'a,d3', 'a,d1']));
    expect(items.count).toBeGreaterThan(100);
  });
});

test('clicks that depend on where an item stood: their propensity takes that out of what is learned', async () => {
  const random = Random.seeded(11);
  const rows: string[] = [];
  for (let query = 0; query < 500; query++) {
    const items = Array.from({ length: 6 }, () => Array.from({ length: 5 }, () => random.normal()));
    // They were shown in the order of the second feature, which is worth nothing, and each place is looked at less often.
    items.sort((a, b) => b[1] - a[1]);
    items.forEach((features, place) => {
      const propensity = 1 / (1 + place);
      const clicked = random.uniform() < propensity && random.uniform() < 1 / (1 + Math.exp(-2 * features[0]));
      rows.push(
        [`q${query}`, `d${rows.length}`, Number(clicked), propensity, ...features.map((f) => f.toFixed(4))].join(','),
      );
    });
  }
  const path = join(root, 'clicks.csv');
  writeFileSync(path, `query,document,grade,propensity,f1,f2,f3,f4,f5\n${rows.join('\n')}\n`);
  writeFileSync(join(root, 'units.svm'), '0 qid:a 1:0\n0 qid:a 1:1\n0 qid:a 2:1\n');
  const slopes: number[] = [];
  for (const propensity of ['propensity', null]) {
    const out = join(root, `clicks-${propensity}`);
    await train(out, {
      data: {
        reader: 'files',
        items: { kind: 'table', path, columns: { id: 'document', vectors: { features: { prefix: 'f' } } } },
        relations: { kind: 'lists', path, columns: { propensity } },
        policy: 'keep',
      },
      batches: { name: 'lists-by-query', queries: 64 },
      objective: { loss: { name: 'list-softmax', lists: 'by-gain' } },
      steps: 150,
    });
    const { scores } = await scored(out, join(root, 'units.svm'));
    slopes.push((scores[2] - scores[0]) / (scores[1] - scores[0]));
  }
  const [unbiased, biased] = slopes;
  expect(biased).toBeGreaterThan(0.6);
  expect(Math.abs(unbiased)).toBeLessThan(0.3);
}, 60_000);

test('self-attention over the list is trained, exported, and gives the same bits again', async () => {
  const encoder = { name: 'list-attention', dimension: 8, heads: 2, layers: 1, forward: 16, dropout: 0.2 };
  const parts = {
    encoder,
    objective: { loss: { name: 'lambda-loss' } },
    steps: 40,
    checkpoints: { every: 20, keep: 3 },
  };
  const parted = { ...parts, optimizer: [{ name: 'adam', rate: 0.01 }] };
  const [whole, again] = [join(root, 'attention'), join(root, 'again')];
  await train(whole, parted);
  await train(again, parted);
  expect(readFileSync(runFiles(again).ranker).equals(readFileSync(runFiles(whole).ranker))).toBe(true);
  const { ndcgAt10, randomOrder } = metricsOf(whole);
  expect(ndcgAt10).toBeGreaterThan(randomOrder?.ndcgAt10 as number);
  // What an item is worth depends on its list, but not on the lists that go through the model with it.
  const rows = ['0 qid:a 1:1 2:-1', '0 qid:a 1:-1 3:2', '0 qid:a 4:1'];
  writeFileSync(join(root, 'one.svm'), `${rows.join('\n')}\n`);
  writeFileSync(join(root, 'two.svm'), `${rows.join('\n')}\n0 qid:b 1:5\n0 qid:b 2:2\n`);
  writeFileSync(join(root, 'less.svm'), `${rows.slice(0, 2).join('\n')}\n`);
  const [one, two, less] = await Promise.all(
    ['one.svm', 'two.svm', 'less.svm'].map(async (name) => (await scored(whole, join(root, name))).scores),
  );
  for (let i = 0; i < 3; i++) expect(two[i]).toBeCloseTo(one[i], 4);
  expect(Math.abs(less[0] - one[0])).toBeGreaterThan(1e-4);
}, 60_000);

test('a run with noise that goes on from a checkpoint gives the weights of one that never stopped', async () => {
  const { items, relations } = await readSvmlight(svm);
  const options = {
    ...{ items, relations, steps: 6, seed: 3, threads: 1, checkpointEvery: 3 },
    batches: listsByQuery({ queries: 8 }),
    encoder: listAttention({ dimension: 8, forward: 8, layers: 1, dropout: 0.3 }),
    objective: lambdaLoss(),
    optimizer: adam({ rate: 0.01 }),
  };
  const weightsOf = async (resume?: Checkpoint) => {
    let half: Checkpoint | undefined;
    let weights: ReadonlyMap<string, Float32Array> = new Map();
    for await (const event of fit({ ...options, ...(resume && { resume }) })) {
      if (event.kind === 'checkpoint' && event.step === 3) half = event.take();
      if (event.kind === 'end') weights = event.model.weights();
    }
    return { half, weights };
  };
  const { half, weights } = await weightsOf();
  expect(weights.size).toBeGreaterThan(10);
  expect((await weightsOf(half)).weights).toEqual(weights);
});

test('preferences between what is nothing but ids: who won', async () => {
  const random = Random.seeded(3);
  const rows = Array.from({ length: 900 }, () => {
    const [a, b] = [random.integer(20), random.integer(20)];
    return a === b ? undefined : `everyone,${Math.max(a, b)},${Math.min(a, b)}`;
  });
  const path = join(root, 'preferences.csv');
  writeFileSync(path, `query,winner,loser\n${rows.filter(Boolean).join('\n')}\n`);
  const out = join(root, 'preferences');
  await train(out, {
    data: {
      reader: 'files',
      items: { kind: 'from-relations', features: 'none' },
      relations: { kind: 'preferences', path },
      policy: 'keep',
    },
    batches: { name: 'lists-by-query', queries: 1 },
    encoder: { name: 'table', dimension: 4 },
    objective: { loss: { name: 'bradley-terry', flip: 0.05 } },
    steps: 150,
  });
  const metrics = metricsOf(out);
  expect(metrics).toMatchObject({
    measure: 'preferences',
    relation: 'preferences',
    baseline: { name: 'random order' },
  });
  expect(metrics.agreement).toBeGreaterThan(0.85);
  expect(metrics.baseline.agreement).toBe(0.5);
}, 60_000);

test.each([
  [
    { objective: { loss: { name: 'list-net' }, miners: [{ name: 'hard' }] } },
    /ranks all the items of a list.*Remove objective\.miners/,
  ],
  [{ objective: { loss: { name: 'supcon' } } }, /Choose a loss over rankings/],
  [{ objective: { loss: { name: 'list-net' }, cached: { chunk: 4 } } }, /objective\.cached/],
  [{ objective: { loss: { name: 'list-net' }, memory: { size: 64 } } }, /objective\.memory/],
  [{ batches: { name: 'groups-of', groups: 2, perGroup: 2 } }, /lists-by-query/],
])('what does not go with lists is refused: %#', async (parts, message) => {
  await expect(train(join(root, 'refused'), parts)).rejects.toThrow(message);
});

test('the recipe rank, on small data of the same form', async () => {
  const folder = join(root, 'data', 'lambdarank');
  mkdirSync(folder, { recursive: true });
  const random = Random.seeded(5);
  for (const [name, lists] of [
    ['train', 60],
    ['test', 20],
  ] as const) {
    const rows: string[] = [];
    const counts = Array.from({ length: lists }, () => 4 + random.integer(8));
    for (const count of counts) {
      for (let i = 0; i < count; i++) {
        const [a, b] = [random.normal(), random.normal()];
        const grade = Math.max(0, Math.min(4, Math.round(1 + 2 * a - 2 * b)));
        rows.push(`${grade} 7:${a.toFixed(3)} 120:${b.toFixed(3)} 300:${random.normal().toFixed(3)}`);
      }
    }
    writeFileSync(join(folder, `rank.${name}`), `${rows.join('\n')}\n`);
    writeFileSync(join(folder, `rank.${name}.query`), `${counts.join('\n')}\n`);
  }
  const out = join(root, 'small-rank');
  const before = process.env.KINDRED_DATA;
  process.env.KINDRED_DATA = join(root, 'data');
  try {
    for await (const _ of trainRecipe({ recipe: readRecipe('rank', ['steps=100']), out, threads: 1 }));
  } finally {
    if (before === undefined) delete process.env.KINDRED_DATA;
    else process.env.KINDRED_DATA = before;
  }
  const metrics = metricsOf(out);
  expect(metrics).toMatchObject({ queries: 20, rules: { gain: 'exponential', ties: 'pessimistic', empty: 1 } });
  for (const name of ['ndcgAt1', 'ndcgAt3', 'ndcgAt5', 'ndcgAt10'] as const) expect(metrics[name]).toBeGreaterThan(0.6);
  expect(metrics.ndcgAt10).toBeGreaterThan(metrics.baseline.ndcgAt10 as number);
}, 60_000);

const queries =
  process.env.KINDRED_DATA === undefined ? undefined : join(process.env.KINDRED_DATA, 'lightgbm-lambdarank');
const present = queries !== undefined && existsSync(queries);
if (!present)
  console.log('The recipe rank is not tested: KINDRED_DATA does not name a folder with lightgbm-lambdarank.');

test.skipIf(!present)(
  'the recipe rank: beyond the thresholds of LightGBM for these queries',
  async () => {
    const out = join(root, 'rank');
    for await (const _ of trainRecipe({ recipe: readRecipe('rank'), out, threads: 1 }));
    const metrics = metricsOf(out);
    expect(metrics.queries).toBe(50);
    expect(metrics.ndcgAt1).toBeGreaterThan(0.5674);
    expect(metrics.ndcgAt3).toBeGreaterThan(0.578);
    expect(metrics.ndcgAt10).toBeGreaterThan(metrics.baseline.ndcgAt10 as number);
  },
  60_000,
);
