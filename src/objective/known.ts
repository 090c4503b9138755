import { isDeepStrictEqual } from 'node:util';
import { KindredError, must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Node } from '../graph/node.ts';
import { constant } from '../graph/ops/constant.ts';
import { input } from '../graph/ops/input.ts';
import { sizeOf } from '../graph/shape.ts';
import type { Known, PositionLists, Ranked } from '../relations/known.ts';
import { type Beside, type Comparison, comparison, type Declare, mostPositives, withinBatch } from './comparison.ts';
import { aboveByGrade, type RankedLists, scoresOf } from './ranking.ts';
import { sampledInputs } from './sampled.ts';

/** What a graph has to be built for: all batches that are known in the same form, with room for so many positives. */
export interface KnownForm {
  readonly kind: Known['kind'];
  /** Positives of an anchor, or triplets of it: `J`. */
  readonly places: number;
  /** Whether triplets have weights. */
  readonly weighted: boolean;
  /** How many groups there are, where objectives need to know. */
  readonly classes?: number | undefined;
  /** Where items stand in lists: how many each has room for, and what is known of them. */
  readonly ranked?:
    | { readonly room: number; readonly by: 'grades' | 'preferences'; readonly weighted: boolean }
    | undefined;
  /** Whether negatives were assigned, of which those that a miner keeps are counted. */
  readonly assigned?: boolean | undefined;
  /** Where classes are drawn: how many, and whether they have biases. */
  readonly sampled?: { readonly draws: number; readonly bias: boolean } | undefined;
  /** How long the vectors are that items have beside what is known of them, by name. */
  readonly beside?: Readonly<Record<string, number>> | undefined;
}

/** The form that one batch needs. Lists differ from batch to batch, so their room is a power of two. */
export function formOf(known: Known): KnownForm {
  const weighted = known.kind === 'triplets' && known.weight !== undefined;
  const { kind } = known;
  const others = {
    weighted,
    ...(known.kind === 'lists' && known.assigned && { assigned: true }),
    ...(known.ranked && { ranked: formOfLists(known.ranked) }),
    ...(known.beside && { beside: widthsOf(known.beside) }),
  };
  if (kind === 'labels') return { kind, places: mostPositives(known.labels), ...others };
  const counts = kind === 'lists' ? lengths(known.same) : countsOf(known.anchor);
  return { kind, places: 2 ** Math.ceil(Math.log2(Math.max(1, ...counts))), ...others };
}

const formOfLists = ({ room, grades, weights }: Ranked): NonNullable<KnownForm['ranked']> => ({
  room,
  by: grades === undefined ? 'preferences' : 'grades',
  weighted: weights !== undefined,
});

/** Whether a graph built for `form` takes what needs `other`. */
export const holds = (form: KnownForm, other: KnownForm): boolean =>
  form.kind === other.kind &&
  form.weighted === other.weighted &&
  isDeepStrictEqual(form.ranked, other.ranked) &&
  (form.assigned ?? false) === (other.assigned ?? false) &&
  isDeepStrictEqual(form.sampled, other.sampled) &&
  form.places >= other.places &&
  Object.entries(form.beside ?? {}).every(([name, width]) => other.beside?.[name] === width);

/** How long vectors are, by name. */
export const widthsOf = (beside: Readonly<Record<string, Matrix>>): Record<string, number> =>
  Object.fromEntries(Object.entries(beside).map(([name, { columns }]) => [name, columns]));

