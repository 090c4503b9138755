import { z } from 'zod';
import { KindredError, must } from '../core/error.ts';
import { siblingsOf } from '../relations/clustering/siblings.ts';
import { linkedItems, neighbourhood } from '../relations/neighbourhood.ts';
import { range } from '../relations/sort-rows.ts';
import { anchorBatches, anchorsOf } from './anchors.ts';
import { defineSampler } from './define.ts';
import { balanceOption, positivesOption } from './starts.ts';

/**
 * Batches like those of `neighbours`, with harder negatives: n anchors of a graph, each with a neighbour and an item of a sibling
 * cluster. The tree of clusters is that of the recipe's `clusters`. At level 0 siblings are the other clusters under the
 * parent of the anchor's own, at level 1 those under the grandparent, and so on, up to all clusters there are. The negative is drawn from their
 * items, all alike, and never from the anchor's own cluster or from what is linked with it. Where there is none on this level
 * the next is taken.
 *
 * What is known in a batch is what the graph says, so that a miner may choose other negatives: without that, such negatives are too hard
 * to learn from. How many of the assigned ones it keeps is reported as `survivingNegatives`.
 *
 * Lee, Natsev et al.: Large Scale Video Representation Learning via Relational Graph Clustering (2020).
 *
 * @throws KindredError without clusters, and when no item has both a neighbour and a sibling.
 */
export const siblings = defineSampler({
  name: 'siblings',
  options: z.strictObject({
    anchors: z.int().positive().describe('anchors in a batch'),
    level: z.int().min(0).default(0).describe('how far up the clusters may be related: 0, under one parent'),
    balance: balanceOption,
    positives: positivesOption,
  }),
  kinds: ['graph'],
  open(relations, items, { anchors: perBatch, level, balance, positives }, tree) {
    if (tree === undefined) {
      throw new KindredError({
        rule: 'Siblings are those of clusters',
        received: 'a recipe without clusters',
        next: 'Write, for example, clusters: { method: affinity }',
        exitCode: 2,
      });
    }
    const links = neighbourhood(relations);
    const negatives = siblingsOf(tree, links, { level, candidates: items ?? range(relations.items) });
    const anchors = anchorsOf(links, negatives);
    must(anchors.length > 0, () => ({
      rule: 'Anchors have a neighbour in the graph, and an item of another cluster that is none',
      received: `${linkedItems(links.from).length} items with a neighbour, and none of these with such an item`,
      next: 'Give clusters a maximum, or fewer rounds, so that there are several',
    }));
    return anchorBatches(links, anchors, { perBatch, balance, positives, negatives });
  },
});
