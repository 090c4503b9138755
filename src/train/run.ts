import { isDeepStrictEqual } from 'node:util';
import { must } from '../core/error.ts';
import { appendLine } from '../core/files.ts';
import { Random } from '../core/random.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { lookOf } from '../evaluation/measure.ts';
import { measures } from '../evaluation/measures.ts';
import type { Device } from '../onnx/device.ts';
import type { Runtime } from '../onnx/program.ts';
import type { Skipped } from '../readers/decode.ts';
import { build } from '../recipes/build.ts';
import { type Data, readData, sourceOf } from '../recipes/data.ts';
import type { ResolvedRecipe } from '../recipes/read.ts';
import type { Recipe } from '../recipes/schema.ts';
import { inWords } from '../relations/in-words.ts';
import { clearCheckpoints, type KeptCheckpoint, lastCheckpoint, saveCheckpoint } from '../runs/checkpoints.ts';
import { makeRunFolder, runFiles, saveRecipe, unfinish } from '../runs/files.ts';
import type { RunMetrics } from '../runs/metrics.ts';
import { EventFile } from '../runs/tensorboard.ts';
import { thingsOf } from '../runs/words.ts';
import { clustered } from './clustered.ts';
import { beginCurve, type CurveEvent } from './curve.ts';
import { mustDiffer } from './differ.ts';
import { finishRun } from './finish.ts';
import { type FitEvent, fit } from './fit.ts';
import { embedPart, type Judge, judge, judgeOf, judgeScores, scoreRows } from './judge.ts';
import { knownItems } from './known-items.ts';
import { Relay } from './relay.ts';

export interface RunOptions {
  readonly recipe: ResolvedRecipe;
  /** The run folder to write. */
  readonly out: string;
  readonly maxSeconds?: number;
  readonly strict?: boolean;
  readonly threads: number;
  /** Where to compute; the processor unless given. */
  readonly device?: Device;
  readonly signal?: AbortSignal;
  /** Goes on from the last checkpoint in `out`, whose recipe this is. */
  readonly resume?: boolean;
}

/** What happens in a whole run: {@link FitEvent}s, and what comes before and after training. */
export type RunEvent =
  | FitEvent
  | {
      readonly kind: 'data';
      readonly train: number;
      readonly validation: number;
      readonly test: number;
      /** What is known of them, in words: `10 classes`. */
      readonly relations: string;
      readonly things: string;
    }
  | { readonly kind: 'skipped'; readonly skipped: readonly Skipped[]; readonly notes: readonly string[] }
  | { readonly kind: 'finished'; readonly metrics: RunMetrics; readonly files: ReturnType<typeof runFiles> };

/** Looks at the validation part in the course of training, unless the recipe says how often. */
const LOOKS = 10;

/**
 * A recipe, from reading its data to the finished run folder: trains, evaluates on the test part beside the baselines,
 * exports the model, builds the index of all pictures, and writes the page.
 */
