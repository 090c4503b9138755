import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Embedder } from '../../encoders/embedder.ts';
import { idFeed } from '../../encoders/feeds/id.ts';
import { type Corpus, readCorpus } from '../../readers/vocabulary.ts';
import { readWordJudgements } from '../../readers/word-judgements.ts';
import { wordsRecipeSchema } from '../../recipes/words.ts';
import { openRun, readJson, runFiles } from '../../runs/files.ts';
import { openIndex } from '../../search/saved.ts';
import { judgeWords } from './judge.ts';
import { Learner, layout, NEXT, portionsOf, share } from './learner.ts';
import { trainWordsRecipe, type WordsMetrics } from './run.ts';
import type { WordSettings } from './settings.ts';
import { trainWords } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file below the folder. */
function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const settings: WordSettings = {
  model: 'skip-gram',
  dimension: 12,
  window: 3,
  negatives: 5,
  power: 0.75,
  subsample: 0,
  rate: 0.05,
  epochs: 15,
  seed: 1,
};

const roles = {
  animal: ['cat', 'dog', 'horse', 'cow'],
  does: ['eats', 'drinks', 'sleeps', 'runs'],
  town: ['paris', 'rome', 'oslo', 'lima'],
};

/** Sentences in which words of one role stand in the same places. */
function sentences(count: number): string[] {
  const random = Random.seeded(3);
  const one = (words: readonly string[]) => words[random.integer(words.length)];
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? `The old ${one(roles.animal)} ${one(roles.does)} here every night.`
      : `We went by train to ${one(roles.town)}, a big city`,
  );
}

async function all(training: ReturnType<typeof trainWords>) {
  for (;;) {
    const step = await training.next();
    if (step.done) return step.value;
  }
}

const cosine = (vectors: Float32Array, dimension: number, a: number, b: number): number => {
  const at = (i: number) => vectors.subarray(i * dimension, (i + 1) * dimension);
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, k) => sum + value * y[k], 0);
  return dot(at(a), at(b)) / Math.sqrt(dot(at(a), at(a)) * dot(at(b), at(b)));
};

test.each(['skip-gram', 'cbow'] as const)('%s: words of the same role end up near each other', async (model) => {
  const corpus = await readCorpus(sentences(3000), { minimumCount: 5 });
  const { vectors, words } = await all(trainWords(corpus, { ...settings, model }, { threads: 1 }));
  expect(words).toBe(15 * corpus.total);
  const every = Object.values(roles).flat();
  for (const role of Object.values(roles)) {
    for (const word of role) {
      const place = (each: string) => corpus.words.indexOf(each);
      const near = every
        .filter((other) => other !== word)
        .sort((a, b) => cosine(vectors, 12, place(word), place(b)) - cosine(vectors, 12, place(word), place(a)));
      expect(new Set(near.slice(0, 3))).toEqual(new Set(role.filter((other) => other !== word)));
    }
  }
});

test('one thread: the same seed gives the same bits, another seed others', async () => {
  const corpus = await readCorpus(sentences(300), { minimumCount: 1 });
  const learned = async (seed: number) =>
    (await all(trainWords(corpus, { ...settings, epochs: 1, seed }, { threads: 1 }))).vectors;
  const first = await learned(1);
  expect(await learned(1)).toEqual(first);
  expect(await learned(2)).not.toEqual(first);
});

