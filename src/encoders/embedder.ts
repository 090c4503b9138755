import { must } from '../core/error.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import { Program, type Runtime } from '../onnx/program.ts';
import type { Pictures } from '../relations/items.ts';

/** Pictures that go through the model at a time. */
const CHUNK = 256;

/** A trained model at work: pictures in, embeddings out. */
export class PictureEmbedder {
  readonly #program: Program;
  /** What the model takes. */
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly dimension: number;

  private constructor(program: Program, size: readonly [number, number, number], dimension: number) {
    this.#program = program;
    [this.height, this.width] = size;
    this.channels = size[2] as 1 | 3;
    this.dimension = dimension;
  }

  /** From an exported model, as bytes or as the path of its file. */
  static async open(model: Uint8Array | string, options: Runtime): Promise<PictureEmbedder> {
    const program = await Program.compile(model, options);
    const given = program.inputs.map((each) => `${each.name} ${each.isTensor ? `[${each.shape}]` : ''}`).join(', ');
    const [input] = program.inputs;
    const [output] = program.outputs;
    const fits =
      program.inputs.length === 1 &&
      input.isTensor &&
      input.type === 'uint8' &&
      input.shape.length === 4 &&
      input.shape.slice(1).every((size) => typeof size === 'number') &&
      output.isTensor &&
      typeof output.shape[1] === 'number';
    must(fits, () => ({
      rule: 'A picture encoder takes one input, uint8 [batch, height, width, channels]',
      received: given,
      next: 'Use a model.onnx that Kindred trained on pictures',
    }));
    const size = input.isTensor ? (input.shape.slice(1) as [number, number, number]) : ([0, 0, 0] as const);
    return new PictureEmbedder(program, size, output.isTensor ? Number(output.shape[1]) : 0);
  }

  /** Embeddings `[pictures, dimension]`. */
  async embed(pictures: Pictures, progress?: (done: number, total: number) => void): Promise<Matrix> {
    const { height, width, channels } = this;
    must(pictures.height === height && pictures.width === width && pictures.channels === channels, () => ({
      rule: `The model takes pictures of ${height} x ${width} x ${channels}`,
      received: `${pictures.height} x ${pictures.width} x ${pictures.channels}`,
      next: 'Read them at that size',
    }));
    const result = matrix(pictures.count, this.dimension);
    const bytes = height * width * channels;
    for (let start = 0; start < pictures.count; start += CHUNK) {
      const count = Math.min(CHUNK, pictures.count - start);
      const pixels = pictures.pixels.subarray(start * bytes, (start + count) * bytes);
      const place = result.data.subarray(start * this.dimension, (start + count) * this.dimension);
      await this.#program.run(
        { pixels: { shape: [count, height, width, channels], data: pixels } },
        { embeddings: { shape: [count, this.dimension], data: place } },
      );
      progress?.(start + count, pictures.count);
    }
    return result;
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}
