import type { Initializer } from '../encoders/encoder.ts';
import type { Node } from '../graph/node.ts';
import { constant } from '../graph/ops/constant.ts';
import { equal } from '../graph/ops/equal.ts';
import { input } from '../graph/ops/input.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { type Dimension, sizeOf } from '../graph/shape.ts';
import type { Value } from '../onnx/program.ts';
import type { Measure } from './distance.ts';
import type { RankedLists } from './ranking.ts';
import { groupMasks } from './related.ts';
import type { SampledClasses } from './sampled.ts';

/**
 * Anchors against candidates, and what is known about them: all that a loss or a miner sees.
 *
 * `A` anchors, `C` candidates, `J` places for the positives of an anchor (not every anchor fills all of them).
 */
export interface Comparison {
  /** `[A, D]` */
  readonly anchors: Node;
  /** `[C, D]` */
  readonly candidates: Node;
  /** `[A, C]`, bool: the pair is known to belong together. An item is never a candidate for itself. */
  readonly same: Node;
  /** `[A, C]`, bool: the pair is known not to belong together. */
  readonly different: Node;
  /** `[A, J]`, int64: the positions of each anchor's positives. */
  readonly positives: Node;
  /** `[A, J]`, bool: which of those places are filled. */
  readonly filled: Node;
  /** `[A, J]`, int64: for triplets that are given, the position of what is farther than the positive at that place. */
  readonly given?: Node;
  /** `[A, J]`, int64: where the negative stands that was drawn for an anchor and a positive, -1 where none was. */
  readonly assigned?: Node;
  /** `[A, J]`: how much each of the given triplets counts, where they differ in it. */
  readonly weights?: Node;
  /** `[A]`, int64: where each anchor stands among the candidates. */
  readonly positions: Node;
  /** Where groups are what is known: those of anchors `[A]` and candidates `[C]`, int64. */
  readonly labels?: { readonly anchors: Node; readonly candidates: Node };
  /** How many groups there are in all, where it is known; labels lie below. */
  readonly classes?: number;
  /** `[A]`, bool: which anchors count in losses over groups; all of them unless given. Losses over pairs see it in the masks. */
  readonly counted?: Node;
  /** Where graded lists or preferences are what is known: the items of each list with their scores. */
  readonly ranked?: RankedLists;
  /** Where there are too many classes to look at each: those of the anchors and some that were drawn. */
  readonly sampled?: SampledClasses;
  /** A vector of each item that the objective named in `beside`, such as a teacher's embedding. */
  beside(name: string): Beside;
  /** `[A, C]`, the same node whenever it is asked for. */
  distances(distance: Measure): Node;
  /** What the objective learns itself, such as class weights: declared as an encoder declares its own, as `objective.NAME`. */
  parameter(name: string, shape: readonly number[], initial: Initializer): Node;
}

/** What anchors `[A, W]` and candidates `[C, W]` have of one kind, beside their embeddings. No gradient is asked of it. */
export interface Beside {
  readonly anchors: Node;
  readonly candidates: Node;
}

/** Declares a parameter of the objective. */
export type Declare = Comparison['parameter'];

const nothingToLearn: Declare = (name) => {
  throw new Error(`this comparison has no place for the parameter ${name}`);
};

const nothingBeside: Comparison['beside'] = (name) => {
  throw new Error(`this comparison has nothing of the name ${name}`);
};

/** A comparison from its parts; distances are built once each. */
export function comparison(
  parts: Omit<Comparison, 'distances' | 'parameter' | 'beside'> & {
    readonly parameter?: Declare;
    readonly beside?: Comparison['beside'];
  },
): Comparison {
  const known = new Map<Measure, Node>();
  const declared = new Map<string, Node>();
  const declare = parts.parameter ?? nothingToLearn;
  // Not copied but stood upon: for triplets, asking for pairs is an error.
  return Object.assign(Object.create(parts) as typeof parts, {
    beside: parts.beside ?? nothingBeside,
    parameter(name: string, shape: readonly number[], initial: Initializer) {
      const node = declared.get(name) ?? declare(`objective.${name}`, shape, initial);
      declared.set(name, node);
      return node;
    },
    distances(distance: Measure) {
      let node = known.get(distance);
      if (node === undefined) {
        node = distance.between(parts.anchors, parts.candidates);
        known.set(distance, node);
      }
      return node;
    },
  });
}

/**
 * Every item of a batch against all others of it, related by their group: same label, same; other label, different. The
 * batch has a size that is known.
 * The graph's inputs are `labels` `[B]`, `positives` and `filled` `[B, J]`, which {@link groupFeeds} makes.
 */
export function withinBatch(
  embeddings: Node,
  places: Dimension,
  others: Pick<Comparison, 'classes' | 'sampled'> & Partial<Pick<Comparison, 'parameter' | 'beside'>> = {},
): Comparison {
  const batch = sizeOf(embeddings.shape.slice(0, 1));
  const labels = input('labels', [batch], 'int64');
  const positions = constant(
    Float64Array.from({ length: batch }, (_, i) => i),
    [batch],
    'int64',
  );
  const self = equal(reshape(positions, [batch, 1]), reshape(positions, [1, batch]));
  return comparison({
    anchors: embeddings,
    candidates: embeddings,
    ...groupMasks({ anchors: labels, candidates: labels }, self),
    positives: input('positives', [batch, places], 'int64'),
    filled: input('filled', [batch, places], 'bool'),
    positions,
    labels: { anchors: labels, candidates: labels },
    ...others,
  });
}

/** The most positives that an item of this batch has: `J`. */
export function mostPositives(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(1, Math.max(0, ...counts.values()) - 1);
}

/** The relation of a batch as {@link withinBatch} takes it: each item's positives are the others with its label, in order. */
export function groupFeeds(labels: Int32Array, places: number): Record<'labels' | 'positives' | 'filled', Value> {
  const batch = labels.length;
  const lists = groupLists(labels);
  const positives = new BigInt64Array(batch * places);
  const filled = new Uint8Array(batch * places);
  labels.forEach((label, i) => {
    let place = i * places;
    for (const other of lists.get(label) as number[]) {
      if (other === i) continue;
      positives[place] = BigInt(other);
      filled[place++] = 1;
    }
  });
  return {
    labels: { shape: [batch], data: BigInt64Array.from(labels, (label) => BigInt(label)) },
    positives: { shape: [batch, places], data: positives },
    filled: { shape: [batch, places], data: filled, type: 'bool' },
  };
}

/** The positions with each label, in order. */
export function groupLists(labels: Int32Array): ReadonlyMap<number, readonly number[]> {
  const lists = new Map<number, number[]>();
  labels.forEach((label, i) => {
    const list = lists.get(label);
    if (list === undefined) lists.set(label, [i]);
    else list.push(i);
  });
  return lists;
}
