import { must } from '../core/error.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import type { Random } from '../core/random.ts';
import { Program, type Runtime, type Value, type Values } from '../onnx/program.ts';
import { LISTS } from './encoder.ts';
import { type Feed, type ModelInput, valuesOf } from './feed.ts';

/** Items that go through the model at a time; of lists that are looked at as a whole, as many as fit and one at least. */
const CHUNK = 256;

export interface EmbedOptions {
  /** All of them unless given. */
  readonly positions?: Int32Array;
  /**
   * Of models that see items in their lists: the number of the list of each position, those of a list next to each other. Each
   * item is alone unless given.
   */
  readonly lists?: Int32Array;
  /** Draws looks; without it items are as they are. */
  readonly random?: Random;
  readonly progress?: (done: number, total: number) => void;
}

/** A trained model at work: items in, embeddings out, and scores where it is a ranker. */
export class Embedder {
  readonly #program: Program;
  readonly #seesLists: boolean;
  /** What the model takes. */
  readonly input: ModelInput;
  readonly dimension: number;
  /** What the model calls its embeddings: its first result. */
  readonly #output: string;

  private constructor(program: Program, seesLists: boolean, input: ModelInput, dimension: number) {
    this.#program = program;
    this.#seesLists = seesLists;
    this.#output = program.outputs[0].name;
    this.input = input;
    this.dimension = dimension;
  }

  /** From an exported model, as bytes or as the path of its file. */
  static async open(model: Uint8Array | string, options: Runtime): Promise<Embedder> {
    const program = await Program.compile(model, options);
    const given = program.inputs.map((each) => `${each.name} ${each.isTensor ? `[${each.shape}]` : ''}`).join(', ');
    const inputs = program.inputs.filter(({ name }) => name !== LISTS);
    const [output] = program.outputs;
    const fits =
      inputs.length > 0 &&
      inputs.every((input) => input.isTensor && input.shape.slice(1).every((size) => typeof size === 'number')) &&
      output.isTensor &&
      typeof output.shape[1] === 'number';
    must(fits, () => ({
      rule: 'A model takes items in the first dimension of its inputs, and gives [batch, dimension]',
      received: given,
      next: 'Use a model.onnx that Kindred trained',
    }));
    const parts = inputs.map((input): ModelInput => {
      const [, ...shape] = input.isTensor ? (input.shape as number[]) : [];
      return { name: input.name, type: input.isTensor ? (input.type as ModelInput['type']) : 'float32', shape };
    });
    const seesLists = program.inputs.length > inputs.length;
    const dimension = output.isTensor ? Number(output.shape[1]) : 0;
    return new Embedder(program, seesLists, parts.length === 1 ? parts[0] : sideBySide(parts), dimension);
  }

  /** Embeddings `[positions, dimension]` of items. */
  async embed(feed: Feed, options: EmbedOptions = {}): Promise<Matrix> {
    const result = matrix(options.positions?.length ?? feed.count, this.dimension);
    await this.#run(feed, options, (from, to) => ({
      [this.#output]: {
        shape: [to - from, this.dimension],
        data: result.data.subarray(from * this.dimension, to * this.dimension),
      },
    }));
    return result;
  }

  /** One score for each of `positions`: more is better. Of models with the output `scores`. */
  async score(feed: Feed, options: EmbedOptions = {}): Promise<Float32Array> {
    const scores = new Float32Array(options.positions?.length ?? feed.count);
    await this.#run(feed, options, (from, to) => ({
      scores: { shape: [to - from], data: scores.subarray(from, to) },
    }));
    return scores;
  }

  /** Runs the model on chunks of items, with results in the places that are given for each. */
  async #run(
    feed: Feed,
    options: EmbedOptions,
    places: (from: number, to: number) => Record<string, Value>,
  ): Promise<void> {
    const { positions = range(feed.count), random, progress } = options;
    const lists = this.#seesLists ? (options.lists ?? range(positions.length)) : undefined;
    must(inWords(feed.input) === inWords(this.input), () => ({
      rule: `The model takes ${inWords(this.input)}`,
      received: inWords(feed.input),
      next: 'Give items like those that it was trained on',
    }));
    for (let from = 0, to = 0; from < positions.length; from = to) {
      to = endOfChunk(from, positions.length, lists);
      const chunk = positions.subarray(from, to);
      await this.#program.run(
        {
          ...inputsOf(this.input, chunk.length, await feed.values(chunk, random?.split(from))),
          ...(lists && {
            [LISTS]: { shape: [chunk.length], data: BigInt64Array.from(lists.subarray(from, to), BigInt) },
          }),
        },
        places(from, to),
      );
      progress?.(to, positions.length);
    }
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}

const range = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);

/** Where a chunk ends that begins at `from`: no list is cut. */
function endOfChunk(from: number, all: number, lists: Int32Array | undefined): number {
  const most = Math.min(all, from + CHUNK);
  if (lists === undefined || most === all) return most;
  let to = most;
  while (to > from && lists[to] === lists[to - 1]) to--;
  if (to > from) return to;
  for (to = most; to < all && lists[to] === lists[from]; ) to++;
  return to;
}

const inWords = ({ name, type, shape, parts }: ModelInput): string =>
  parts === undefined ? `${name}, ${type} of ${shape.join(' x ')}` : parts.map(inWords).join(' and ');

/** Several inputs as the one that feeds give: see `partsFeed`. */
function sideBySide(inputs: readonly ModelInput[]): ModelInput {
  const parts = [...inputs].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { name: 'parts', type: 'float32', shape: [parts.reduce((sum, part) => sum + valuesOf(part), 0)], parts };
}

/** What a feed gave for so many items, by the names of the model's inputs. */
function inputsOf(input: ModelInput, items: number, values: Values): Record<string, Value> {
  const { parts, shape, name } = input;
  if (parts === undefined) return { [name]: { shape: [items, ...shape], data: values } };
  const columns = valuesOf(input);
  let start = 0;
  return Object.fromEntries(
    parts.map((part) => {
      const size = valuesOf(part);
      const own = new Float32Array(items * size);
      for (let item = 0; item < items; item++) {
        own.set((values as Float32Array).subarray(item * columns + start, item * columns + start + size), item * size);
      }
      start += size;
      const data = part.type === 'int64' ? BigInt64Array.from(own, BigInt) : own;
      return [part.name, { shape: [items, ...part.shape], data }];
    }),
  );
}
