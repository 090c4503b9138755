import type { Matrix } from '../core/matrix.ts';
import type { Random } from '../core/random.ts';
import type { DataType, Node } from '../graph/node.ts';
import { cast } from '../graph/ops/cast.ts';
import { concat } from '../graph/ops/concat.ts';
import { input } from '../graph/ops/input.ts';
import { reshape } from '../graph/ops/reshape.ts';
import type { Dimension } from '../graph/shape.ts';
import type { Values } from '../onnx/program.ts';
import type { Encoder } from './encoder.ts';

/** What a model takes for each item: the name of its input, the type, and the shape without the batch. */
export interface ModelInput {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  /** Where it consists of several modalities side by side: what an exported model takes instead, by the modality's name. */
  readonly parts?: readonly ModelInput[];
}

/** How many values an item has. */
export const valuesOf = ({ shape }: ModelInput): number => shape.reduce((a, b) => a * b, 1);

/** The input of a model's graph. */
export const inputNode = ({ name, type, shape }: ModelInput, batch: Dimension): Node =>
  input(name, [batch, ...shape], type);

/** The input of an exported model: of several modalities each by itself, put side by side. */
export function exportedInput(given: ModelInput, batch: Dimension): Node {
  if (given.parts === undefined) return inputNode(given, batch);
  return concat(
    given.parts.map((part) => cast(reshape(inputNode(part, batch), [batch, valuesOf(part)]), 'float32')),
    1,
  );
}

/**
 * How one modality of items becomes the input of a model. There is one for each kind of modality, in `feeds/`.
 *
 * What is done before the model (decoding, tokens, spectra) is described by `before`; what the model does itself, such as
 * subtracting a mean, is put around the encoder by `around` and travels in the ONNX file.
 */
export interface Feed {
  readonly kind: 'image' | 'vector' | 'text' | 'audio' | 'id' | 'parts';
  readonly input: ModelInput;
  /** How many items there are. */
  readonly count: number;
  around(encoder: Encoder): Encoder;
  /** The model's input for the items at `positions`: looks drawn by `random`, or without it the items as they are. */
  values(positions: ArrayLike<number>, random?: Random): Promise<Values>;
  /** Ends the threads that make looks, where there are any. `values` goes on without them. */
  close?(): Promise<void>;
  /** The items as rows of numbers, for what does not learn: `[positions, features]`. */
  features(positions: ArrayLike<number>): Matrix;
  /** Of several modalities: how many columns of the features are of each, in their order. */
  readonly blocks?: Readonly<Record<string, number>>;
  /** All that has to be known to do the same to other items, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The same in words: what is done before the model, and inside it. */
  readonly words: { readonly before: string; readonly inside: string };
}