/** The items of a batch against all others of it, related as known. Its inputs are what `knownFeeds` makes. */
export function comparisonOf(form: KnownForm, embeddings: Node, parameter?: Declare): Comparison {
  const batch = sizeOf(embeddings.shape.slice(0, 1));
  const others = {
    ...(form.classes !== undefined && { classes: form.classes }),
    ...(form.sampled && { sampled: sampledInputs(embeddings, form.sampled) }),
    ...(parameter && { parameter }),
    beside: besideOf(form, (name, width) => {
      const all = input(`beside:${name}`, [batch, width]);
      return { anchors: all, candidates: all };
    }),
  };
  if (form.kind === 'labels') return withinBatch(embeddings, form.places, others);
  const places = [batch, form.places];
  const parts = {
    anchors: embeddings,
    candidates: embeddings,
    positives: input('positives', places, 'int64'),
    filled: input('filled', places, 'bool'),
    positions: constant(
      Float64Array.from({ length: batch }, (_, i) => i),
      [batch],
      'int64',
    ),
    ...others,
  };
  if (form.ranked !== undefined) {
    return comparison(withoutPairs({ ...parts, ranked: listsOf(form.ranked, embeddings, parameter) }, onlyRanked));
  }
  if (form.kind === 'lists') {
    return comparison({
      ...parts,
      same: input('same-pairs', [batch, batch], 'bool'),
      different: input('different-pairs', [batch, batch], 'bool'),
      ...(form.assigned && { assigned: input('assigned', places, 'int64') }),
    });
  }
  const triplets = {
    ...parts,
    given: input('negatives', places, 'int64'),
    ...(form.weighted && { weights: input('weights', places) }),
  };
  return comparison(withoutPairs(triplets, onlyTriplets));
}

/** The items of lists with their scores. */
function listsOf(
  { room, by, weighted }: NonNullable<KnownForm['ranked']>,
  embeddings: Node,
  parameter: Declare = () => {
    throw new Error('a score is a parameter of the objective');
  },
): RankedLists {
  const lists = sizeOf(embeddings.shape.slice(0, 1)) / room;
  const filled = input('list-filled', [lists, room], 'bool');
  const grades = by === 'grades' ? input('list-grades', [lists, room]) : undefined;
  return {
    scores: scoresOf(embeddings, room, (name, ...rest) => parameter(`objective.${name}`, ...rest)),
    filled,
    ...(grades && { grades }),
    above: grades ? aboveByGrade(grades, filled) : input('list-above', [lists, room, room]),
    ...(weighted && { weights: input('list-weights', [lists, room]) }),
  };
}

/** What items have beside what is known of them: inputs of a graph, each made once, where a form has them. */
export function besideOf(
  { beside = {} }: KnownForm,
  inputs: (name: string, width: number) => Beside,
): (name: string) => Beside {
  const made = new Map<string, Beside>();
  return (name) => {
    must(beside[name] !== undefined, () => ({
      rule: 'A loss that needs a vector of each item finds it beside what is known of them',
      received: `nothing called ${name}`,
      next: `Give items a modality ${name} of vectors`,
      exitCode: 2,
    }));
    const found = made.get(name) ?? inputs(name, beside[name]);
    made.set(name, found);
    return found;
  };
}

/** Parts of a comparison in which nothing is known of pairs: to look at their masks is an error. */
export function withoutPairs<Parts extends object>(
  parts: Parts,
  error: () => KindredError,
): Parts & Pick<Comparison, 'same' | 'different'> {
  const get = () => {
    throw error();
  };
  return Object.defineProperties(parts, { same: { get }, different: { get } }) as never;
}

/** Asked for pairs, lists have nothing to say. */
const onlyRanked = () =>
  new KindredError({
    rule: 'Graded lists and preferences say what items are worth to a query, not which pairs are the same or different',
    received: 'an objective that looks at pairs',
    next: 'Choose a loss over rankings, such as loss: { name: list-net }',
    exitCode: 2,
  });

/** Asked for pairs, triplets have nothing to say. */
export const onlyTriplets = () =>
  new KindredError({
    rule: 'Triplets say which of two is closer, not which pairs are the same or different',
    received: 'an objective that looks at pairs',
    next: 'Choose a loss over triplets without miners, such as loss: { name: triplet }',
    exitCode: 2,
  });

const lengths = ({ offsets }: PositionLists): number[] =>
  Array.from({ length: offsets.length - 1 }, (_, i) => offsets[i + 1] - offsets[i]);

function countsOf(anchors: Int32Array): number[] {
  const counts = new Map<number, number>();
  for (const anchor of anchors) counts.set(anchor, (counts.get(anchor) ?? 0) + 1);
  return [...counts.values()];
}
