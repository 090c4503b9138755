import { must } from '../core/error.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import { type Encoder, trace } from '../encoders/encoder.ts';
import { inputNode, type ModelInput } from '../encoders/feed.ts';
import { gradients } from '../graph/gradient.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';
import { mul } from '../graph/ops/mul.ts';
import { sum } from '../graph/ops/sum.ts';
import type { KnownForm } from '../objective/known.ts';
import type { ObjectiveStage } from '../objective/objective.ts';
import { TiledObjective } from '../objective/tiles.ts';
import { lower } from '../onnx/lower.ts';
import { Program, type Runtime, type Value, type Values } from '../onnx/program.ts';
import type { ParameterLayout } from '../optimizers/layout.ts';
import type { Known } from '../relations/known.ts';
import { meanDistances, parted, withDistances } from './distance-shares.ts';
import type { StepReport } from './step.ts';
import type { Statistics } from './weights.ts';

/**
 * A training step in bounded memory, by gradient caching: embeds the batch chunk by chunk without keeping activations, takes the
 * gradient of the objective with respect to all embeddings tile by tile, then runs each chunk again and pulls that gradient
 * back. Loss and gradients are those of the whole batch at once, except that an encoder with statistics of the batch (batch
 * norm) has those of a chunk.
 *
 * Costs one more forward pass. Gao et al.: Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup (2021).
 */
export class CachedStep {
  readonly #options: CachedOptions;
  readonly #chunks: Chunks;
  readonly #objective: TiledObjective;
  readonly #dimension: number;
  /** That of what the encoder's head is given, where it has one. */
  readonly #below: number | undefined;

  private constructor(
    options: CachedOptions,
    chunks: Chunks,
    objective: TiledObjective,
    dimension: number,
    below: number | undefined,
  ) {
    this.#below = below;
    this.#options = options;
    this.#chunks = chunks;
    this.#objective = objective;
    this.#dimension = dimension;
  }

  static async compile(options: CachedOptions): Promise<CachedStep> {
    const { encoder, takes, batch, chunk, tile, memory, form, stage, runtime } = options;
    for (const [name, size] of Object.entries({ chunk, ...(tile !== undefined && { tile }) })) {
      must(Number.isInteger(size) && size >= 1, () => ({
        rule: 'Chunks and tiles have one item or more',
        received: `${name} ${size}`,
        next: 'Give a whole number',
        exitCode: 2,
      }));
    }
    const chunks: Chunks = new Map();
    let dimension = 0;
    let given: number | undefined;
    for (const size of new Set([Math.min(chunk, batch), batch % Math.min(chunk, batch)])) {
      if (size === 0) continue;
      const { embeddings, below, parameters, statistics, ...needs } = trace(encoder, inputNode(takes, size), {
        training: true,
      });
      must(needs.lists === undefined && needs.noise.length === 0, () => ({
        rule: 'What is embedded in chunks is embedded item by item, and twice the same',
        received: `the encoder ${encoder.name}, which ${needs.lists !== undefined ? 'looks at whole lists' : 'draws noise in training'}`,
        next: 'Leave objective.cached and objective.memory out, or choose another encoder',
        exitCode: 2,
      }));
      dimension = embeddings.shape[1] as number;
      given = below?.shape[1] as number | undefined;
      const upstream = input('upstream', embeddings.shape);
      const slopes = gradients(
        sum(mul(embeddings, upstream)),
        parameters.map(({ node }) => node),
      );
      const compile = (outputs: Record<string, Node>) => Program.compile(lower({ outputs, contrib: true }), runtime);
      chunks.set(size, {
        forward: await compile({
          embeddings,
          ...(below && { below }),
          ...Object.fromEntries(statistics.map(({ name, node }) => [`statistic:${name}`, node])),
        }),
        backward: await compile(Object.fromEntries(parameters.map(({ name }, i) => [`gradient:${name}`, slopes[i]]))),
      });
    }
    const objective = await TiledObjective.compile({
      // Between groups these are known without a look at pairs.
      stage: form.kind === 'labels' ? stage : withDistances(stage),
      ...{ batch, dimension, tile, form, runtime },
      ...(memory !== undefined && { memory }),
    });
    return new CachedStep(options, chunks, objective, dimension, given);
  }

