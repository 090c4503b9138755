import type { Sampler, Source } from '../batches/sampler.ts';
import { must } from '../core/error.ts';
import { Random } from '../core/random.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { inputNode } from '../encoders/feed.ts';
import { type FeedOptions, feedOf } from '../encoders/feed-of.ts';
import { CorpusMiner, type MinedBatch } from '../miners/corpus/corpus-miner.ts';
import type { CorpusOptions } from '../miners/corpus/options.ts';
import { Course } from '../objective/course.ts';
import { widthsOf } from '../objective/known.ts';
import type { Objective } from '../objective/objective.ts';
import { formOfRelations } from '../objective/parameters.ts';
import { SURVIVING } from '../objective/survivors.ts';
import type { Device } from '../onnx/device.ts';
import type { Runtime } from '../onnx/program.ts';
import type { ClassSettings } from '../optimizers/class-settings.ts';
import { Optimizer } from '../optimizers/optimizer.ts';
import type { Transform } from '../optimizers/transform.ts';
import type { ClusterTree } from '../relations/clustering/tree.ts';
import type { Items } from '../relations/items.ts';
import type { Relations } from '../relations/relations.ts';
import type { Checkpoint } from '../runs/checkpoints.ts';
import type { AnyView } from '../views/define.ts';
import { besideOf } from './beside.ts';
import { Classes } from './classes.ts';
import { mustNotHaveDiverged } from './diverged.ts';
import { type Collapse, type HealthReport, isLook, lookAt } from './health.ts';
import { Pace } from './pace.ts';
import { reductionsOf } from './reductions.ts';
import { type Progress, Relay } from './relay.ts';
import { digestOf, restore, restoreCorpus, take } from './resume.ts';
import { Stepper, type StepSettings } from './stepper.ts';
import { TrainedModel } from './trained-model.ts';
import { weightsOf } from './weights.ts';

export interface FitOptions extends StepSettings {
  readonly items: Items;
  /** What is known of them, as far as it may be learned from. */
  readonly relations: Relations;
  /** The items that are trained on; all of them unless given. */
  readonly positions?: Int32Array;
  /** Clusters of the items that are trained on, for batches of siblings. */
  readonly tree?: ClusterTree | undefined;
  /** Which modality the encoder sees, where items have several, and how. */
  readonly input?: Pick<FeedOptions, 'modality' | 'seconds' | 'bands'>;
  readonly batches: (source: Source, random: Random) => Sampler;
  readonly views?: readonly AnyView[];
  readonly encoder: Encoder;
  readonly objective: Objective;
  /** Draws classes for each batch, where there are too many to look at all of them. */
  readonly classes?: ClassSettings | undefined;
  /** Adds hard negatives from all training items to each batch. */
  readonly corpus?: CorpusOptions | undefined;
  readonly optimizer: Transform;
  readonly steps: number;
  /** Stops earlier when training has taken so long. The schedule and the curriculum stay those of `steps`. */
  readonly maxSeconds?: number;
  readonly seed: number;
  /** Of the step, and as many may make looks. Results are the same to the last bit only with the same number. */
  readonly threads: number;
  /** Where to compute; the processor unless given. */
  readonly device?: Device;
  /** Looks at the model every so many steps, and at the end. */
  readonly evaluate?: { readonly every: number; run(model: TrainedModel): Promise<Readonly<Record<string, number>>> };
  /** Looks at the embeddings every so many steps, 20 unless given; `stop` ends training where they have collapsed. */
  readonly health?: { readonly every?: number | undefined; readonly stop?: boolean | undefined } | undefined;
  /** Offers a checkpoint every so many steps, and at the end. */
  readonly checkpointEvery?: number;
  /** Goes on from a checkpoint of the same run: the same bits follow as if it had never stopped. */
  readonly resume?: Checkpoint;
  /** Ends training after the current step. */
  readonly signal?: AbortSignal;
}

/** Why training ended before all its steps. */
export type Truncated = 'max-seconds' | 'interrupted' | 'collapsed';

/** Steps between looks at the embeddings: a collapse is named within 50. */
const HEALTH = 20;

