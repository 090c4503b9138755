import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { Deck } from './deck.ts';

function spread(cards: ArrayLike<number>, size: number): number {
  const times = new Array<number>(size).fill(0);
  for (const card of Array.from(cards)) times[card]++;
  return Math.max(...times) - Math.min(...times);
}

test('cards come up equally often to within one, overall and within each deal', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 10 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), sizes, fc.integer(), (size, deals, seed) => {
      const random = Random.seeded(seed);
      const deck = new Deck(Int32Array.from({ length: size }, (_, i) => i));
      const all: number[] = [];
      for (const length of deals) {
        const dealt = new Int32Array(length);
        deck.deal(dealt, random);
        expect(spread(dealt, size)).toBeLessThanOrEqual(1);
        all.push(...dealt);
        expect(spread(all, size)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('every order of a round is about equally likely', () => {
  const random = Random.seeded(5);
  const deck = new Deck(Int32Array.of(0, 1, 2));
  const seen = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const dealt = new Int32Array(3);
    deck.deal(dealt, random);
    seen.set(dealt.join(), (seen.get(dealt.join()) ?? 0) + 1);
  }
  // 1,000 each; five standard deviations are 144.
  expect(seen.size).toBe(6);
  for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(144);
});
