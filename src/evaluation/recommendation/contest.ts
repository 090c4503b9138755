import { bootstrapDifference, type Interval } from '../bootstrap.ts';
import {
  type Recommended,
  type Recommender,
  type RecommendMeasures,
  recommended,
  recommendMeasures,
} from './measure.ts';
import type { RecommendTask } from './tasks.ts';

export type Settings = Readonly<Record<string, number | string>>;

/** One way to recommend, with what may be chosen about it. */
export interface Contestant {
  /** For people: `item-kNN`. */
  readonly name: string;
  /** The settings to choose from, one of them at least. */
  readonly choices: readonly Settings[];
  /** Those that follow each other with the same values of what is dear to compute are made one after the other. */
  make(settings: Settings): Recommender | Promise<Recommender>;
}

export interface Entered extends RecommendMeasures {
  readonly name: string;
  /** What was chosen. */
  readonly settings: Settings;
  /** NDCG@10 on the validation part by these; null where nobody could be measured there, so that the first settings were taken. */
  readonly validation: number | null;
  /** NDCG@10 less that of the first contestant, over the same people; absent of itself. */
  readonly difference?: Interval;
}

/** One who cannot take part, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

export interface ContestOptions {
  readonly validation: RecommendTask;
  readonly test: RecommendTask;
  /** Of each item, by position: how many people had to do with it. */
  readonly popularity: Float64Array;
  readonly seed: number;
  readonly progress?: (name: string, done: number, total: number) => void;
}

/**
 * Recommends in several ways: the settings of each are chosen on the validation part by NDCG@10, the first of the best, and it is reported on the test
 * part.
 */
export async function contest<Key extends string>(
  contestants: Readonly<Record<Key, Contestant | Absent>>,
  { validation, test, popularity, seed, progress }: ContestOptions,
): Promise<Record<Key, Entered | Absent>> {
  const entered: [string, Entered | Absent][] = [];
  let first: Recommended | undefined;
  for (const [key, contestant] of Object.entries<Contestant | Absent>(contestants)) {
    if ('reason' in contestant) {
      entered.push([key, contestant]);
      continue;
    }
    const { name, choices } = contestant;
    let [best, most] = [choices[0], Number.NEGATIVE_INFINITY];
    const candidates = validation.histories.length > 0 && choices.length > 1 ? choices : [];
    for (const [i, settings] of candidates.entries()) {
      progress?.(name, i, choices.length + 1);
      const value = await meanNdcg(validation, await contestant.make(settings));
      if (value > most) [best, most] = [settings, value];
    }
    progress?.(name, choices.length, choices.length + 1);
    const recommender = await contestant.make(best);
    if (candidates.length === 0 && validation.histories.length > 0) most = await meanNdcg(validation, recommender);
    const found = await recommended(test, recommender);
    entered.push([
      key,
      {
        name,
        settings: best,
        validation: most === Number.NEGATIVE_INFINITY ? null : most,
        ...recommendMeasures(test, found, { popularity, seed }),
        ...(first && { difference: bootstrapDifference(found.ndcgAt10, first.ndcgAt10, { seed }) }),
      },
    ]);
    first ??= found;
  }
  return Object.fromEntries(entered) as Record<Key, Entered | Absent>;
}

async function meanNdcg(task: RecommendTask, recommender: Recommender): Promise<number> {
  const { ndcgAt10 } = await recommended(task, recommender);
  return ndcgAt10.reduce((sum, value) => sum + value, 0) / ndcgAt10.length;
}
