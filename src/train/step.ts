import { type Matrix, matrix } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { type Encoder, type Traced, trace } from '../encoders/encoder.ts';
import { gradients } from '../graph/gradient.ts';
import type { Node } from '../graph/node.ts';
import { scalar } from '../graph/ops/constant.ts';
import { div } from '../graph/ops/div.ts';
import { input } from '../graph/ops/input.ts';
import { maximum } from '../graph/ops/maximum.ts';
import { comparisonOf, type KnownForm } from '../objective/known.ts';
import { lossOf, type ObjectiveStage } from '../objective/objective.ts';
import { tableNodes } from '../objective/sampled.ts';
import { lower } from '../onnx/lower.ts';
import { Program, type Runtime, type Value } from '../onnx/program.ts';
import type { ParameterLayout } from '../optimizers/layout.ts';
import type { Classes } from './classes.ts';
import { parted, withDistances } from './distance-shares.ts';
import type { Statistics } from './weights.ts';

/** What one step measured. */
export interface StepReport {
  readonly loss: number;
  /**
   * Mean squared distance of the pairs in the batch that are the same, and that are different; of triplets, their pairs. Of lists nothing
   * is known of pairs.
   */
  readonly same?: number;
  readonly different?: number;
  /** Shares that the objective reports, such as `active`. */
  readonly shares: Readonly<Record<string, number>>;
  /** `[B, D]`, by the weights before the step. */
  readonly embeddings: Matrix;
  /** Where the encoder has a head: what it is given. */
  readonly below?: Matrix;
}

/**
 * Encoder, objective and all gradients as one ONNX graph: one call a step. Weights are read from, and gradients written
 * to, flat arrays that the optimizer works on, so nothing is copied.
 */
export class FusedStep {
  readonly #program: Program;
  readonly #weights: Readonly<Record<string, Value>>;
  readonly #places: Readonly<Record<string, Value>>;
  readonly #shares: readonly string[];
  readonly #statistics: Statistics;
  readonly #noise: Traced['noise'];
  /** Whether the encoder sees items in their lists. */
  readonly seesLists: boolean;

  private constructor(
    program: Program,
    weights: Readonly<Record<string, Value>>,
    places: Readonly<Record<string, Value>>,
    shares: readonly string[],
    statistics: Statistics,
    { noise, lists }: Traced,
  ) {
    this.#noise = noise;
    this.seesLists = lists !== undefined;
    this.#program = program;
    this.#weights = weights;
    this.#places = places;
    this.#shares = shares;
    this.#statistics = statistics;
  }

  static async compile(options: {
    readonly encoder: Encoder;
    /** The batch, of known size, as an input of the graph. */
    readonly x: Node;
    /** What is known of the batches. */
    readonly form: KnownForm;
    readonly stage: ObjectiveStage;
    readonly layout: ParameterLayout;
    readonly weights: Float32Array;
    readonly gradients: Float32Array;
    /** Where the running averages of the encoder's statistics are kept. */
    readonly statistics: Statistics;
    /** Rows of a table of classes, and where their gradients belong. */
    readonly classes?: Pick<Classes, 'feeds' | 'gradients'> | undefined;
    readonly runtime: Runtime;
  }): Promise<FusedStep> {
    const { encoder, x, form, stage, layout } = options;
    const traced = trace(encoder, x, { training: true });
    const { embeddings, below, parameters, statistics } = traced;
    const own: { readonly name: string; readonly node: Node }[] = [];
    const comparison = comparisonOf(form, embeddings, (name, shape) => {
      const node = input(name, shape);
      own.push({ name, node });
      return node;
    });
    const { loss, rows } = lossOf(withDistances(stage), comparison);
    const learned = [...parameters, ...own, ...tableNodes(comparison)];
    const parts = gradients(
      loss,
      learned.map(({ node }) => node),
    );
    const shares = rows.flatMap(({ shares = {} }) => Object.entries(shares));
    const outputs: Record<string, Node> = {
      loss,
      embeddings,
      ...(below && { below }),
      ...Object.fromEntries(shares.map(([name, { over, of }]) => [`share:${name}`, div(over, maximum(of, scalar(1)))])),
      ...Object.fromEntries(learned.map(({ name }, i) => [`gradient:${name}`, parts[i]])),
      ...Object.fromEntries(statistics.map(({ name, node }) => [`statistic:${name}`, node])),
    };
    const program = await Program.compile(lower({ outputs, contrib: true }), options.runtime);
    const views = (flat: Float32Array, prefix: string) =>
      Object.fromEntries(
        layout.slices.map(({ name, start, length, shape }) => [
          `${prefix}${name}`,
          { shape, data: flat.subarray(start, start + length) },
        ]),
      );
    return new FusedStep(
      program,
      { ...views(options.weights, ''), ...options.classes?.feeds },
      { ...views(options.gradients, 'gradient:'), ...gradientsOf(options.classes) },
      shares.map(([name]) => name),
      options.statistics,
      traced,
    );
  }

  /**
   * Loss and gradients for one batch; the gradients are in the flat array when it is done.
   *
   * @param random for the noise of the encoder, where it has some; the same each time unless given
   */
  async run(batch: Readonly<Record<string, Value>>, random = Random.seeded(1)): Promise<StepReport> {
    const noise = noiseFeeds(this.#noise, random);
    const results = await this.#program.run({ ...this.#weights, ...batch, ...noise }, this.#places);
    this.#statistics.average((name) => results[`statistic:${name}`].data as Float32Array);
    const number = (name: string) => (results[name].data as Float32Array)[0];
    const rows = ({ shape, data }: Value) => matrix(shape[0], shape[1], data as Float32Array<ArrayBuffer>);
    return {
      loss: number('loss'),
      embeddings: rows(results.embeddings),
      ...(results.below && { below: rows(results.below) }),
      ...parted(Object.fromEntries(this.#shares.map((name) => [name, number(`share:${name}`)]))),
    };
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}

/** Where the gradients of the rows of classes belong. */
const gradientsOf = (classes: Pick<Classes, 'gradients'> | undefined): Record<string, Value> =>
  Object.fromEntries(Object.entries(classes?.gradients ?? {}).map(([name, place]) => [`gradient:${name}`, place]));

/** Uniform numbers from 0 to 1. */
const noiseFeeds = (noise: Traced['noise'], random: Random): Record<string, Value> =>
  Object.fromEntries(
    noise.map(({ name, shape }) => {
      const own = random.split(name);
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      for (let i = 0; i < data.length; i++) data[i] = own.bits() / 2 ** 32;
      return [name, { shape, data }];
    }),
  );
