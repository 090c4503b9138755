import { writeAtomically } from '../core/files.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { Embedder } from '../encoders/embedder.ts';
import type { Feed } from '../encoders/feed.ts';
import { type BaselinePart, baselines } from '../evaluation/baselines.ts';
import type { Measurement } from '../evaluation/measure.ts';
import { profiles } from '../evaluation/profiles.ts';
import { rankingBaselines } from '../evaluation/ranking/baselines.ts';
import type { Runtime } from '../onnx/program.ts';
import type { Parts } from '../recipes/build.ts';
import type { Data } from '../recipes/data.ts';
import type { Recipe } from '../recipes/schema.ts';
import { namesOf } from '../relations/item-names.ts';
import { preprocessOf, runFiles, saveJson } from '../runs/files.ts';
import { type NamedBaseline, qualityOf, type RunMetrics } from '../runs/metrics.ts';
import { renderPage } from '../runs/page.ts';
import { type Queries, queriesOf } from '../runs/queries.ts';
import { versions } from '../runs/versions.ts';
import { saveIndex } from '../search/saved.ts';
import type { CurveEvent } from './curve.ts';
import { mustNotHaveDiverged } from './diverged.ts';
import type { FitEvent } from './fit.ts';
import { inLists, inOrder } from './in-lists.ts';
import { type DistanceJudge, embedPart, type Judge, judge, judgeScores, type ScoreJudge, scoreRows } from './judge.ts';
import { knownDigest } from './known-digest.ts';
import { lookFeatures } from './look-features.ts';
import { type Progress, Relay } from './relay.ts';
import { distanceSections, pageData, rankingSections, type Sections } from './report.ts';
import type { RunEvent } from './run.ts';

/** What the features of each kind of modality are called, which what does not learn compares. */
export const rawNames: Readonly<Record<Feed['kind'], string>> = {
  image: 'raw pixels',
  vector: 'raw vectors',
  text: 'words, tf-idf',
  audio: 'raw spectrograms',
  id: 'what is said in training',
  parts: 'raw content',
};

interface Finishing {
  readonly name: string;
  readonly recipe: Recipe;
  readonly out: string;
  readonly data: Data;
  readonly judging: Judge;
  /** Of pairs: the distance that tells same from different best on the validation part. */
  readonly threshold: number | undefined;
  readonly parts: Parts;
  readonly runtime: Runtime;
  readonly events: readonly CurveEvent[];
  readonly end: Extract<FitEvent, { kind: 'end' }>;
}

/** What was measured on the test part, beside what it is compared with. */
interface Judged {
  readonly ours: Measurement;
  readonly queries: Queries;
  readonly beside: Pick<RunMetrics, 'baseline' | 'pcaLda' | 'randomOrder'>;
  sections(metrics: RunMetrics): Sections | Promise<Sections>;
}

/** What comes after training: exports, evaluates beside the baselines, indexes all items, and writes the page. */
export async function* finishRun(run: Finishing): AsyncGenerator<RunEvent, void, void> {
  const { name, recipe, out, data, judging, parts, runtime, events, end } = run;
  const { items } = data;
  const files = runFiles(out);
  const { model } = end;

  yield { kind: 'phase', name: 'embedding' };
  const onnx = model.onnx(versions());
  writeAtomically(files.model, onnx);
  saveJson(files.preprocess, preprocessOf(model.feed));
  const embedder = await Embedder.open(onnx, runtime);
  let embeddings: Matrix;
  let judged: Judged;
  try {
    const embedding = new Relay();
    const rows = judging.by === 'scores' ? inLists(judging.relations) : undefined;
    const found = yield* embedding.during(embedder.embed(model.feed, { ...rows, progress: embedding.report }));
    embeddings = rows === undefined ? found : inOrder(found, rows.positions);
    mustNotHaveDiverged(embeddings.data, 'the embeddings');
    yield { kind: 'phase', name: 'evaluating, and fitting the baselines' };
    judged =
      judging.by === 'scores'
        ? await judgedByScores(run, judging)
        : yield* judgedByDistances(run, judging, embedder, embeddings);
  } finally {
    await embedder.release();
  }
  writeAtomically(files.queries, JSON.stringify(judged.queries));

  yield { kind: 'phase', name: 'building the index' };
  const groups = judging.relations.kind === 'groups' ? judging.relations : undefined;
  const called = namesOf(items);
  await saveIndex(files.index, {
    embeddings,
    ids: items.ids,
    ...(groups && { labels: groups.labels, names: groups.names }),
    ...(called && { called }),
    metric: 'cosine',
  });

  const last = events.findLast((event) => event.kind === 'evaluation');
  const bad = events.find((event) => event.kind === 'health' && event.collapse !== undefined);
  const collapsed = bad?.kind === 'health' && bad.collapse && { name: bad.collapse.name, step: bad.step };
  const trained = new Set(data.parts.train.items);
  const metrics: RunMetrics = {
    ...qualityOf(judged.ours, recipe.seed),
    relation: judging.relations.kind,
    sharedItems: data.parts.test.items.some((item) => trained.has(item)),
    known: knownDigest(data, judging),
    trainSeconds: end.trainSeconds,
    steps: end.steps,
    itemsPerSecond: end.itemsPerSecond,
    ...(end.truncated !== undefined && { truncated: end.truncated }),
    ...(collapsed && { collapse: collapsed }),
    plannedSteps: recipe.steps,
    seed: recipe.seed,
    threads: runtime.threads,
    parameters: model.layout.size,
    ...judged.beside,
    ...survivors(events),
    validation: last?.kind === 'evaluation' ? last.metrics : {},
  };
  yield { kind: 'phase', name: 'writing the page' };
  const page = pageData({
    ...{ name, recipe, data, judging, events, metrics, out },
    measured: judged.ours,
    encoder: parts.encoder,
    dimension: embeddings.columns,
    objective: parts.objective,
    sections: await judged.sections(metrics),
  });
  writeAtomically(files.report, await renderPage(page));
  // Last: a folder that has it is a finished run.
  saveJson(files.metrics, metrics);
  yield { kind: 'finished', metrics, files };
}