  /** Embeddings `[B, D]` of a batch, by these weights; with `measure` its statistics go into the averages. */
  async embed(
    values: Values,
    weights: Float32Array,
    { measure = false } = {},
  ): Promise<Pick<StepReport, 'embeddings' | 'below'>> {
    const embeddings = matrix(this.#options.batch, this.#dimension);
    const below = this.#below === undefined ? undefined : matrix(this.#options.batch, this.#below);
    for (const { from, to, programs, part } of this.#chunksOf(values)) {
      const place = {
        embeddings: this.#rows(embeddings, from, to),
        ...(below && { below: this.#rows(below, from, to) }),
      };
      const found = await programs.forward.run(this.#feeds(programs.forward, weights, part), place);
      if (measure) this.#options.statistics.average((name) => found[`statistic:${name}`].data as Float32Array);
    }
    return { embeddings, ...(below && { below }) };
  }

  /**
   * Loss and gradients for one batch; the gradients are in the flat array when it is done.
   *
   * @param values of the model's input, for all items of the batch
   * @param known also towards what is in the memory
   */
  async run(values: Values, known: Known, memory?: Matrix): Promise<StepReport> {
    const { layout, weights, gradients: flat } = this.#options;
    const { embeddings, below } = await this.embed(values, weights, { measure: true });
    const slices = new Map(layout.slices.map((each) => [each.name, each]));
    const of = (all: Float32Array, name: string): Float32Array => {
      const { start, length } = slices.get(name) as ParameterLayout['slices'][number];
      return all.subarray(start, start + length);
    };
    const own = new Map([...this.#objective.parameters.keys()].map((name) => [name, of(weights, name)]));
    const { loss, gradient, shares, parameters } = await this.#objective.run(embeddings, known, {
      parameters: own,
      ...(memory && { memory }),
    });
    flat.fill(0);
    const add = (name: string, part: Float32Array) => {
      const place = of(flat, name);
      for (let i = 0; i < part.length; i++) place[i] += part[i];
    };
    for (const { from, to, programs, part } of this.#chunksOf(values)) {
      const upstream = { upstream: this.#rows(gradient, from, to) };
      const slopes = await programs.backward.run(this.#feeds(programs.backward, weights, { ...part, ...upstream }));
      for (const [name, { data }] of Object.entries(slopes)) add(name.slice('gradient:'.length), data as Float32Array);
    }
    for (const [name, part] of parameters) add(name, part);
    const distances = known.kind === 'labels' ? meanDistances(embeddings, known.labels, memory) : {};
    return { loss, ...parted(shares), ...distances, embeddings, ...(below && { below }) };
  }

  #chunksOf(values: Values) {
    const { batch, chunk, takes } = this.#options;
    const each = values.length / batch;
    return Array.from({ length: Math.ceil(batch / chunk) }, (_, i) => {
      const [from, to] = [i * chunk, Math.min(batch, (i + 1) * chunk)];
      const part = { shape: [to - from, ...takes.shape], data: values.subarray(from * each, to * each) as Values };
      return { from, to, part: { [takes.name]: part }, programs: this.#chunks.get(to - from) as ChunkPrograms };
    });
  }

  #rows({ data, columns }: Matrix, from: number, to: number): Value {
    return { shape: [to - from, columns], data: data.subarray(from * columns, to * columns) };
  }

  /** What a program takes: of the weights only those that it reads. */
  #feeds(program: Program, weights: Float32Array, given: Readonly<Record<string, Value>>): Record<string, Value> {
    const feeds: Record<string, Value> = { ...given };
    const read = new Set(program.inputs.map(({ name }) => name));
    for (const { name, start, length, shape } of this.#options.layout.slices) {
      if (read.has(name)) feeds[name] = { shape, data: weights.subarray(start, start + length) };
    }
    return feeds;
  }

  async release(): Promise<void> {
    for (const { forward, backward } of this.#chunks.values()) {
      await forward.release();
      await backward.release();
    }
    await this.#objective.release();
  }
}

interface ChunkPrograms {
  readonly forward: Program;
  readonly backward: Program;
}

type Chunks = Map<number, ChunkPrograms>;

export interface CachedOptions {
  /** With what it does to its input first. */
  readonly encoder: Encoder;
  readonly takes: ModelInput;
  readonly batch: number;
  /** Items that are embedded at a time. */
  readonly chunk: number;
  /** Anchors that are compared at a time; as many as fit unless given. */
  readonly tile?: number | undefined;
  /** Candidates that a memory lends beyond the batch. */
  readonly memory?: number | undefined;
  readonly form: KnownForm;
  readonly stage: ObjectiveStage;
  readonly layout: ParameterLayout;
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  readonly statistics: Statistics;
  readonly runtime: Runtime;
}
