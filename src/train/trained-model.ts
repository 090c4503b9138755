import type { Matrix } from '../core/matrix.ts';
import { Embedder } from '../encoders/embedder.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { exportEncoder } from '../encoders/export.ts';
import { exportedInput, type Feed } from '../encoders/feed.ts';
import { scoreOf } from '../objective/score.ts';
import type { Runtime } from '../onnx/program.ts';
import type { ParameterLayout } from '../optimizers/layout.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { mustNotHaveDiverged } from './diverged.ts';
import type { Statistics } from './weights.ts';

/** An encoder with the weights that training has reached. */
export class TrainedModel {
  /** The items, as the model sees them. */
  readonly feed: Feed;
  readonly layout: ParameterLayout;
  readonly #encoder: Encoder;
  readonly #optimizer: Optimizer;
  readonly #statistics: Statistics;

  constructor(encoder: Encoder, feed: Feed, layout: ParameterLayout, optimizer: Optimizer, statistics: Statistics) {
    this.feed = feed;
    this.layout = layout;
    this.#encoder = encoder;
    this.#optimizer = optimizer;
    this.#statistics = statistics;
  }

  /** Parameters as they are now (averaged ones where the optimizer keeps an average) and running statistics, by name. */
  weights(): ReadonlyMap<string, Float32Array> {
    const flat = this.#optimizer.averaged ?? this.#optimizer.parameters;
    const parameters = this.layout.slices.map(
      ({ name, start, length }) => [name, flat.slice(start, start + length)] as const,
    );
    return new Map([...parameters, ...[...this.#statistics.values].map(([name, v]) => [name, v.slice()] as const)]);
  }

  /** The model as an ONNX file, preprocessing included. */
  onnx(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return exportEncoder(this.#encoder, exportedInput(this.feed.input, 'batch'), this.weights(), metadata);
  }

  /** The model with the score that the objective has learned, as a second result: `scores`, `[batch]`. */
  ranker(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    const x = exportedInput(this.feed.input, 'batch');
    return exportEncoder(this.#encoder, x, this.weights(), metadata, (embeddings, weight) => ({
      scores: scoreOf(embeddings, weight),
    }));
  }

  /** Does something with the exported model, as every later user of it will. */
  async using<Result>(
    runtime: Runtime,
    work: (embedder: Embedder) => Promise<Result>,
    model: Uint8Array = this.onnx(),
  ): Promise<Result> {
    const embedder = await Embedder.open(model, runtime);
    try {
      return await work(embedder);
    } finally {
      await embedder.release();
    }
  }

  /** Embeds the items at `positions` with the exported model. */
  async embed(positions: Int32Array, runtime: Runtime): Promise<Matrix> {
    const embeddings = await this.using(runtime, (embedder) => embedder.embed(this.feed, { positions }));
    this.mustBeFinite(embeddings.data);
    return embeddings;
  }

  mustBeFinite(values: Float32Array): void {
    mustNotHaveDiverged(values, `the embeddings after step ${this.#optimizer.count}`);
  }
}
