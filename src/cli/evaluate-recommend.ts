import { must } from '../core/error.ts';
import { type Absent, contest, type Entered } from '../evaluation/recommendation/contest.ts';
import { recommendQualities } from '../evaluation/recommendation/measure.ts';
import { popularityOf } from '../evaluation/recommendation/popularity.ts';
import { coldTask, type RecommendTask, warmTask } from '../evaluation/recommendation/tasks.ts';
import { heldBack, partOfPerson } from '../relations/held-back.ts';
import { type Histories, historiesFromLog } from '../relations/histories.ts';
import { counted, decimal, metric } from '../runs/page/numbers.ts';
import { thingsOf } from '../runs/words.ts';
import { unitRows } from '../search/recommend.ts';
import { openIndex } from '../search/saved.ts';
import { contentOf } from './content-of.ts';
import { printResult, table } from './output.ts';
import { ProgressLine } from './progress.ts';
import { contestants, type Method } from './recommend-contestants.ts';
import { dataOfRun } from './run-data.ts';

export interface RecommendOptions {
  readonly part: 'test' | 'validation';
  readonly threads: number;
  readonly json?: boolean;
}

interface Section {
  readonly people: number;
  readonly candidates: number;
  readonly methods: Readonly<Record<Method, Entered | Absent>>;
}

type Found = Section | { readonly reason: string };

/** `kindred evaluate --task recommend`. */
export async function evaluateRecommend(run: string, { part, threads, json }: RecommendOptions): Promise<void> {
  const { recipe, files, data } = await dataOfRun(run);
  const { items, parts, log } = data;
  must(log !== undefined, () => ({
    rule: 'Recommendations are measured on what people saw, in a run whose links were made of a log',
    received: `${run}, whose relations, of the kind ${data.relations.kind}, come from no log`,
    next: 'Train on a log (relations: { kind: log, ... }), or on lastfm or movielens with the relation together',
    exitCode: 2,
  }));
  const line = new ProgressLine();
  try {
    const histories = await historiesFromLog({ ...log, threads }, items.ids, ({ stage, share }) =>
      line.work(`${stage}, of the log`, Math.round((share ?? 0) * 100), 100),
    );
    const vectors = unitRows(await (await openIndex(files.index, { exact: true })).vectors());
    line.show('  reading content', { force: true });
    const content = await contentOf(data, recipe);
    const popularity = popularityOf(histories.items, items.count);
    const { seed } = recipe;
    const measured = async (
      what: string,
      [validation, test]: readonly [RecommendTask, RecommendTask],
      others?: readonly Int32Array[],
    ): Promise<Found> => {
      const people = test.histories.length;
      if (people === 0) return { reason: 'nobody has seen items of both kinds, what to go by and what to find' };
      const given = { vectors, content, timed: histories.timed, ...(others && { others }) };
      const methods = await contest(contestants(given), {
        ...{ validation, test, popularity, seed },
        progress: (name, done, total) => line.work(`${what}: ${name}`, done, total),
      });
      return { people, candidates: test.candidates.length, methods };
    };

    const trained = new Set(parts.train.items);
    const unseen = (which: 'validation' | 'test') => parts[which].items.filter((item) => !trained.has(item));
    const coldOf = (which: 'validation' | 'test') =>
      coldTask(histories, { known: parts.train.items, candidates: unseen(which) }, { seed });
    const cold: Found =
      unseen(part).length === 0
        ? { reason: 'training saw all items' }
        : await measured('items never seen', [coldOf('validation'), coldOf(part)]);

    const shares = log.people && heldBack.parse(log.people);
    const peopleOf = (which: 'train' | 'validation' | 'test') =>
      only(histories, (name) => partOfPerson(name, shares ?? { validation: 0, test: 0 }) === which);
    const warmOf = (which: 'validation' | 'test') => warmTask(peopleOf(which), parts.train.items, { seed });
    const others = peopleOf('train').items.map((own) => own.filter((item) => trained.has(item)));
    const warm: Found =
      shares === undefined
        ? {
            reason:
              'the links were made of what everybody saw; hold people back to measure it (people: { validation: 0.15, test: 0.3 }, beside minimum and neighbours of the log)',
          }
        : await measured(
            'items of training',
            [warmOf('validation'), warmOf(part)],
            others.filter(({ length }) => length > 0),
          );
    line.clear();
    const things = thingsOf(items);
    printResult(json, { run, task: 'recommend', part, ...headline({ cold, warm }), cold, warm }, () =>
      [
        ...textOf(cold, (n) => `${counted(n, things)} of the ${part} part, which nobody has seen yet`),
        '',
        ...textOf(
          warm,
          (n) => `${counted(n, things)} that training saw, to people of the ${part} part, whom it did not see`,
        ),
      ].join('\n'),
    );
  } finally {
    line.clear();
  }
}

const only = ({ people, items, timed }: Histories, fits: (name: string) => boolean): Histories => {
  const kept = people.flatMap((name, i) => (fits(name) ? [i] : []));
  return { people: kept.map((i) => people[i]), items: kept.map((i) => items[i]), timed };
};

/** The run's own figures, by items: of those that nobody has seen, where there are such. */
function headline(found: { readonly cold: Found; readonly warm: Found }): object {
  for (const [items, section] of Object.entries(found)) {
    if ('reason' in section || 'reason' in section.methods.items) continue;
    const { intervals, ...rest } = section.methods.items;
    return { items, ...Object.fromEntries(recommendQualities.map((name) => [name, rest[name]])), intervals };
  }
  return {};
}

function textOf(found: Found, what: (candidates: number) => string): string[] {
  if ('reason' in found) return [`Not measured on ${what(0).replace(/^0 /, '')}: ${found.reason}.`];
  const { people, candidates, methods } = found;
  const all = Object.values<Entered | Absent>(methods);
  const range = (interval: readonly [number, number] | null) =>
    interval === null ? '–' : `${metric(interval[0])}–${metric(interval[1])}`;
  const signed = (value: number) => `${value > 0 ? '+' : ''}${metric(value)}`;
  const rows = all.flatMap((each) =>
    'reason' in each
      ? []
      : [
          [
            each.name,
            metric(each.ndcgAt10),
            range(each.intervals.ndcgAt10),
            each.difference === undefined ? '' : `${signed(each.difference.low)} to ${signed(each.difference.high)}`,
            ...[each.mapAt10, each.recallAt10, each.recallAt100, each.coverage].map(metric),
            `${decimal(100 * each.popularityBias, 0)} %`,
            Object.entries(each.settings)
              .map(([key, value]) => `${key} ${value}`)
              .join(', '),
          ],
        ],
  );
  return [
    `To ${counted(people, 'people')}, ${what(candidates)}:`,
    '',
    table([
      [
        '',
        'NDCG@10',
        '95 % interval',
        'against the first',
        'MAP@10',
        'Recall@10',
        'Recall@100',
        'coverage',
        'popularity',
        'chosen',
      ],
      ...rows,
    ]),
    ...leftOut(all),
  ];
}

/** Those who could not take part, together where the reason is the same. */
function leftOut(all: readonly (Entered | Absent)[]): string[] {
  const names = new Map<string, string[]>();
  for (const each of all) {
    if ('reason' in each) names.set(each.reason, [...(names.get(each.reason) ?? []), each.name]);
  }
  return [...names].map(([reason, of]) => `Left out: ${of.join('; ')}, since ${reason}.`);
}