/** What happens in a training run, in order: one start, steps with evaluations between them, one end. */
export type FitEvent =
  | { readonly kind: 'start'; readonly steps: number; readonly items: number; readonly parameters: number }
  /** Long work begins between two steps; how far it has come follows. */
  | { readonly kind: 'phase'; readonly name: string }
  | Progress
  | {
      readonly kind: 'step';
      /** From 1 on. */
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** Mean squared distance of the same and of the different pairs of the batch, where pairs are known. */
      readonly same?: number;
      readonly different?: number;
      /** The share of the terms that are above zero, where the objective has such terms. */
      readonly active?: number;
      /** The share of the negatives that batches assigned which the miner kept, where they assign some. */
      readonly survivingNegatives?: number;
      readonly gradientNorm: number;
      readonly stage: string;
      readonly itemsPerSecond: number;
      readonly seconds: number;
      readonly secondsLeft: number;
    }
  | {
      readonly kind: 'health';
      readonly step: number;
      readonly report: HealthReport;
      /** Training has come to nothing. */
      readonly collapse?: Collapse;
    }
  | { readonly kind: 'evaluation'; readonly step: number; readonly metrics: Readonly<Record<string, number>> }
  | {
      readonly kind: 'checkpoint';
      readonly step: number;
      /** Copies all that the next step depends on. To be called before the next event. */
      take(): Checkpoint;
    }
  | {
      readonly kind: 'end';
      readonly steps: number;
      /** Why training ended before all its steps, if it did. */
      readonly truncated?: Truncated;
      /** The time that training took, evaluations left out. */
      readonly trainSeconds: number;
      readonly itemsPerSecond: number;
      readonly model: TrainedModel;
    };

/**
 * Trains an encoder: one stream of events, which the command line, the page and the tests all read.
 *
 * The same options and seed give the same weights, bit for bit, on the same processor and number of threads.
 */