/** The examples that one portion gives rise to, as positions of words: what the kernel is given, read from the thread's plan. */
function examplesOf(corpus: Corpus, given: WordSettings): { inputs: number[]; targets: number[] }[] {
  const { bytes, outputs, row, places } = layout(corpus.words.length, given);
  const pages = Math.ceil(bytes(1) / 65536);
  const shared = share(corpus, given, new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
  new Learner(shared, 0).next();
  const plan = new Int32Array(shared.memory.buffer, places(0).plan);
  const examples = [];
  for (let at = 0; plan[at] > 0; ) {
    const start = at + 1 + plan[at];
    const end = start + given.negatives + 1;
    examples.push({
      inputs: Array.from(plan.subarray(at + 1, start), (address) => address / (4 * row)),
      targets: Array.from(plan.subarray(start, end), (address) => (address - outputs) / (4 * row)),
    });
    at = end;
  }
  return examples;
}

test('windows are drawn uniformly, end with the text, and hold every word but their own', async () => {
  const letters = [...'abcdefghij'];
  const texts = Array.from({ length: 400 }, () => letters.join(' '));
  const corpus = await readCorpus(texts, { minimumCount: 1 });
  const examples = examplesOf(corpus, { ...settings, model: 'cbow', window: 3, epochs: 1 });
  expect(examples.length).toBe(4000);
  const reaches = [0, 0, 0, 0];
  for (const [i, { inputs, targets }] of examples.entries()) {
    const place = i % 10;
    expect(targets[0]).toBe(place);
    const reach = Math.max(...inputs.map((input) => Math.abs(input - place)));
    const expected = letters.flatMap((_, j) => (j !== place && Math.abs(j - place) <= reach ? [j] : []));
    expect(inputs).toEqual(expected);
    if (place === 5) reaches[reach]++;
  }
  expect(reaches[0]).toBe(0);
  // Five standard deviations of a binomial of 400 and 1/3.
  for (const n of reaches.slice(1)) expect(Math.abs(n - 400 / 3)).toBeLessThan(48);
});

test('subsampling keeps sqrt(t / f) + t / f of a word; noise is drawn by its count to the power', async () => {
  const corpus = await readCorpus([`${'often '.repeat(9000)}${'rare '.repeat(90)}`], { minimumCount: 1 });
  const examples = examplesOf(corpus, { ...settings, model: 'cbow', negatives: 8, subsample: 0.05, epochs: 1 });
  const kept = examples.filter(({ targets }) => targets[0] === 0).length;
  const t = 0.05 / (9000 / 9090);
  const p = Math.sqrt(t) + t;
  expect(Math.abs(kept - 9000 * p)).toBeLessThan(5 * Math.sqrt(9000 * p * (1 - p)));
  expect(examples.length - kept).toBe(90);
  const drawn = examples.flatMap(({ targets }) => targets.slice(1));
  const share = 90 ** 0.75 / (90 ** 0.75 + 9000 ** 0.75);
  const often = drawn.filter((word) => word === 1).length;
  expect(Math.abs(often - drawn.length * share)).toBeLessThan(5 * Math.sqrt(drawn.length * share * (1 - share)));
});

test('portions are whole texts, and all of them', () => {
  expect([...portionsOf(Int32Array.of(4_000, 9_999, 10_000, 10_000, 31_000, 31_001))]).toEqual([0, 3, 5, 6]);
  expect([...portionsOf(Int32Array.of(10_000))]).toEqual([0, 1]);
});

test('work ends when it is told to, with what was learned so far', async () => {
  const corpus = await readCorpus(sentences(6000), { minimumCount: 1 });
  const stop = new AbortController();
  stop.abort();
  const { truncated, words } = await all(trainWords(corpus, settings, { threads: 1, signal: stop.signal }));
  expect(truncated).toBe('interrupted');
  expect(words).toBeLessThan(corpus.total);
  const pages = Math.ceil(layout(corpus.words.length, settings).bytes(1) / 65536);
  const shared = share(corpus, settings, new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
  shared.control[NEXT] = (shared.portions.length - 1) * settings.epochs;
  expect(new Learner(shared, 0).next()).toBeUndefined();
});

test('judgements: correlations and analogies of known words alone, with their coverage', async () => {
  const words = ['man', 'woman', 'king', 'queen', 'mud'];
  const h = Math.SQRT1_2;
  // Man and king, woman and queen differ by the same.
  const data = Float32Array.of(...[1, 0, 0, 0, 1, 0, h, 0, h, 0, h, h, 0, 0, -1]);
  const judged = await judgeWords({ rows: 5, columns: 3, data }, words, {
    wordsim353: {
      pairs: [
        ['king', 'man'],
        ['king', 'mud'],
        ['man', 'woman'],
        ['man', 'moon'],
      ],
      scores: [9, 1, 5, 7],
    },
    simlex999: { pairs: [['moon', 'man']], scores: [3] },
    analogies: [
      ['man', 'king', 'woman', 'queen'],
      ['man', 'king', 'woman', 'mud'],
      ['man', 'king', 'moon', 'sun'],
    ],
  });
  expect(judged.wordsim353).toBeCloseTo(1, 12);
  expect(judged.simlex999).toBeNaN();
  expect(judged.analogies).toBe(0.5);
  expect(judged.coverage).toEqual({ wordsim353: 0.75, simlex999: 0, analogies: 2 / 3 });
});

test('judgements are read from their files, and what does not fit is named', () => {
  const at = join(folder, 'judged');
  expect(readWordJudgements(at)).toBeUndefined();
  write('judged/word-eval/wordsim353.tsv', '# words\nLove\tsex\t6.77\n');
  write('judged/word-eval/simlex999.txt', 'old\tnew\t1.58\n');
  write('judged/word-eval/questions-words.txt', ': capitals\nAthens Greece Oslo Norway\n');
  expect(readWordJudgements(at)).toEqual({
    wordsim353: { pairs: [['love', 'sex']], scores: [6.77] },
    simlex999: { pairs: [['old', 'new']], scores: [1.58] },
    analogies: [['athens', 'greece', 'oslo', 'norway']],
  });
  write('judged/word-eval/simlex999.txt', 'old\tnew\tmuch\n');
  expect(() => readWordJudgements(at)).toThrow(/simlex999.txt: "old new much". Correct the file/);
});

test('a recipe, from texts to a run that can be searched', async () => {
  writeFileSync(join(folder, 'texts.txt'), sentences(400).join('\n'));
  const recipe = wordsRecipeSchema.parse({
    version: 1,
    data: { reader: 'files', items: { kind: 'texts', path: join(folder, 'texts.txt') } },
    words: { dimension: 10, epochs: 2 },
  });
  const out = join(folder, 'run');
  for await (const event of trainWordsRecipe({ name: 'run', recipe, out, threads: 2 })) {
    if (event.kind === 'corpus') expect(event).toMatchObject({ words: 3200, vocabulary: 25 });
  }
  const files = runFiles(openRun(out).folder);
  const metrics = readJson<WordsMetrics>(files.metrics);
  expect(metrics).toMatchObject({ vocabulary: 25, dimension: 10, epochs: 2, words: 3200, seed: 1 });
  expect(metrics.wordsPerSecond).toBeGreaterThan(0);
  expect(() => openRun(out).recipe).toThrow('has the key "words"');
  const index = await openIndex(files.index);
  const { ids } = await index.items();
  const embedder = await Embedder.open(files.model, { threads: 1 });
  const embedded = await embedder.embed(idFeed(ids));
  await embedder.release();
  const { data } = await index.vectors();
  for (const [i, value] of embedded.data.entries()) expect(value).toBeCloseTo(data[i], 5);
  expect(readFileSync(files.report, 'utf8')).toContain('Words from frequent to rare');
});

test('data without a text, and too few words, are answered in words', async () => {
  const run = async (text: string) => {
    writeFileSync(join(folder, 'few.txt'), text);
    const recipe = wordsRecipeSchema.parse({
      version: 1,
      data: { reader: 'files', items: { kind: 'texts', path: join(folder, 'few.txt') } },
      words: {},
    });
    for await (const _ of trainWordsRecipe({ name: 'few', recipe, out: join(folder, 'few'), threads: 1 }));
  };
  await expect(run('film '.repeat(20))).rejects.toThrow('20 words, of which only "film" occurs 5 times or more');
  await expect(run('')).rejects.toThrow('few.txt');
});

test('lines that are not UTF-8 are left out and counted; one enormous line is read by words', async () => {
  const corpusOf = async (path: string, per: 'line' | 'words') => {
    const recipe = wordsRecipeSchema.parse({
      version: 1,
      data: { reader: 'files', items: { kind: 'texts', path, per } },
      words: { dimension: 2, epochs: 1 },
    });
    for await (const event of trainWordsRecipe({ name: 'odd', recipe, out: join(folder, 'odd'), threads: 1 })) {
      if (event.kind === 'corpus') return event;
    }
  };
  const latin = join(folder, 'latin.txt');
  writeFileSync(latin, Buffer.from(`${'good words\n'.repeat(200)}caf\xe9 au lait\n`, 'latin1'));
  expect(await corpusOf(latin, 'line')).toMatchObject({ words: 400, vocabulary: 2, skipped: 1 });
  writeFileSync(latin, Buffer.from('caf\xe9 au lait\n', 'latin1'));
  await expect(corpusOf(latin, 'line')).rejects.toThrow('line 1: wrong encoding: not UTF-8');
  const long = join(folder, 'long.txt');
  writeFileSync(long, `${'a'.repeat(253)} b `.repeat(2 ** 16 + 1));
  await expect(corpusOf(long, 'line')).rejects.toThrow(
    'long.txt has a line longer than 16 MiB, and no other. Read it as one running text, with per: words',
  );
  expect(await corpusOf(long, 'words')).toMatchObject({ words: 2 ** 17 + 2, vocabulary: 2, skipped: 0 });
});
