import { expect, test } from 'vitest';
import { readCorpus } from './vocabulary.ts';

test('words by falling count, rare ones left out, texts apart', async () => {
  const texts = ["The film: the FILM isn't bad.", '', 'Bad film? The end!', 'rare'];
  const corpus = await readCorpus(texts, { minimumCount: 2 });
  expect(corpus.words).toEqual(['the', 'film', 'bad']);
  expect([...corpus.counts]).toEqual([3, 3, 2]);
  expect(corpus.total).toBe(11);
  expect([...corpus.tokens]).toEqual([0, 1, 0, 1, 2, 2, 1, 0]);
  expect([...corpus.ends]).toEqual([5, 5, 8, 8]);
});

test('the corpus grows beyond its first room', async () => {
  const { counts, total } = await readCorpus(['a b '.repeat(50_000)], { minimumCount: 1 });
  expect([...counts]).toEqual([50_000, 50_000]);
  expect(total).toBe(100_000);
});

test('a long text is cut after each 10,000 words that are kept', async () => {
  const { tokens, ends } = await readCorpus(['a b', 'a rare b '.repeat(12_500), '', 'b a'], { minimumCount: 2 });
  expect(tokens.length).toBe(2 + 25_000 + 12_500 + 2);
  expect([...ends]).toEqual([2, 10_002, 20_002, 30_002, 37_502, 37_502, 37_504]);
  const even = await readCorpus(['a b '.repeat(5000)], { minimumCount: 1 });
  expect([...even.ends]).toEqual([10_000]);
});

test('one word, or none, is answered in words', async () => {
  await expect(readCorpus([], { minimumCount: 5 })).rejects.toThrow(
    'Word vectors are learned from a text with two different words at least: 0 words, none of which occurs 5 times or more. Give more text, or a lower words.minimumCount.',
  );
  await expect(readCorpus(['12 34 --'], { minimumCount: 1 })).rejects.toThrow('0 words');
  await expect(readCorpus(['ha ha ha oh'], { minimumCount: 2 })).rejects.toThrow(
    '4 words, of which only "ha" occurs 2 times or more',
  );
});
