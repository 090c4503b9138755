import { setImmediate } from 'node:timers/promises';
import { KindredError } from '../../core/error.ts';
import { Workers } from '../../core/workers.ts';
import type { Corpus } from '../../readers/vocabulary.ts';
import { Learner, layout, type Shared, STOP, share } from './learner.ts';
import type { WordSettings } from './settings.ts';

const PAGE = 65536;

/** How far training is. */
export interface WordProgress {
  /** Words seen, of all threads, to about a portion. */
  readonly done: number;
  readonly total: number;
  /** The mean loss of some of the examples since the last. */
  readonly loss: number;
}

export interface TrainedWords {
  /** `[words, dimension]`, row by row. */
  readonly vectors: Float32Array<ArrayBuffer>;
  /** Words of the corpus that were gone through, in all epochs: those that subsampling left out too, as in other tools. */
  readonly words: number;
  readonly seconds: number;
  readonly threads: number;
  readonly truncated?: string;
}

/**
 * Learns word vectors with negative sampling on `threads` threads, which work on the same vectors without locks.
 *
 * With one thread the same seed gives the same bits, on every machine. With several it does not: what is drawn is the same, but
 * which thread's step comes first, or overwrites another's, is chance. Where the sources run as TypeScript, which threads cannot load,
 * there is one thread.
 */
export async function* trainWords(
  corpus: Corpus,
  settings: WordSettings,
  how: { readonly threads: number; readonly maxSeconds?: number; readonly signal?: AbortSignal },
): AsyncGenerator<WordProgress, TrainedWords, void> {
  const threads = import.meta.url.endsWith('.js') ? how.threads : 1;
  const { row, bytes } = layout(corpus.words.length, settings);
  const shared = share(corpus, settings, memoryOf(bytes(threads)));
  const total = corpus.total * settings.epochs;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const others = new Workers<number, number>(new URL('./worker.js', import.meta.url), threads - 1, shared);
  const stop = () => Atomics.store(shared.control, STOP, 1);
  try {
    const answers = Array.from({ length: others.count }, (_, i) => others.ask(i, i));
    const broken = new AbortController();
    for (const answer of answers) answer.catch(() => broken.abort());
    const learner = new Learner(shared, threads - 1);
    const portions = (shared.portions.length - 1) * settings.epochs;
    let truncated: string | undefined;
    let words = 0;
    let shownAt = seconds();
    let losses: number[] = [];
    let last: WordProgress | undefined;
    for (;;) {
      const portion = learner.next();
      if (portion === undefined || broken.signal.aborted) break;
      words += portion.words;
      if (!Number.isNaN(portion.loss)) losses.push(portion.loss);
      if (how.signal?.aborted) truncated = 'interrupted';
      else if (how.maxSeconds !== undefined && seconds() > how.maxSeconds)
        truncated = `${how.maxSeconds} seconds were over`;
      if (truncated !== undefined) stop();
      if (seconds() - shownAt > 0.2) {
        shownAt = seconds();
        last = { done: Math.round(((portion.portion + 1) / portions) * total), total, loss: mean(losses) };
        yield last;
        losses = [];
        // Threads that have ended, and Ctrl-C, are heard of only here.
        await setImmediate();
      }
    }
    for (const answer of await Promise.all(answers)) if ('value' in answer) words += answer.value;
    const took = seconds();
    // Other threads may have gone on after the last look.
    const done = Math.round((words / corpus.tokens.length) * corpus.total);
    if (losses.length > 0) yield { done, total, loss: mean(losses) };
    else if (last !== undefined && last.done !== done) yield { ...last, done };
    const values = new Float32Array(shared.memory.buffer, 0, corpus.words.length * row);
    const vectors = new Float32Array(corpus.words.length * settings.dimension);
    for (let word = 0; word < corpus.words.length; word++) {
      vectors.set(values.subarray(word * row, word * row + settings.dimension), word * settings.dimension);
    }
    return {
      vectors,
      words: Math.round((words / corpus.tokens.length) * corpus.total),
      seconds: took,
      threads,
      ...(truncated !== undefined && { truncated }),
    };
  } finally {
    stop();
    await others.close();
  }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function memoryOf(bytes: number): Shared['memory'] {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new KindredError({
      rule: 'Vectors of all words lie in one memory of at most 4 GiB',
      received: `they take ${(bytes / 2 ** 30).toFixed(1)} GiB`,
      next: 'Give a higher words.minimumCount or a lower words.dimension',
      cause,
    });
  }
}
