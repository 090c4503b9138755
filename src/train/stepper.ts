import type { Batch } from '../batches/sampler.ts';
import { must } from '../core/error.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import type { Random } from '../core/random.ts';
import { type Encoder, LISTS, trace } from '../encoders/encoder.ts';
import { inputNode, type ModelInput } from '../encoders/feed.ts';
import { formOf, holds, type KnownForm } from '../objective/known.ts';
import { knownFeeds } from '../objective/known-feeds.ts';
import { MemoryBank } from '../objective/memory.ts';
import type { Objective } from '../objective/objective.ts';
import { formOfRelations } from '../objective/parameters.ts';
import type { Runtime, Value, Values } from '../onnx/program.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Known } from '../relations/known.ts';
import { knownOf } from '../relations/known-of.ts';
import type { Relations } from '../relations/relations.ts';
import type { NamedTensor } from '../runs/safetensors.ts';
import { CachedStep } from './cached-step.ts';
import type { Classes } from './classes.ts';
import { FusedStep, type StepReport } from './step.ts';
import type { Statistics } from './weights.ts';

/** How steps are made where the whole batch at once is not wanted. */
export interface StepSettings {
  /** Bounds memory by gradient caching: items that are embedded at a time, and anchors that are compared at a time. */
  readonly cached?: { readonly chunk: number; readonly tile?: number | undefined } | undefined;
  /** Lends the embeddings of so many earlier items as candidates; with `momentum` those of an encoder that follows slowly. */
  readonly memory?: { readonly size: number; readonly momentum?: number | undefined } | undefined;
}

interface Parts extends StepSettings {
  /** Those that are drawn, where the objective draws classes. */
  readonly classes?: Classes | undefined;
  readonly encoder: Encoder;
  readonly takes: ModelInput;
  readonly batch: number;
  readonly objective: Objective;
  readonly relations: Relations;
  readonly optimizer: Optimizer;
  readonly statistics: Statistics;
  readonly runtime: Runtime;
  /** The vectors of all items that the objective looks at beside embeddings, by name. */
  readonly beside?: Readonly<Record<string, Matrix>> | undefined;
  /** Whether batches differ in how many positives an item has. */
  readonly varied?: boolean;
  /** That of the run that goes on. */
  readonly form?: KnownForm | undefined;
}

interface Compiled {
  readonly stage: number;
  readonly form: KnownForm;
  /** Whether the memory takes part. */
  readonly lent: boolean;
  readonly step: FusedStep | CachedStep;
}

