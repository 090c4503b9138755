import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { KindredError, must } from '../core/error.ts';
import { type Device, providersOf } from './device.ts';

/** Where and how a program runs. */
export interface Runtime {
  /** Fixed, because results depend on it to the last bit. */
  readonly threads: number;
  /** The processor unless given. */
  readonly device?: Device;
}

/** What a program takes and gives: one value for each element, in the array type of the tensor's own type. */
export type Values = Float32Array | BigInt64Array | Uint8Array;
export interface Value {
  readonly shape: readonly number[];
  readonly data: Values;
  /** Needed for `bool`, whose values are bytes. */
  readonly type?: 'bool';
}

/**
 * A compiled ONNX model. Inputs are read in place, without a copy, so they must not change while `run` is going on.
 *
 * An output is newly allocated at each run unless a place is given for it: then it is written there, which spares the
 * allocation and its page faults.
 */
export class Program {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** From ONNX bytes, or a path to a file. */
  static async compile(model: Uint8Array | string, options: Runtime): Promise<Program> {
    const settings: InferenceSession.SessionOptions = {
      executionProviders: providersOf(options.device ?? 'cpu'),
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // A plan of all memory is made from the first run and then laid out beside what that run took (docs/design/engine.md).
      enableMemPattern: false,
      logSeverityLevel: 3,
      // A thread that waits for the next operator does so actively for 50 us, then gives its processor back: long enough
      // to be there at once, and short enough that other processes do not wait for its waiting (docs/design/engine.md).
      extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '50', spin_backoff_max: '8' } } },
    };
    try {
      // The overloads for a path and for bytes are the same function.
      return new Program(await InferenceSession.create(model as string, settings));
    } catch (cause) {
      throw new KindredError({
        rule: 'ONNX Runtime could not load the model',
        received: `${typeof model === 'string' ? model : `${model.length} bytes`}: ${firstLine(cause)}`,
        next: 'Check that the file is a complete ONNX model',
        cause,
      });
    }
  }

  get inputs(): readonly InferenceSession.ValueMetadata[] {
    return this.#session.inputMetadata;
  }

  get outputs(): readonly InferenceSession.ValueMetadata[] {
    return this.#session.outputMetadata;
  }

  async run(
    inputs: Readonly<Record<string, Value>>,
    places: Readonly<Record<string, Value>> = {},
  ): Promise<Record<string, Value>> {
    const lost = Object.keys(places).find((name) => !this.outputs.some((output) => output.name === name));
    must(lost === undefined, () => ({
      rule: 'Results are written where there is a place for them by their name',
      received: `a place for ${lost}, and a model that gives ${this.outputs.map(({ name }) => name).join(', ')}`,
      next: 'Use a model.onnx that Kindred trained',
    }));
    let results: InferenceSession.ReturnType;
    try {
      const feeds: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(inputs)) feeds[name] = wrapped(value);
      const fetches: Record<string, Tensor | null> = {};
      for (const { name } of this.outputs) fetches[name] = name in places ? wrapped(places[name]) : null;
      results = await this.#session.run(feeds, fetches);
    } catch (cause) {
      throw new KindredError({
        rule: 'ONNX Runtime could not run the model',
        received: `inputs ${Object.entries(inputs)
          .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
          .join(', ')}: ${firstLine(cause)}`,
        next: 'Check the shapes of the inputs, and the memory that is free',
        cause,
      });
    }
    const given: Record<string, Value> = {};
    const copies: ArrayBuffer[] = [];
    for (const [name, result] of Object.entries(results)) {
      const data = result.data as Values;
      if (name in places && data.buffer !== places[name].data.buffer) copies.push(data.buffer as ArrayBuffer);
      given[name] = places[name] ?? { shape: result.dims, data };
    }
    giveBack(copies);
    return given;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * Frees the memory of buffers that nobody needs, at once. onnxruntime-node copies what was written to a place once more; left to the garbage
 * collector, such copies take new memory in every run for a while, whose pages can cost more than the run.
 *
 * What is sent to a port that is closed is taken from the sender and dropped.
 */
function giveBack(buffers: ArrayBuffer[]): void {
  closed.postMessage(null, buffers);
}

const closed = closedPort();
function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}

function wrapped({ shape, data, type }: Value): Tensor {
  if (type === 'bool') return new Tensor('bool', data as Uint8Array, shape);
  if (data instanceof Float32Array) return new Tensor('float32', data, shape);
  if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
  return new Tensor('uint8', data, shape);
}

const firstLine = (cause: unknown): string => String(cause instanceof Error ? cause.message : cause).split('\n')[0];
