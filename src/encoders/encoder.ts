import type { Random } from '../core/random.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';
import type { Tokens } from '../readers/tokens/tokens.ts';
import type { ReductionAsked } from './reduction.ts';

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

/** What an encoder measures of each training batch, and uses the running average of afterwards: batch norm's mean. */
export interface Statistic {
  readonly name: string;
  readonly shape: readonly number[];
  /** What it is before the first batch: every value the same, or one for each. */
  readonly initial: number | Float32Array;
}

/** A statistic before the first batch. */
export function startOf({ shape, initial }: Statistic): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (typeof initial === 'number') values.fill(initial);
  else values.set(initial);
  return values;
}

/** Where an encoder declares its parameters while it builds its graph. */
export interface Scope {
  /** In training, layers may use the statistics of their batch; everywhere else an item's embedding is its own. */
  readonly training: boolean;
  parameter(name: string, shape: readonly number[], initial: Initializer, tags?: readonly string[]): Node;
  /** In training: notes the batch's `current` value for the average, and gives it back. Otherwise: the average. */
  statistic(name: string, shape: readonly number[], initial: Statistic['initial'], current: () => Node): Node;
  /** The list that each item stands in, int64 `[batch]`: for encoders that see an item among the others of its list. */
  lists(): Node;
  /** Numbers from 0 to 1 that are drawn anew for each step, for what is random in training alone. */
  noise(shape: readonly number[]): Node;
}

/**
 * Maps a batch of items to embeddings `[batch, dimension]`.
 *
 * `apply` builds the same graph wherever it is called: for a training step with a batch of known size, for the exported
 * model with a symbol. The parameters are whatever it declares on the way, so they are written down once.
 */
export interface Encoder {
  readonly name: string;
  /** The mean and deviation (0 to 255) that pixels are normalised by, where the encoder has its own: else those of the data. */
  readonly pixels?: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  /** Whether it takes vectors as they are, without each column centred and scaled. */
  readonly unscaled?: boolean;
  /** Principal components that vectors become before it, inside the model, after what is done to their columns. */
  readonly reduce?: ReductionAsked;
  /** Where it sees nothing but which item it is: its graph for so many items, of their positions, int64 `[batch, 1]`. */
  readonly perItem?: (items: number) => Encoder['apply'];
  /** Where rows of tokens start the longer the rarer they are: its graph with these lengths, one for each id, asked for when they start. */
  readonly byRarity?: (lengths: () => Float64Array) => Encoder['apply'];
  /** How texts become its input, where it takes texts. */
  readonly tokens?: Tokens;
  /** Where it sees several modalities of items: then `apply` is that of the feed that puts them together. */
  readonly parts?: TowerParts;
  /** What training alone puts behind the embeddings: the objective sees its result, and nobody else does. */
  readonly head?: (scope: Scope, embeddings: Node) => Node;
  apply(scope: Scope, x: Node): Node;
}

/** What a tower sees of items: `features` `[batch, columns]`, and whether they have the modality at all, `there` `[batch, 1]`, bool. */
export interface Seen {
  readonly name: string;
  readonly features: Node;
  readonly there: Node;
}

/** An encoder for each modality, by its name, and how what they see becomes one. */
export interface TowerParts {
  readonly towers: Readonly<Record<string, Encoder>>;
  /** Share of modalities that training hides. */
  readonly drop: number;
  fuse(scope: Scope, seen: readonly Seen[]): Node;
}

/** An encoder's graph, with what it declared on the way. */
export interface Traced {
  /** In training with a head: what the head makes of them. */
  readonly embeddings: Node;
  /** In training with a head: what the head is given, which is what the model will give. */
  readonly below?: Node;
  /** Parameters are inputs of the graph. */
  readonly parameters: readonly (Parameter & { readonly node: Node })[];
  /** In training the node is what the batch measured; otherwise it is an input, the average. */
  readonly statistics: readonly (Statistic & { readonly node: Node })[];
  /** Its input {@link LISTS}, where it sees items in their lists. */
  readonly lists?: Node;
  /** Its inputs of noise. */
  readonly noise: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** The input of a model that sees items in their lists: the number of the list of each, int64 `[batch]`. */
export const LISTS = 'lists';

export function trace(encoder: Encoder, x: Node, { training = false }: { training?: boolean } = {}): Traced {
  const parameters: (Parameter & { node: Node })[] = [];
  const statistics: (Statistic & { node: Node })[] = [];
  const noise: { name: string; shape: readonly number[] }[] = [];
  let lists: Node | undefined;
  const scope: Scope = {
    training,
    parameter(name, shape, initial, tags = []) {
      const node = input(name, shape);
      parameters.push({ name, shape, initial, tags, node });
      return node;
    },
    statistic(name, shape, initial, current) {
      const node = training ? current() : input(name, shape);
      statistics.push({ name, shape, initial, node });
      return node;
    },
    lists() {
      lists ??= input(LISTS, x.shape.slice(0, 1), 'int64');
      return lists;
    },
    noise(shape) {
      const name = `noise:${noise.length}`;
      noise.push({ name, shape });
      return input(name, shape);
    },
  };
  const below = encoder.apply(scope, x);
  const head = training ? encoder.head : undefined;
  const embeddings = head === undefined ? below : head(scope, below);
  return { embeddings, ...(head && { below }), parameters, statistics, ...(lists && { lists }), noise };
}

/** Seeded start values; each parameter draws from a generator of its own name, so that adding one moves no other. */
export function initialize(parameters: readonly Parameter[], random: Random): Float32Array[] {
  return parameters.map(({ name, shape, initial }) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    initial(values, shape, random.split(name));
    return values;
  });
}
