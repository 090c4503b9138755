import { isDeepStrictEqual } from 'node:util';
import type { Batch } from '../../batches/sampler.ts';
import { must } from '../../core/error.ts';
import type { Matrix } from '../../core/matrix.ts';
import type { Random } from '../../core/random.ts';
import type { Known } from '../../relations/known.ts';
import { knownOf } from '../../relations/known-of.ts';
import type { Relations } from '../../relations/relations.ts';
import type { CorpusOptions } from './options.ts';
import { drawPairs, type Pair, withTriplets } from './pairs.ts';
import { type Corpus, corpusOf, nearestDifferent, nearestOf, type Proposal } from './proposals.ts';
import { type Negative, statedNegatives } from './stated.ts';

/** How the mining for one batch went. */
export interface MiningReport {
  /** The share of the proposals that the guard refused; 0 where there was none. */
  readonly refused: number;
  /** The share of the added items that were mined; the others are random ones. */
  readonly filled: number;
}

/** A batch with more items behind its own. */
export interface MinedBatch extends Batch {
  /** Absent as long as no item was embedded. */
  readonly mining?: MiningReport;
}

/**
 * Mines hard negatives from the whole training part, by embeddings of it that are made anew from time to time, and adds them
 * to the batches of a sampler. Which of them then count is chosen in the batch, by the miner of the objective.
 *
 * For an anchor and a positive, drawn from those that it has in the batch, the proposals are the `depth` nearest items that the
 * relations call different from the anchor, behind the `skip` nearest; of pairs whose others are unknown, and of triplets, such
 * as the relations name. The guard against items that are the same without being known to be refuses those with
 * `cos(a, n) > cos(a, p) - (1 - guard) |cos(a, p)|`. Of the others each is as likely to be added, none twice. Where there are
 * too few, and before the first embedding, random items take the places.
 *
 * Memory: `items x dimension` float32; with the approximate index that again, and its links.
 *
 * Xiong et al., "Approximate Nearest Neighbor Negative Contrastive Learning for Dense Text Retrieval", 2021; the guard is
 * TopK-PercPos of Moreira et al., "NV-Retriever: Improving text embedding models with effective hard-negative mining", 2024.
 */
export class CorpusMiner {
  readonly #options: CorpusOptions;
  readonly #positions: Int32Array;
  /** The row of each item in the embeddings; -1 of those that are not trained on. */
  readonly #rows: Int32Array;
  /** Undefined of triplets. */
  readonly #known: ((items: Int32Array) => Known) | undefined;
  readonly #stated: ReturnType<typeof statedNegatives>;
  #corpus: Corpus | undefined;

  /**
   * @param positions the items that are trained on
   * @throws KindredError for preferences and lists, which say nothing of two items
   */
  constructor(relations: Relations, positions: Int32Array, options: CorpusOptions) {
    must(relations.kind !== 'preferences' && relations.kind !== 'lists', () => ({
      rule: 'Negatives are mined where relations say what is different from an item',
      received: `${relations.kind}, which rank items for a query`,
      next: 'Leave objective.corpus out',
      exitCode: 2,
    }));
    this.#options = options;
    this.#positions = positions;
    this.#rows = new Int32Array(relations.items).fill(-1);
    positions.forEach((item, row) => {
      this.#rows[item] = row;
    });
    this.#known = relations.kind === 'triplets' ? undefined : knownOf(relations);
    this.#stated = statedNegatives(relations);
  }

  /** How many items are added to each batch. */
  get places(): number {
    return this.#options.negatives;
  }

  /** Whether all items are to be embedded anew when so many steps were done. */
  due(steps: number): boolean {
    return steps > 0 && steps % this.#options.every === 0;
  }

  /** From now on mines by these embeddings `[positions, dimension]`, which are kept. */
  async index(embeddings: Matrix): Promise<void> {
    this.#corpus = await corpusOf(embeddings, this.#options.index);
  }

  /** What it mines by, for a checkpoint: `index` of it goes on as if there had been no end. */
  get embeddings(): Matrix | undefined {
    return this.#corpus?.embeddings;
  }

