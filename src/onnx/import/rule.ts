import { must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import type { Attributes } from './attributes.ts';
import { numbersOf, type Value, valuesOf } from './value.ts';

/** What an encoder declares while an imported model is built, as its parameters and running statistics. */
export interface ImportScope {
  /** In training, batch norm may use the statistics of its batch. */
  readonly training: boolean;
  parameter(weight: Weight): Node;
  /** In training: notes the batch's `current` value for the average, and gives it back. Otherwise: the average. */
  statistic(weight: Weight, current: () => Node): Node;
}

/** A tensor that can be trained, as the file holds it. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** `'bias'`, `'norm'`: by the ops that use it. */
  readonly tags: readonly string[];
}

/** One node of a model, about to be translated. */
export class Call {
  readonly attributes: Attributes;
  readonly opset: number;
  /** How many results are wanted, at most. */
  readonly outputs: number;
  readonly #inputs: readonly (Value | undefined)[];
  /** The running average of the first or second statistic of its batches, if the node keeps one. */
  readonly statistic: (which: 0 | 1, current: () => Node) => Node | undefined;

  constructor(parts: {
    attributes: Attributes;
    opset: number;
    outputs: number;
    inputs: readonly (Value | undefined)[];
    statistic: (which: 0 | 1, current: () => Node) => Node | undefined;
  }) {
    this.attributes = parts.attributes;
    this.opset = parts.opset;
    this.outputs = parts.outputs;
    this.#inputs = parts.inputs;
    this.statistic = parts.statistic;
  }

  /** How many inputs there are, those that are left out included. */
  get count(): number {
    return this.#inputs.length;
  }

  has(input: number): boolean {
    return this.#inputs[input] !== undefined;
  }

  value(input: number): Value {
    const value = this.#inputs[input];
    must(value !== undefined, () => ({
      rule: 'An op gets the inputs that it needs',
      received: `number ${input + 1} is missing`,
      next: 'Check what wrote the file',
    }));
    return value;
  }

  node(input: number): Node {
    return this.value(input).node();
  }

  nodes(): Node[] {
    return this.#inputs.map((_, i) => this.node(i));
  }

  /** What is known of an input when the model is imported: whole numbers, or sizes that may be open. */
  numbers(input: number, what: string): readonly number[] {
    return numbersOf(this.value(input), what);
  }

  sizes(input: number, what: string): ReturnType<typeof valuesOf> {
    return valuesOf(this.value(input), what);
  }

  /** Axes and the like, which were an attribute in earlier op sets and are an input in later ones. */
  numbersOrAttribute(input: number, name: string): readonly number[] | undefined {
    return this.has(input) ? this.numbers(input, name) : this.attributes.ints(name);
  }
}

/** How an ONNX op is written with ours. Several results where the node has several. */
export type Rule = (call: Call) => Node | Value | readonly Node[];
export type Rules = Readonly<Record<string, Rule>>;