export async function* fit(options: FitOptions): AsyncGenerator<FitEvent, void, void> {
  const { items, relations, steps, threads } = options;
  must(Number.isSafeInteger(steps) && steps >= 1, () => ({
    rule: 'Training takes a whole number of steps, 1 or more',
    received: `${steps}`,
    next: 'Set steps',
    exitCode: 2,
  }));
  const random = Random.seeded(options.seed);
  const positions = options.positions ?? Int32Array.from({ length: items.count }, (_, i) => i);
  const sampler = options.batches({ relations, items: positions, tree: options.tree }, random.split('batches'));
  const viewsRandom = random.split('views');

  const reductions = await reductionsOf(items, options.encoder, {
    positions,
    modality: options.input?.modality,
    seed: options.seed,
  });
  const feed = feedOf(items, {
    trained: positions,
    reductions,
    encoder: options.encoder,
    threads,
    ...options.input,
    ...(options.views && { views: options.views }),
  });
  const data = await digestOf(feed, positions, relations);
  const encoder = feed.around(options.encoder);
  const corpus = options.corpus && new CorpusMiner(relations, positions, options.corpus);
  const batchSize = sampler.batchSize + (corpus?.places ?? 0);
  const x = inputNode(feed.input, batchSize);
  const beside = besideOf(items, options.objective);
  const probe = {
    ...formOfRelations(relations),
    ...(beside && { beside: widthsOf(beside) }),
    ...(options.classes && { sampled: { draws: options.classes.samples, bias: options.classes.bias } }),
  };
  const { layout, statistics, start, dimension } = weightsOf(encoder, x, { objective: options.objective, form: probe });
  const optimizer = new Optimizer(options.optimizer, layout, { steps });
  optimizer.parameters.set(start(random.split('weights')));
  if (options.resume !== undefined) {
    restore(options.resume, { optimizer, statistics, sampler, data });
    await restoreCorpus(options.resume, corpus);
  }
  const model = new TrainedModel(encoder, feed, layout, optimizer, statistics);
  yield { kind: 'start', steps, items: positions.length, parameters: layout.size };

  const runtime: Runtime = { threads, ...(options.device && { device: options.device }) };
  const pace = new Pace(options.maxSeconds ?? Number.POSITIVE_INFINITY, batchSize, {
    steps: options.resume?.step ?? 0,
    seconds: options.resume?.trainSeconds ?? 0,
  });
  const classes =
    options.classes &&
    (await Classes.open(options.classes, {
      ...{ relations, positions, batch: batchSize, dimension, steps },
      random: random.split('classes'),
    }));
  const stepper = new Stepper({
    classes,
    ...{ encoder, relations, optimizer, statistics },
    takes: feed.input,
    batch: batchSize,
    varied: corpus !== undefined,
    objective: options.objective,
    runtime,
    cached: options.cached,
    memory: options.memory,
    beside,
    form: options.resume?.form,
  });
  if (options.resume !== undefined) {
    stepper.restore(options.resume.tensors);
    classes?.restore(options.resume);
  }
  let done = options.resume?.step ?? 0;
  // The next batch is drawn, and its looks are made, while a step runs: so the state that a checkpoint keeps is that before.
  let sampled = sampler.save();
  const corpusRandom = random.split('corpus');
  const make = async (step: number) => {
    sampled = sampler.save();
    const drawn = sampler.next();
    const batch: MinedBatch = corpus === undefined ? drawn : await corpus.extend(drawn, corpusRandom.split(step));
    return { ...batch, values: await feed.values(batch.items, viewsRandom.split(step)) };
  };
  const draw = (step: number) => {
    const batch = make(step);
    // Met where it is waited for: one that fails meanwhile must not end the process.
    batch.catch(() => undefined);
    return batch;
  };
  const embedAll = async function* (miner: CorpusMiner): AsyncGenerator<FitEvent, void, void> {
    yield { kind: 'phase', name: 'embedding the training items' };
    const relay = new Relay();
    const embeddings = yield* relay.during(
      model.using(runtime, (embedder) => embedder.embed(feed, { positions, progress: relay.report })),
    );
    model.mustBeFinite(embeddings.data);
    await miner.index(embeddings);
  };
  const course = new Course(options.objective, steps, options.resume?.course);
  let truncated: Truncated | undefined;
  const healthRandom = random.split('health');
  const noiseRandom = random.split('noise');
  const { every: lookEvery = HEALTH, stop = false } = options.health ?? {};
  try {
    let upcoming: ReturnType<typeof draw> | undefined;
    while (done < steps) {
      if (upcoming === undefined && corpus?.due(done)) yield* embedAll(corpus);
      const batch = await (upcoming ?? draw(done));
      upcoming = undefined;
      const stage = course.at(done);
      await stepper.prepare(batch, stage);
      const running = stepper.run(batch.values, batch, noiseRandom.split(done));
      // What is mined by new embeddings waits for the weights that make them.
      if (done + 1 < steps && !corpus?.due(done + 1)) upcoming = draw(done + 1);
      const report = await running;
      const before = isLook(done + 1, lookEvery) ? optimizer.parameters.slice() : undefined;
      optimizer.step();
      course.stepped(report.shares.active);
      stepper.follow();
      mustNotHaveDiverged([report.loss], `the loss of step ${done + 1}`);
      done++;
      pace.stepped();
      yield {
        kind: 'step',
        step: done,
        steps,
        loss: report.loss,
        ...(report.same !== undefined && { same: report.same }),
        ...(report.different !== undefined && { different: report.different }),
        ...(report.shares.active !== undefined && { active: report.shares.active }),
        ...(report.shares[SURVIVING] !== undefined && { survivingNegatives: report.shares[SURVIVING] }),
        gradientNorm: optimizer.gradientNorm,
        stage: options.objective.stages[stage].name,
        ...pace.report(steps - done),
      };
      if (before !== undefined) {
        const { report: found, collapse } = lookAt({
          ...{ before, after: optimizer.parameters, gradientNorm: optimizer.gradientNorm },
          embeddings: report.embeddings,
          ...(report.below && { below: report.below }),
          known: batch.known,
          random: healthRandom.split(done),
          ...(report.shares.active !== undefined && { active: report.shares.active }),
          ...(batch.mining && { mining: batch.mining }),
        });
        yield { kind: 'health', step: done, report: found, ...(collapse && { collapse }) };
        if (stop && collapse !== undefined && done < steps) truncated = 'collapsed';
      }
      if (done < steps && options.signal?.aborted) truncated = 'interrupted';
      else if (done < steps && pace.over()) truncated = 'max-seconds';
      const last = done === steps || truncated !== undefined;
      if (options.evaluate !== undefined && (last || done % options.evaluate.every === 0)) {
        pace.pause();
        yield { kind: 'evaluation', step: done, metrics: await options.evaluate.run(model) };
        pace.resume();
      }
      if (options.checkpointEvery !== undefined && (last || done % options.checkpointEvery === 0)) {
        pace.pause();
        const state = upcoming === undefined ? sampler.save() : sampled;
        const progress = {
          step: done,
          trainSeconds: pace.report(0).seconds,
          data,
          threads,
          form: stepper.form,
          course: course.save(),
          sampler: state,
        };
        yield {
          kind: 'checkpoint',
          step: done,
          take: () => take({ optimizer, statistics, stepper, corpus, classes }, progress),
        };
        pace.resume();
      }
      if (truncated !== undefined) break;
    }
  } finally {
    await feed.close?.();
    await stepper.release();
  }
  const { seconds: trainSeconds, itemsPerSecond } = pace.report(0);
  yield { kind: 'end', steps: done, ...(truncated && { truncated }), trainSeconds, itemsPerSecond, model };
}
