import { z } from 'zod';
import { must } from '../core/error.ts';
import { parseOptions } from '../core/options.ts';
import { defaultThreads } from '../core/threads.ts';
import { graph } from './graph.ts';
import { Duck, type Progress } from './graph-building/duck.ts';
import { readEvents } from './graph-building/read-events.ts';
import type { Skipped } from './graph-building/skipped.ts';
import * as sql from './graph-building/sql.ts';
import { heldBack, trainedFrom } from './held-back.ts';
import type { Graph } from './relations.ts';

const name = z.string().min(1);
const seconds = z.number().positive();

/** What links two items. */
const link = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('next'),
    directed: z.boolean().default(true).describe('whether a then b is another thing than b then a'),
  }),
  z.strictObject({
    by: z.literal('window'),
    seconds: seconds.describe('how far apart two events of a user may be, in the unit of the times'),
  }),
  z.strictObject({
    by: z.literal('session'),
    gap: seconds.describe('a session ends where nothing happens for longer than this, in the unit of the times'),
  }),
  z.strictObject({ by: z.literal('basket') }),
]);

/** The options of {@link graphFromLog}; a recipe's are checked with the same. */
export const cooccurrenceOptions = z.strictObject({
  files: z.union([name.transform((file) => [file]), z.array(name).min(1)]).describe('paths and patterns of the log'),
  user: name.default('user').describe('the column of the user, or of the basket'),
  item: name.default('item').describe('the column of the item'),
  time: name.default('time').describe('the column of the time: numbers, or dates such as 2024-05-01T12:00:00Z'),
  format: z.enum(['csv', 'jsonl', 'parquet']).optional().describe('by default told by the name of the file'),
  delimiter: z.string().min(1).max(4).optional().describe('CSV: what stands between values'),
  header: z.boolean().default(true).describe('CSV: whether the first line names the columns'),
  quotes: z.boolean().default(true).describe('CSV: whether values may stand in double quotes'),
  link,
  weight: z.enum(['count', 'pmi', 'cosine', 'lift']).default('count'),
  minimum: z.int().min(1).default(1).describe('how often a pair must have been seen'),
  neighbours: z.int().min(1).optional().describe('how many of the best neighbours of each item stay; all by default'),
  longest: z.int().min(2).max(1_000_000).default(1000).describe('how many items of a session or basket make pairs'),
  liked: z
    .strictObject({ column: name, least: z.number() })
    .optional()
    .describe('only rows with a grade of `least` or more in this column count'),
  people: heldBack
    .optional()
    .describe('shares of the users whose rows make no link, so that recommendations can be measured on them'),
  strict: z.boolean().default(false).describe('whether one bad row is an error'),
  memory: z.int().min(64).default(1024).describe('megabytes that may be held; more goes to the disk'),
  threads: z.int().min(1).default(defaultThreads()),
  temporary: name.optional().describe("the folder for what does not fit into memory; by default the system's"),
});

/** A graph made from a log. */
export interface LogGraph {
  readonly relations: Graph;
  /** The id of each position: by falling number of events, then by the bytes of the id. Items without links too. */
  readonly ids: readonly string[];
  /** How many events were used, and of how many users (or baskets). */
  readonly events: number;
  readonly users: number;
  /** How many sessions or baskets were shortened to `longest` items, or events had more than `longest` in the window. */
  readonly shortened: number;
  readonly skipped: Skipped;
  /** Whether times are dates, so that they count seconds; numbers count what the log counts. */
  readonly dates: boolean;
}

/**
 * Builds a graph of what goes together from a log of events (user, item, time): CSV, JSON lines, Parquet, or patterns of
 * them, larger than memory. The same log gives the same graph, whatever the order of its rows and the number of threads.
 *
 * What is counted, `n_ab`, by `link.by`:
 *
 * - `next`: how often an event with `b` came right after one with `a` in the history of a user; undirected, either way.
 *   Events of the same moment stand in order of position (the more frequent item first), for a log has no other order.
 * - `window`: how many pairs of events, one with `a` and one with `b`, a user had at most `seconds` apart. Events in a row
 *   with the same item count as one that lasts from the first to the last: only the first is near what came before,
 *   only the last near what comes after. An event makes pairs with the `longest` that follow it, at most.
 * - `session`: in how many sessions both were. A session is broken where more than `gap` seconds pass between an event and
 *   the next of the same user; repeats in a session count once.
 * - `basket`: the same where all rows with one value of the column `user` are a basket. Times are not read.
 *
 * Where `next` finds the same item again there is no link, so `a a b` is one step from `a` to `b`. Nothing is linked to
 * itself. A session or basket of `k` items makes `k (k - 1) / 2` pairs; of those with more than `longest` items only the
 * `longest` most frequent of the log take part, so that one long history does not outweigh everything (`shortened` counts).
 *
 * The weight of a link, where `n_a` is how often `a` was seen, and `N` how many observations there are:
 *
 * - `count`: `n_ab`
 * - `lift`: `n_ab N / (n_a n_b)`, 1 where `a` and `b` are independent
 * - `pmi`: `ln(n_ab N / (n_a n_b))`; pairs that are seen together no more than by chance (0 or below) are left out, since
 *   weights are above 0
 * - `cosine`: `n_ab / sqrt(n_a n_b)`
 *
 * Observations are sessions or baskets: `n_a` of the `N` hold `a`. For `next` they are steps: `n_a` leave `a`, `n_b` enter
 * `b`, `N` in all. For `window` and undirected `next`, each pair is seen from both ends: `n_a` pairs have an end in `a`,
 * and `N` is twice the number of pairs. All pairs count for these, those below `minimum` too.
 *
 * Then pairs seen less than `minimum` times go, and of the rest each item keeps the `neighbours` of highest weight (ties:
 * highest `n_ab`, then the lower position). A link of an undirected graph stays if either end keeps it, so a popular item
 * may have more. Links are in order of `from`, then `to`; undirected, `from < to`.
 *
 * Rows without user or item, with a time that is no number or date, below 0, or not finite, and lines that are no rows are
 * left out and counted in `skipped`, or refused where `strict`. A quote that is not closed is always refused: nobody can say
 * how much it swallows. Rows that are not `liked` are passed over, uncounted. Users that `people` holds back make no links and are
 * not counted; items that only they had to do with are there. Dates without a zone are UTC. A line has at most 1 MB; one of 4 MB is refused
 * in CSV that is not packed.
 *
 * Levy and Goldberg, "Neural word embedding as implicit matrix factorization" (2014) for PMI over pairs.
 *
 * @throws KindredError for files that are absent, empty, damaged or without these columns, a log without a usable row, a
 * graph without a link, bad rows where `strict`, and too little memory or disk.
 */
