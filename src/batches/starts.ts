import { z } from 'zod';
import type { Random } from '../core/random.ts';
import { type Adjacency, startOf } from '../relations/adjacency.ts';
import { Deck } from './deck.ts';

export const balanceOption = z
  .enum(['items', 'links'])
  .default('items')
  .describe('what comes equally often: items, whatever their degree, or links');

export const positivesOption = z
  .enum(['linked', 'drawn'])
  .default('linked')
  .describe(
    'the positives of an anchor: all that it is linked with in the batch, or the neighbour that was drawn with it',
  );

/** How many starts an epoch has: items with a neighbour that fit, or their links. */
export interface Starts {
  readonly count: number;
  /** Deals items to start from, with the link it was drawn by (an index into `neighbours`) where links are dealt. */
  begin(random: Random): (count: number) => { readonly items: Int32Array; readonly links?: Int32Array };
}

/**
 * Starts without replacement: each of `items` once in a round, or each of their links once, so that an item comes as often
 * as it has neighbours. Every one of `items` has a neighbour.
 */
export function startsOf(links: Adjacency, items: Int32Array, balance: 'items' | 'links'): Starts {
  const { offsets } = links;
  if (balance === 'items') {
    return {
      count: items.length,
      begin(random) {
        const deck = new Deck(items.slice());
        return (count) => {
          const drawn = new Int32Array(count);
          deck.deal(drawn, random);
          return { items: drawn };
        };
      },
    };
  }
  const count = items.reduce((sum, item) => sum + offsets[item + 1] - offsets[item], 0);
  return {
    count,
    begin(random) {
      const cards = new Int32Array(count);
      let end = 0;
      for (const item of items) for (let k = offsets[item]; k < offsets[item + 1]; k++) cards[end++] = k;
      const deck = new Deck(cards);
      return (count) => {
        const dealt = new Int32Array(count);
        deck.deal(dealt, random);
        return { links: dealt, items: dealt.map((link) => startOf(links, link)) };
      };
    },
  };
}
