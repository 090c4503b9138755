import type { Matrix } from '../core/matrix.ts';

/** Lists of positions, one for each row: row `i` has `positions[offsets[i]]` to `positions[offsets[i + 1] - 1]`. */
export interface PositionLists {
  readonly offsets: Int32Array;
  readonly positions: Int32Array;
}

/**
 * What is known between the items of one batch; positions are those in the batch, not those of items.
 *
 * This is all that losses and miners learn of a relation, whatever its kind.
 */
export type Known = Between & {
  /** A vector for each position, by name: what a loss needs of items beside their relation, such as a teacher's embeddings. */
  readonly beside?: Readonly<Record<string, Matrix>>;
  /** Where items stand in lists, each of one query: then nothing is known between them but this. */
  readonly ranked?: Ranked;
  /** Triplets that were drawn, positions in the batch: a miner may choose another negative for `anchor[i]` and `positive[i]`. */
  readonly assigned?: { readonly anchor: Int32Array; readonly positive: Int32Array; readonly negative: Int32Array };
};

/** Lists with room for the same number of items each, one after the other: position `list * room + place`. */
export interface Ranked {
  readonly room: number;
  /** 1 where a place is taken, 0 where a list is shorter; there the item is the list's first. */
  readonly filled: Uint8Array;
  /** Of graded lists: the relevance of each item to its query, 0 where the place is not taken. */
  readonly grades?: Float32Array;
  /** Of preferences: positions, `winner[i]` preferred to `loser[i]`, both of one list, and how much that counts. */
  readonly preferred?: { readonly winner: Int32Array; readonly loser: Int32Array; readonly weight?: Float32Array };
  /** Of graded lists: how much each item counts; 1 where absent. */
  readonly weights?: Float32Array;
}

type Between =
  /** Same label: same. Other label: different. */
  | { readonly kind: 'labels'; readonly labels: Int32Array }
  /**
   * For each position those that are the same, and those that are different, each rising and without itself. `'others'`:
   * all that are neither the same nor a copy of the item itself. What is in neither is not known, and takes no part.
   */
  | {
      readonly kind: 'lists';
      readonly same: PositionLists;
      readonly different: PositionLists | 'others';
      /** The item at each position, so that copies of one item are not taken for different ones. */
      readonly items: Int32Array;
    }
  /** `anchor[i]` is closer to `closer[i]` than to `farther[i]`; nothing else is known. */
  | {
      readonly kind: 'triplets';
      readonly anchor: Int32Array;
      readonly closer: Int32Array;
      readonly farther: Int32Array;
      readonly weight?: Float32Array;
    };

/** How much is known: pairs counted from both of their ends, since each is a candidate for the other. */
export interface KnownCounts {
  readonly same: number;
  readonly different: number;
  readonly triplets: number;
}

export function countKnown(known: Known): KnownCounts {
  if (known.kind === 'triplets') return { same: 0, different: 0, triplets: known.anchor.length };
  if (known.kind === 'labels') {
    const all = known.labels.length ** 2;
    const alike = squares(known.labels);
    return { same: alike - known.labels.length, different: all - alike, triplets: 0 };
  }
  const same = known.same.positions.length;
  const rest = () => known.items.length ** 2 - squares(known.items) - same;
  return { same, different: known.different === 'others' ? rest() : known.different.positions.length, triplets: 0 };
}

/** Sum of the squares of how many times each value comes: ordered pairs of equal values, those with themselves included. */
function squares(values: Int32Array): number {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  let sum = 0;
  for (const count of times.values()) sum += count ** 2;
  return sum;
}
