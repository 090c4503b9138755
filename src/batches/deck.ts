import type { Random } from '../core/random.ts';

/**
 * Cards dealt without replacement: all once in random order, then all again in a new order, and so on.
 *
 * Over any number of draws the cards come up equally often, to within one.
 */
export class Deck {
  readonly #cards: Int32Array;
  /** Cards before this position have been dealt in this round. */
  #dealt: number;

  /** Takes the array over: its order changes. */
  constructor(cards: Int32Array) {
    this.#cards = cards;
    this.#dealt = cards.length;
  }

  /**
   * Deals `to.length` cards. Within one deal, too, cards come up equally often to within one, so that none comes twice
   * unless the deck is smaller than the deal: when a round ends within a deal, the cards already dealt go to the end of
   * the next round.
   */
  deal(to: Int32Array, random: Random): void {
    for (let i = 0; i < to.length; i++) {
      if (this.#dealt === this.#cards.length) {
        random.shuffle(this.#cards);
        this.#dealt = 0;
        if (i > 0) rarestFirst(this.#cards, to.subarray(0, i));
      }
      to[i] = this.#cards[this.#dealt++];
    }
  }
}

function rarestFirst(cards: Int32Array, dealt: Int32Array): void {
  const times = new Map<number, number>();
  for (const card of dealt) times.set(card, (times.get(card) ?? 0) + 1);
  cards.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0));
}