/** Makes the steps of a training run: compiles what a batch needs, keeps it while batches are alike, and keeps the memory. */
export class Stepper {
  readonly #parts: Parts;
  readonly #memory: MemoryBank | undefined;
  /** The weights of the encoder that follows. */
  readonly #following: Float32Array | undefined;
  readonly #knownOf: ((items: Int32Array) => Known) | undefined;
  #compiled: Compiled | undefined;
  form: KnownForm | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.form = parts.form;
    const ranks = parts.relations.kind === 'lists' || parts.relations.kind === 'preferences';
    must(!ranks || (parts.cached === undefined && parts.memory === undefined), () => ({
      rule: 'A loss over rankings compares the items of each list, in one step for the whole batch',
      received: parts.memory === undefined ? 'objective.cached' : 'objective.memory',
      next: 'Leave it out, and bound memory by batches: { queries, perQuery }',
      exitCode: 2,
    }));
    must(parts.classes === undefined || (parts.cached === undefined && parts.memory === undefined), () => ({
      rule: 'Classes are drawn for a whole batch, in one step',
      received: `objective.classes beside objective.${parts.memory === undefined ? 'cached' : 'memory'}`,
      next: 'Leave one of them out',
      exitCode: 2,
    }));
    if (parts.memory === undefined) return;
    const { relations, optimizer, encoder, takes, batch, memory } = parts;
    must(relations.kind !== 'triplets', () => ({
      rule: 'A memory lends candidates to losses over pairs',
      received: 'relations that are triplets',
      next: 'Leave objective.memory out',
      exitCode: 2,
    }));
    const { embeddings } = trace(encoder, inputNode(takes, batch), { training: true });
    this.#memory = new MemoryBank(memory.size, embeddings.shape[1] as number);
    this.#knownOf = knownOf(relations);
    if (memory.momentum !== undefined) this.#following = optimizer.parameters.slice();
  }

  /** Compiles what this batch needs, unless it is there. */
  async prepare(batch: Batch, stage: number): Promise<void> {
    const {
      encoder,
      takes,
      batch: size,
      objective,
      relations,
      optimizer,
      statistics,
      runtime,
      cached,
      memory,
      varied,
      classes,
    } = this.#parts;
    const lent = this.#memory?.full === true;
    const needed = {
      ...formOf(this.#known(batch)),
      classes: formOfRelations(relations).classes,
      ...(classes && { sampled: classes.form }),
    };
    const places = memory === undefined && !varied ? needed.places : 2 ** Math.ceil(Math.log2(needed.places));
    if (this.form === undefined || !holds(this.form, needed)) this.form = { ...needed, places };
    const { form } = this;
    const now = this.#compiled;
    if (now !== undefined && now.stage === stage && now.form === form && now.lent === lent) return;
    await this.release();
    const { parameters: weights, gradients, layout } = optimizer;
    const common = { encoder, form, stage: objective.stages[stage], layout, weights, gradients, statistics, runtime };
    const step =
      cached === undefined && memory === undefined
        ? await FusedStep.compile({ ...common, x: inputNode(takes, size), classes })
        : await CachedStep.compile({
            ...common,
            takes,
            batch: size,
            chunk: cached?.chunk ?? size,
            tile: cached?.tile,
            ...(lent && { memory: memory?.size }),
          });
    this.#compiled = { stage, form, lent, step };
  }

  /** Loss and gradients of a batch that was prepared; the gradients are with the optimizer when it is done. */
  async run(values: Values, batch: Batch, random: Random): Promise<StepReport> {
    const { takes, batch: size } = this.#parts;
    const { step, form, lent } = this.#compiled as Compiled;
    if (batch.known.kind === 'labels') this.#parts.classes?.prepare(batch.known.labels);
    if (step instanceof FusedStep) {
      const input = { [takes.name]: { shape: [size, ...takes.shape], data: values } };
      const lists = step.seesLists ? { [LISTS]: listsOf(batch, size) } : {};
      return step.run({ ...input, ...lists, ...knownFeeds(this.#known(batch), form, size) }, random);
    }
    const memory = lent ? this.#memory?.embeddings : undefined;
    const report = await step.run(values, this.#known(batch), memory);
    if (this.#memory !== undefined) {
      const kept = this.#following === undefined ? report : await step.embed(values, this.#following);
      this.#memory.push(kept.embeddings, batch.items);
    }
    return report;
  }

  /** After the optimizer's step: the classes that were looked at move, and the encoder that follows takes a little of it. */
  follow(): void {
    this.#parts.classes?.step();
    const { momentum = 0 } = this.#parts.memory ?? {};
    const { parameters } = this.#parts.optimizer;
    const following = this.#following;
    for (let i = 0; i < (following?.length ?? 0); i++) {
      (following as Float32Array)[i] = momentum * (following as Float32Array)[i] + (1 - momentum) * parameters[i];
    }
  }

  /** What is known of the batch, and of what the memory lends; with what the objective looks at beside it. */
  #known(batch: Batch): Known {
    const { items, known } = this.#compared(batch);
    const { beside } = this.#parts;
    if (beside === undefined) return known;
    const taken = Object.entries(beside).map(([name, all]) => [name, takeRows(all, items)] as const);
    return { ...known, beside: Object.fromEntries(taken) };
  }

  #compared(batch: Batch): { readonly items: Int32Array; readonly known: Known } {
    if (this.#memory?.full !== true || this.#knownOf === undefined) return batch;
    const all = new Int32Array(batch.items.length + this.#memory.items.length);
    all.set(batch.items);
    all.set(this.#memory.items, batch.items.length);
    return { items: all, known: this.#knownOf(all) };
  }

  /** The memory, to be kept in a checkpoint. */
  save(): ReadonlyMap<string, NamedTensor> {
    const saved = { ...this.#memory?.save(), ...(this.#following && { following: this.#following.slice() }) };
    return new Map(Object.entries(saved).map(([name, data]) => [`memory/${name}`, { shape: [data.length], data }]));
  }

  restore(tensors: ReadonlyMap<string, NamedTensor>): void {
    const get = (name: string) => tensors.get(`memory/${name}`)?.data as Float32Array;
    this.#memory?.restore({ embeddings: get('embeddings'), items: get('items'), ring: get('ring') });
    this.#following?.set(get('following'));
  }

  async release(): Promise<void> {
    const compiled = this.#compiled;
    this.#compiled = undefined;
    await compiled?.step.release();
  }
}

/** The list of each position of a batch: -1 where the place is not taken, and where nothing stands in lists each is alone. */
function listsOf({ known: { ranked } }: Batch, size: number): Value {
  const list = (position: number): number => {
    if (ranked === undefined) return position;
    return ranked.filled[position] === 1 ? Math.floor(position / ranked.room) : -1;
  };
  return { shape: [size], data: BigInt64Array.from({ length: size }, (_, position) => BigInt(list(position))) };
}
