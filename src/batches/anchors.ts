import type { Random } from '../core/random.ts';
import type { Known } from '../relations/known.ts';
import { knownOfLinks } from '../relations/known-of.ts';
import { linkedItems, type Neighbourhood, neighbourDraw, type Strangers } from '../relations/neighbourhood.ts';
import { complement } from '../relations/position-lists.ts';
import type { Draws } from './define.ts';
import { startsOf } from './starts.ts';

/** The items that have a neighbour and a negative. */
export const anchorsOf = ({ from }: Neighbourhood, negatives: Pick<Strangers, 'has'>): Int32Array =>
  linkedItems(from).filter((item) => negatives.has(item));

/**
 * Batches of `perBatch` anchors, each with a neighbour and a negative: three next to each other. The neighbour is drawn in
 * proportion to the links' weights, or comes with the link that was dealt; the negative is assigned, and a miner may find a better one.
 */
export function anchorBatches(
  links: Neighbourhood,
  anchors: Int32Array,
  {
    perBatch,
    balance,
    positives,
    negatives,
  }: {
    readonly perBatch: number;
    readonly balance: 'items' | 'links';
    readonly positives: 'linked' | 'drawn';
    readonly negatives: Strangers;
  },
): Draws<Int32Array> {
  const starts = startsOf(links.from, anchors, balance);
  const neighbour = neighbourDraw(links.from);
  const linked = knownOfLinks(links);
  const known = positives === 'drawn' ? (items: Int32Array) => onlyDrawn(linked(items)) : linked;
  const places = (offset: number) => Int32Array.from({ length: perBatch }, (_, i) => 3 * i + offset);
  const assigned = { anchor: places(0), positive: places(1), negative: places(2) };
  return {
    batchSize: 3 * perBatch,
    itemsPerEpoch: 3 * starts.count,
    begin(random: Random) {
      const deal = starts.begin(random);
      return () => {
        const drawn = deal(perBatch);
        const batch = new Int32Array(3 * perBatch);
        drawn.items.forEach((item, i) => {
          batch[3 * i] = item;
          batch[3 * i + 1] =
            drawn.links === undefined ? neighbour(item, random) : links.from.neighbours[drawn.links[i]];
          batch[3 * i + 2] = negatives.draw(item, random);
        });
        return batch;
      };
    },
    batch: (items) => ({ items, known: { ...known(items), assigned } }),
  };
}

/** The item after each third one as its only positive. What is different is as it was: what is linked stays unknown. */
function onlyDrawn(all: Known): Known {
  if (all.kind !== 'lists') throw new Error(`lists are known of links, and not ${all.kind}`);
  const { items } = all;
  const different = all.different === 'others' ? complement(all.same, items) : all.different;
  const anchors = items.length / 3;
  const same = {
    offsets: Int32Array.from({ length: items.length + 1 }, (_, row) => Math.ceil(row / 3)),
    positions: Int32Array.from({ length: anchors }, (_, i) => 3 * i + 1),
  };
  return { ...all, same, different };
}
