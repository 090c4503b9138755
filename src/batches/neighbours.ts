import { z } from 'zod';
import { must } from '../core/error.ts';
import { linkedItems, neighbourhood, strangersOf } from '../relations/neighbourhood.ts';
import { range } from '../relations/sort-rows.ts';
import { anchorBatches, anchorsOf } from './anchors.ts';
import { defineSampler } from './define.ts';
import { balanceOption, positivesOption } from './starts.ts';

/**
 * Batches of n anchors of a graph, each with a neighbour and a random item that is none: `3 n` items, these three next to
 * each other. What is known in a batch is all that the graph says of its items, so that a miner may choose better negatives.
 *
 * With `balance: items` every item that has a neighbour is the anchor equally often, without replacement in rounds, and the
 * neighbour is drawn in proportion to the links' weights; with `balance: links` every link (in a graph without direction: from
 * both of its ends) comes equally often. The third item is drawn from all items that are not linked with the anchor in either
 * direction; items that are linked with all others are no anchors.
 *
 * With `positives: drawn` the neighbour that was drawn is the only positive of its anchor, as in the paper, and the other items of the batch are
 * anchors of nothing; what an anchor is linked with is no negative all the same. With all linked items as positives, which is the default, the triplets of a batch
 * grow with its cube: batches of thousands need this.
 *
 * Lee et al., "Collaborative Deep Metric Learning for Video Understanding", KDD 2018.
 *
 * @throws KindredError when no item has both a neighbour and an item that is none.
 */
export const neighbours = defineSampler({
  name: 'neighbours',
  options: z.strictObject({
    anchors: z.int().positive().describe('anchors in a batch'),
    balance: balanceOption,
    positives: positivesOption,
  }),
  kinds: ['graph'],
  open(relations, items, { anchors: perBatch, balance, positives }) {
    const links = neighbourhood(relations);
    const candidates = items ?? range(relations.items);
    const strangers = strangersOf(links, candidates);
    const anchors = anchorsOf(links, strangers);
    must(anchors.length > 0, () => ({
      rule: 'Anchors have a neighbour in the graph, and an item that is none',
      received: `${linkedItems(links.from).length} of ${candidates.length} items have a neighbour, and none of these an item that is none`,
      next: 'Add links, or items',
    }));
    return anchorBatches(links, anchors, { perBatch, balance, positives, negatives: strangers });
  },
});