  /** The batch with more items behind its own. The same random numbers give the same ones. */
  async extend(batch: Batch, random: Random): Promise<MinedBatch> {
    this.#mustAgree(batch);
    const { items: own, known } = batch;
    const pairs = this.#corpus === undefined ? [] : drawPairs(known, random).slice(0, this.places);
    const proposals = this.#corpus === undefined ? [] : await this.#propose(this.#corpus, pairs, own);
    const accepted = proposals.map((list) => random.shuffle(list.filter(({ refused }) => !refused)));
    const [proposed, kept] = [proposals.flat().length, accepted.flat().length];
    // A triplet says more of an item that the batch has for another anchor; of pairs all are known there already.
    const taken = known.kind === 'triplets' ? undefined : new Set(own);
    const mined = inTurn(accepted, this.places, taken);
    const items = new Int32Array(own.length + this.places);
    items.set(own);
    for (let place = 0; place < this.places; place++) {
      items[own.length + place] =
        place < mined.length ? mined[place].negative.item : this.#positions[random.integer(this.#positions.length)];
    }
    const rows = mined.map(({ list, negative }) => ({ ...pairs[list], weight: negative.weight }));
    return {
      items,
      known: this.#known?.(items) ?? withTriplets(known, own.length, rows),
      ...(this.#corpus && {
        mining: { refused: proposed === 0 ? 0 : 1 - kept / proposed, filled: mined.length / this.places },
      }),
    };
  }

  /** For each pair its proposals, and whether the guard refuses them. */
  async #propose(
    corpus: Corpus,
    pairs: readonly Pair[],
    own: Int32Array,
  ): Promise<(Negative & { readonly refused: boolean })[][]> {
    const { depth, skip, guard } = this.#options;
    const positions = this.#positions;
    const rowOf = (position: number) => this.#rows[own[position]];
    const anchors = pairs.map(({ anchor }) => rowOf(anchor));
    const stated = this.#stated;
    const known = this.#known;
    let found: Proposal[][];
    if (stated === undefined) {
      const among = (rows: Int32Array) => (known as NonNullable<typeof known>)(rows.map((row) => positions[row]));
      found = await nearestDifferent(corpus, anchors, skip + depth, among);
    } else {
      found = pairs.map(({ anchor, positive, farther }, i) => {
        const others = stated(own[anchor], own[positive])
          .filter(({ item }) => this.#rows[item] >= 0 && (farther === undefined || item !== own[farther]))
          .map((negative) => ({ ...negative, item: this.#rows[negative.item] }));
        return nearestOf(corpus, anchors[i], others, skip + depth);
      });
    }
    return found.map((list, i) => {
      const positive = 1 - corpus.distance(anchors[i], rowOf(pairs[i].positive));
      const most = guard === null ? Number.POSITIVE_INFINITY : positive - (1 - guard) * Math.abs(positive);
      return list.slice(skip).map(({ item, distance, weight }) => ({
        item: positions[item],
        refused: 1 - distance > most,
        ...(weight !== undefined && { weight }),
      }));
    });
  }

  /** What is known in a longer batch is asked of the relations, so a batch must know just that, negatives that it drew aside. */
  #mustAgree({ items, known: { assigned: _, ...known } }: Batch): void {
    const agrees = this.#known === undefined ? known.kind === 'triplets' : isDeepStrictEqual(this.#known(items), known);
    must(agrees, () => ({
      rule: 'Negatives are mined by what the relations say, so batches have to say the same',
      received: 'batches that relate items in another way, such as looks of one item',
      next: 'Learn views (data: { learn: views }), draw by another sampler or window 1, or leave objective.corpus out',
      exitCode: 2,
    }));
  }
}

/** One of each list in turn, until there are `count` or no more. The lists are used up; what is `taken` is left out. */
function inTurn(
  lists: readonly Negative[][],
  count: number,
  taken: Set<number> | undefined,
): { readonly list: number; readonly negative: Negative }[] {
  const found: { list: number; negative: Negative }[] = [];
  let open = [...lists.keys()];
  while (open.length > 0 && found.length < count) {
    open = open.filter((list) => {
      if (found.length === count) return false;
      let negative = lists[list].pop();
      while (negative !== undefined && taken?.has(negative.item)) negative = lists[list].pop();
      if (negative === undefined) return false;
      taken?.add(negative.item);
      found.push({ list, negative });
      return true;
    });
  }
  return found;
}