export async function* trainRecipe(options: RunOptions): AsyncGenerator<RunEvent, void, void> {
  const { recipe, name } = options.recipe;
  const { out, threads } = options;
  const runtime: Runtime = { threads, ...(options.device && { device: options.device }) };
  const parts = await build(recipe);
  makeRunFolder(out);
  const files = runFiles(out);

  yield { kind: 'phase', name: 'reading' };
  const reading = new Relay();
  const data = yield* reading.during(
    readData(recipe.data, { seed: recipe.seed, ...(options.strict && { strict: true }), progress: reading.report }),
  );
  const { items } = data;
  const { train, validation, test } = data.parts;
  if (recipe.clusters !== undefined) yield { kind: 'phase', name: 'clustering' };
  const learning = await clustered(recipe, data, threads);
  yield {
    kind: 'data',
    train: train.items.length,
    validation: validation.items.length,
    test: test.items.length,
    relations: inWords(data.relations),
    things: thingsOf(items),
  };
  const notes = [...data.notes, ...lossesInWords(data), ...knownItems(parts.encoder, data.parts)];
  if (data.skipped.length > 0 || notes.length > 0) yield { kind: 'skipped', skipped: data.skipped, notes };
  await mustDiffer(feedOf(items, { ...recipe.input, encoder: parts.encoder }), train.items);
  const judging = judgeOf(data, recipe.evaluate?.lists);
  mustBeTestable(judging, recipe);
  const learned = learnedBy(recipe);
  const resumed = options.resume ? lastCheckpoint(out) : undefined;
  if (resumed !== undefined) mustBeOf(learned, resumed, out);

  const comparable = judging.lack('validation') === undefined;
  const looks = Random.seeded(recipe.seed).split('looks');
  let threshold: number | undefined;
  let events: CurveEvent[] = [];
  let board: EventFile | undefined;
  let end: Extract<FitEvent, { kind: 'end' }> | undefined;
  for await (const event of fit({
    items,
    relations: learning.relations,
    positions: learning.items,
    tree: learning.tree,
    input: recipe.input,
    health: recipe.health,
    cached: recipe.objective.cached,
    memory: recipe.objective.memory,
    corpus: recipe.objective.corpus,
    ...parts,
    steps: recipe.steps,
    seed: recipe.seed,
    ...runtime,
    ...(options.maxSeconds !== undefined && { maxSeconds: options.maxSeconds }),
    ...(options.signal && { signal: options.signal }),
    checkpointEvery: recipe.checkpoints.every ?? Math.max(1, Math.ceil(recipe.steps / LOOKS)),
    ...(resumed && { resume: resumed }),
    ...(comparable && {
      evaluate: {
        every: recipe.evaluate?.every ?? Math.max(1, Math.ceil(recipe.steps / LOOKS)),
        run: async (model) => {
          if (judging.by === 'scores') {
            const rows = judging.truths.validation;
            const scores = await model.using(runtime, (ranker) => scoreRows(rows, ranker, model.feed), model.ranker());
            model.mustBeFinite(scores);
            return lookOf(judgeScores(judging, 'validation', scores));
          }
          const embedded = await model.using(runtime, (embedder) =>
            embedPart(judging, embedder, model.feed, validation.items, looks),
          );
          model.mustBeFinite(embedded.embeddings.data);
          const found = await judge(judging, 'validation', embedded);
          if (found.measure === 'verification') threshold = found.best?.threshold;
          return lookOf(found);
        },
      },
    }),
  })) {
    if (event.kind === 'end') end = event;
    else if (event.kind === 'start') {
      // Only now: what was refused before has left the folder as it was.
      unfinish(out);
      if (resumed === undefined) {
        saveRecipe(out, recipe);
        clearCheckpoints(out);
      }
      events = beginCurve(files.curve, resumed?.step ?? 0);
      board = new EventFile(files.tensorboard, resumed?.step ?? 0);
    } else if (event.kind === 'checkpoint') {
      const look = events.findLast((each) => each.kind === 'evaluation' && each.step === event.step);
      saveCheckpoint(
        out,
        { ...event.take(), recipe: learned },
        {
          keep: recipe.checkpoints.keep,
          ...(look?.kind === 'evaluation' && { quality: look.metrics[measures[judging.measure].main] }),
        },
      );
    } else if (event.kind !== 'phase' && event.kind !== 'progress') {
      events.push(event);
      appendLine(files.curve, JSON.stringify(event));
      board?.record(event);
    }
    yield event;
  }
  if (end === undefined) throw new Error('training ended without an end event');
  yield* finishRun({ name, recipe, out, data, judging, threshold, parts, runtime, events, end });
}

/** The parts of a recipe that decide what is learned; its data are known by their digest. */
const learnedBy = ({
  seed,
  input,
  clusters,
  batches,
  views,
  encoder,
  head,
  objective,
  optimizer,
  steps,
}: Recipe): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ seed, input, clusters, batches, views, encoder, head, objective, optimizer, steps }));

function mustBeOf(learned: Record<string, unknown>, { recipe }: KeptCheckpoint, out: string): void {
  const differ = Object.keys(learned).filter((key) => !isDeepStrictEqual(recipe[key], learned[key]));
  must(differ.length === 0, () => ({
    rule: 'A run is resumed with the recipe that it began with',
    received: `${differ.join(', ')} ${differ.length === 1 ? 'has' : 'have'} changed since the checkpoint in ${out}`,
    next: 'Change the recipe back, or train from the start, without --resume',
  }));
}

/** Said before training: without this there would be nothing to report after it. */
function mustBeTestable(judging: Judge, { data }: Recipe): void {
  const lack = judging.lack('test');
  const { labels } = { labels: undefined, ...judging.truths.test };
  const classes = new Set(labels).size;
  const single = labels !== undefined && classes < 2;
  must(lack === undefined && !single, () => ({
    rule: 'What a run has learned is reported on a test part, which needs relations between its items, of two classes or more',
    received:
      labels === undefined
        ? `the test part of ${sourceOf(data)} has ${lack}`
        : `${labels.length} test items of ${classes} ${classes === 1 ? 'class' : 'classes'} in ${sourceOf(data)}`,
    next:
      data.reader === 'idx' ? 'Give a larger test part' : 'Add items or relations, or give a larger data.split.test',
  }));
}

/** What reading, the policy and the split have left out. */
function lossesInWords({ changed, dropped }: Data): string[] {
  const reasons = {
    contradictions: 'contradictions',
    cycles: 'cycles',
    duplicates: 'duplicates',
    selfRelations: 'self-relations',
  };
  const went = Object.entries(changed)
    .filter(([, rows]) => rows > 0)
    .map(([reason, rows]) => `${rows.toLocaleString('en')} ${reasons[reason as keyof typeof reasons]}`);
  return [
    ...(went.length > 0 ? [`taken out by the policy: ${went.join(', ')}`] : []),
    ...(dropped > 0 ? [`${dropped.toLocaleString('en')} relations lie over several parts and are in none`] : []),
  ];
}
