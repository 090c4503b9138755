import { setImmediate } from 'node:timers/promises';
import { must } from '../core/error.ts';

/** The words of a corpus, and the corpus as words. Shared by threads. */
export interface Corpus {
  /** By falling count; equal counts in order of first appearance. */
  readonly words: readonly string[];
  /** How often each occurs. */
  readonly counts: Float64Array;
  /** The positions among `words` of all texts, one after the other, without rare words. */
  readonly tokens: Int32Array<SharedArrayBuffer>;
  /** Where each text ends in `tokens`, and each piece of a long one. */
  readonly ends: Int32Array<SharedArrayBuffer>;
  /** How many words there are in all, rare ones too. */
  readonly total: number;
}

/** Words of a text at most: a longer one is cut, so that threads share it, and the rate falls on the way. */
const LONGEST = 10_000;

/** A word: letters `a` to `z` and apostrophes, after lower-casing. */
const WORD = /[a-z']+/g;

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(WORD) ?? [];

/**
 * Texts as words `[a-z']+`, lower-cased, of which those that occur at least `minimumCount` times are kept; the others are as if they
 * were not there, so that windows close over them (word2vec.c). Windows do not reach over the end of a text, nor over the cuts of one
 * of more than 10,000 words.
 *
 * Throws a `KindredError` where no two different words are left: there is nothing to tell apart.
 */
export async function readCorpus(
  texts: readonly string[],
  { minimumCount, progress }: { readonly minimumCount: number; progress?(done: number, total: number): void },
): Promise<Corpus> {
  const ids = new Map<string, number>();
  const counts: number[] = [];
  let all = new Int32Array(1 << 16);
  let total = 0;
  const ends = new Int32Array(texts.length);
  for (const [i, text] of texts.entries()) {
    for (const word of wordsOf(text)) {
      let id = ids.get(word);
      if (id === undefined) {
        id = counts.push(0) - 1;
        ids.set(word, id);
      }
      counts[id]++;
      if (total === all.length) {
        const larger = new Int32Array(2 * total);
        larger.set(all);
        all = larger;
      }
      all[total++] = id;
    }
    ends[i] = total;
    if (i % 2000 === 1999) {
      progress?.(i + 1, texts.length);
      await setImmediate();
    }
  }
  progress?.(texts.length, texts.length);
  const order = counts
    .flatMap((count, id) => (count >= minimumCount ? [id] : []))
    .sort((a, b) => counts[b] - counts[a]);
  const names = [...ids.keys()];
  must(order.length >= 2, () => ({
    rule: 'Word vectors are learned from a text with two different words at least',
    received: `${total.toLocaleString('en')} words, ${order.length === 1 ? `of which only "${names[order[0]]}" occurs` : 'none of which occurs'} ${minimumCount} times or more`,
    next: minimumCount === 1 ? 'Give more text' : 'Give more text, or a lower words.minimumCount',
  }));
  const places = new Int32Array(counts.length).fill(-1);
  for (const [place, id] of order.entries()) places[id] = place;
  const kept = order.reduce((sum, id) => sum + counts[id], 0);
  const tokens = new Int32Array(new SharedArrayBuffer(4 * kept));
  const pieces: number[] = [];
  let at = 0;
  let from = 0;
  for (const end of ends) {
    for (let start = at; from < end; from++) {
      const place = places[all[from]];
      if (place < 0) continue;
      if (at - start === LONGEST) {
        pieces.push(at);
        start = at;
      }
      tokens[at++] = place;
    }
    pieces.push(at);
  }
  return {
    words: order.map((id) => names[id]),
    counts: Float64Array.from(order, (id) => counts[id]),
    tokens,
    ends: shared(pieces),
    total,
  };
}

function shared(values: readonly number[]): Int32Array<SharedArrayBuffer> {
  const copy = new Int32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}
