import type { Random } from '../core/random.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';

/** How a parameter starts: fills `values`, given its shape. */
export type Initializer = (values: Float32Array, shape: readonly number[], random: Random) => void;

/** One trainable tensor of an encoder. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initializer;
  /** What kind it is, for rules that leave some out: `'bias'`, `'norm'`. */
  readonly tags: readonly string[];
}

/** Where an encoder declares its parameters while it builds its graph. */
export interface Scope {
  parameter(name: string, shape: readonly number[], initial: Initializer, tags?: readonly string[]): Node;
}

/**
 * Maps a batch of items to embeddings `[batch, dimension]`.
 *
 * `apply` builds the same graph wherever it is called: for a training step with a batch of known size, for the exported
 * model with a symbol. The parameters are whatever it declares on the way, so they are written down once.
 */
export interface Encoder {
  readonly name: string;
  readonly dimension: number;
  apply(scope: Scope, x: Node): Node;
}

/** An encoder's graph over `x`, with its parameters as inputs. */
export function trace(
  encoder: Encoder,
  x: Node,
): { readonly embeddings: Node; readonly parameters: readonly (Parameter & { readonly node: Node })[] } {
  const parameters: (Parameter & { node: Node })[] = [];
  const scope: Scope = {
    parameter(name, shape, initial, tags = []) {
      const node = input(name, shape);
      parameters.push({ name, shape, initial, tags, node });
      return node;
    },
  };
  const embeddings = encoder.apply(scope, x);
  return { embeddings, parameters };
}

/** Seeded start values; each parameter draws from a generator of its own name, so that adding one moves no other. */
export function initialize(parameters: readonly Parameter[], random: Random): Float32Array[] {
  return parameters.map(({ name, shape, initial }) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    initial(values, shape, random.split(name));
    return values;
  });
}