export async function graphFromLog(
  options: z.input<typeof cooccurrenceOptions>,
  onProgress?: (progress: Progress) => void,
): Promise<LogGraph> {
  const checked = parseOptions('graph', cooccurrenceOptions, options);
  const duck = await Duck.open({ ...checked, temporary: checked.temporary, onProgress });
  try {
    return await build(checked, duck);
  } finally {
    duck.close();
  }
}

type Options = z.output<typeof cooccurrenceOptions>;

async function build(options: Options, duck: Duck): Promise<LogGraph> {
  const { minimum, neighbours, weight, link, people } = options;
  const directed = link.by === 'next' && link.directed;
  const time = link.by === 'basket' ? undefined : options.time;
  const { skipped, dates } = await readEvents({ ...options, time, after: people && trainedFrom(people) }, duck);
  const [sizes] = await duck.rows(sql.sizes(minimum));
  const { events, users, items, frequent } = sizes as Record<string, number>;

  const { of, shortened } = await observe(options, duck);
  // Of a window an event may be in any number of pairs, so rare items may be in frequent pairs.
  const prefix = link.by === 'window' ? items : frequent;
  if (of !== 'moves') await duck.run('link', sql.setPairs(of, prefix));
  await duck.run('count pairs', sql.countPairs(minimum, prefix));
  let total = 0;
  if (weight !== 'count') {
    for (const statement of sql.ends(of, directed)) await duck.run('count items', statement);
    total = await duck.total(sql.countObservations(of, directed));
  }
  for (const table of new Set([of, 'moves'])) await duck.run('weigh', sql.drop(table));
  await duck.run('weigh', sql.weigh(weight, total));
  if (neighbours !== undefined) await duck.run('choose neighbours', sql.best(neighbours, directed));

  const table = neighbours === undefined ? 'weighted' : 'kept';
  const links = await duck.total(sql.countEdges(table));
  must(links > 0, () => ({
    rule: 'A graph has at least one link',
    received: `none of ${items} items in ${events} events of ${users} users is linked, with a minimum of ${minimum}${
      weight === 'pmi' ? ' and PMI above 0' : ''
    }`,
    next: 'Lower the minimum, widen the window or gap, or check which columns are user and item',
  }));
  const from = new Int32Array(links);
  const to = new Int32Array(links);
  const weights = new Float32Array(links);
  await duck.stream(sql.edges(table), (start, [a, b, w]) => {
    from.set(a as number[], start);
    to.set(b as number[], start);
    weights.set(w as number[], start);
  });
  const ids: string[] = [];
  await duck.stream(sql.ids, (_, [names]) => {
    for (const id of names) ids.push(id as string);
  });
  return {
    relations: graph({ items, from, to, weight: weights, directed }),
    ids,
    events,
    users,
    shortened,
    skipped,
    dates,
  };
}

/** Makes the table of what is counted: moves from item to item, or sets of items. */
async function observe({ link, longest }: Options, duck: Duck) {
  if (link.by === 'next') {
    await duck.run('link', sql.moves(link.directed));
    return { of: 'moves', shortened: 0 } as const;
  }
  if (link.by === 'window') {
    await duck.run('order events', sql.histories(longest));
    const shortened = await duck.total(sql.countCut(link.seconds));
    await duck.run('link', sql.windowPairs(link.seconds, longest));
    return { of: 'moves', shortened } as const;
  }
  await duck.run('link', link.by === 'session' ? sql.sessions(link.gap) : sql.baskets);
  await duck.run('link', sql.findLong(longest));
  const shortened = await duck.total(sql.countLong);
  if (shortened === 0) return { of: 'sets', shortened } as const;
  await duck.run('link', sql.shorten(longest));
  await duck.run('link', sql.drop('sets'));
  return { of: 'shortened', shortened } as const;
}
