import { must } from '../core/error.ts';
import type { Matrix } from '../core/matrix.ts';

/** Tags of items: those of item `i` are `tags[offsets[i]]` to `tags[offsets[i + 1] - 1]`, each once. */
export interface TagLists {
  readonly offsets: Int32Array;
  readonly tags: Int32Array;
}

/** How well tags are told, of 0 to 1. */
export interface AnnotationMeasures {
  readonly gapAt20: number;
  readonly map: number;
}

/** Predictions of an item that count for GAP. */
const MOST = 20;

/** Predictions in falling order: who is predicted about, whether it is right, and whether the next one has another score. */
interface Sorted {
  readonly items: Int32Array;
  readonly right: Uint8Array;
  readonly last: Uint8Array;
}

/**
 * Scores of tags for items, to be measured again and again with other weights of the items.
 *
 * - `gapAt20`, global average precision: of each item the 20 tags with the largest scores (of equal scores the tags with smaller numbers) are put
 *   into one list, largest first; `sum over the list of precision(i) (recall(i) - recall(i - 1))`, where recall is the share of all
 *   tags that items have, also of those not among the 20 (Abu-El-Haija et al.: YouTube-8M, 2016; the challenge of 2017).
 * - `map`: the mean over tags of the average precision of all items by the score of the tag; tags that no item has take no part.
 *
 * In both, equal scores are one step: precision is that after all of them, so that their order does not matter.
 */
export class Annotation {
  readonly #all: Sorted;
  readonly #byTag: readonly Sorted[];
  readonly #counts: Int32Array;
  readonly #items: number;

  /**
   * @param scores `[items, tags]`, the larger the likelier
   * @throws KindredError where no item has a tag, or a score is not finite
   */
  constructor({ rows, columns, data }: Matrix, has: TagLists) {
    must(has.tags.length > 0 && data.every(Number.isFinite), () => ({
      rule: 'Annotation is measured on finite scores, of items that have tags',
      received: has.tags.length === 0 ? 'no item with a tag' : 'a score that is not finite',
      next: 'Give items with tags',
    }));
    const right = new Uint8Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let at = has.offsets[i]; at < has.offsets[i + 1]; at++) right[i * columns + has.tags[at]] = 1;
    }
    const falling = (a: number, b: number) => data[b] - data[a] || a - b;
    const sorted = (places: Int32Array): Sorted => {
      const order = places.sort(falling);
      return {
        items: order.map((place) => Math.floor(place / columns)),
        right: Uint8Array.from(order, (place) => right[place]),
        last: Uint8Array.from(order, (place, i) => Number(data[order[i + 1]] !== data[place])),
      };
    };
    const kept = new Int32Array(rows * Math.min(MOST, columns));
    for (let i = 0; i < rows; i++) {
      const own = Int32Array.from({ length: columns }, (_, tag) => i * columns + tag).sort(falling);
      kept.set(own.subarray(0, MOST), i * Math.min(MOST, columns));
    }
    this.#all = sorted(kept);
    const used = [...new Set(has.tags)].sort((a, b) => a - b);
    this.#byTag = used.map((tag) => sorted(Int32Array.from({ length: rows }, (_, i) => i * columns + tag)));
    this.#counts = Int32Array.from({ length: rows }, (_, i) => has.offsets[i + 1] - has.offsets[i]);
    this.#items = rows;
  }

  /** @param weights how often each item counts; once unless given. NaN where they leave no tag. */
  measure(weights: Float64Array = new Float64Array(this.#items).fill(1)): AnnotationMeasures {
    let tags = 0;
    for (let i = 0; i < weights.length; i++) tags += weights[i] * this.#counts[i];
    let [sum, used] = [0, 0];
    for (const sorted of this.#byTag) {
      const { area, found } = walk(sorted, weights);
      if (found === 0) continue;
      sum += area / found;
      used++;
    }
    return { gapAt20: walk(this.#all, weights).area / tags, map: sum / used };
  }
}

/** The sum of precision over the right predictions, by weight, and the weight of these. */
function walk({ items, right, last }: Sorted, weights: Float64Array): { area: number; found: number } {
  let [seen, found, here, area] = [0, 0, 0, 0];
  for (let k = 0; k < items.length; k++) {
    const weight = weights[items[k]];
    seen += weight;
    if (right[k] === 1) here += weight;
    if (last[k] === 1 && here > 0) {
      found += here;
      area += here * (found / seen);
      here = 0;
    }
  }
  return { area, found };
}
