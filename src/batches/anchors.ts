import type { Random } from '../core/random.ts';
import { knownOfLinks } from '../relations/known-of.ts';
import { linkedItems, type Neighbourhood, neighbourDraw, type Strangers } from '../relations/neighbourhood.ts';
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
    negatives,
  }: {
    readonly perBatch: number;
    readonly balance: 'items' | 'links';
    readonly negatives: Strangers;
  },
): Draws<Int32Array> {
  const starts = startsOf(links.from, anchors, balance);
  const neighbour = neighbourDraw(links.from);
  const known = knownOfLinks(links);
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