/** The mean over all steps, where batches assigned negatives. */
function survivors(events: readonly CurveEvent[]): Pick<RunMetrics, 'survivingNegatives'> {
  const shares = events.flatMap((event) => (event.kind === 'step' ? (event.survivingNegatives ?? []) : []));
  if (shares.length === 0) return {};
  return { survivingNegatives: shares.reduce((sum, share) => sum + share, 0) / shares.length };
}

async function* judgedByDistances(
  { recipe, data, threshold, parts, end: { model } }: Finishing,
  judging: DistanceJudge,
  embedder: Embedder,
  embeddings: Matrix,
): AsyncGenerator<Progress, Judged, void> {
  const { items } = data;
  const test = data.parts.test.items;
  const looks = Random.seeded(recipe.seed).split('looks');
  const embedded = judging.looks
    ? await embedPart(judging, embedder, model.feed, test, looks)
    : { embeddings: takeRows(embeddings, test) };
  const ours = await judge(judging, 'test', embedded, threshold);
  const said = model.feed.kind === 'id' ? profiles(data.parts.train.relations, recipe.seed) : undefined;
  const part = async (which: keyof Data['parts']): Promise<BaselinePart> => {
    const positions = data.parts[which].items;
    if (said !== undefined) return { features: takeRows(said, positions), ...judging.truths[which] };
    if (!judging.looks) return { features: model.feed.features(positions), ...judging.truths[which] };
    return {
      features: await lookFeatures(model.feed, positions, looks.split('one look')),
      otherLooks: await lookFeatures(model.feed, positions, looks.split('another look')),
      ...judging.truths[which],
    };
  };
  const fitting = new Relay();
  const others = yield* fitting.during(
    baselines({
      train: await part('train'),
      validation: await part('validation'),
      test: await part('test'),
      name: rawNames[model.feed.kind],
      ...(!judging.looks && model.feed.blocks && { blocks: model.feed.blocks }),
      seed: recipe.seed,
      progress: fitting.report,
    }),
  );
  const groups = judging.relations.kind === 'groups' ? judging.relations : undefined;
  return {
    ours,
    queries: queriesOf(
      { run: ours, baseline: others.raw.test },
      {
        ids: Array.from(test, (item) => items.ids[item]),
        ...(groups && { classes: Array.from(test, (item) => groups.names[groups.labels[item]]) }),
      },
    ),
    beside: {
      baseline: baselineMetrics(others.raw, recipe.seed),
      pcaLda: 'reason' in others.pcaLda ? others.pcaLda : baselineMetrics(others.pcaLda, recipe.seed),
    },
    sections: (metrics) =>
      distanceSections({
        ...{ data, judging, metrics, others, embedded },
        measured: ours,
        encoder: parts.encoder,
        seed: recipe.seed,
      }),
  };
}

async function judgedByScores(
  { recipe, data, parts, runtime, out, end: { model } }: Finishing,
  judging: ScoreJudge,
): Promise<Judged> {
  const onnx = model.ranker(versions());
  writeAtomically(runFiles(out).ranker, onnx);
  const { validation, test } = judging.truths;
  const scores = await model.using(runtime, (ranker) => scoreRows(test, ranker, model.feed), onnx);
  mustNotHaveDiverged(scores, 'the scores');
  const ours = judgeScores(judging, 'test', scores);
  const { seed } = recipe;
  const { feature, order } = rankingBaselines({
    ...{ validation, test, seed },
    rules: judging.rules,
    ...(model.feed.kind === 'vector' && { features: (positions) => model.feed.features(positions) }),
  });
  const best = feature ?? order;
  return {
    ours,
    queries: queriesOf({ run: ours, baseline: best.test }, { ids: judging.relations.queryIds }),
    beside: {
      baseline: baselineMetrics(best, seed),
      randomOrder: baselineMetrics(order, seed),
      pcaLda: { reason: 'it learns from groups alone' },
    },
    sections: (metrics) =>
      rankingSections({ ...{ data, judging, metrics, scores, seed }, measured: ours, encoder: parts.encoder }),
  };
}

function baselineMetrics(
  { name, settings, test }: Pick<NamedBaseline, 'name' | 'settings'> & { readonly test: Measurement },
  seed: number,
): NamedBaseline {
  return { name, settings, ...qualityOf(test, seed), trainSeconds: 0, steps: 0, itemsPerSecond: 0 };
}
