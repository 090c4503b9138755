import { Command, InvalidArgumentError, Option } from 'commander';
import { must } from '../core/error.ts';
import { bootstrapDifference, bootstrapMean, type Interval } from '../evaluation/bootstrap.ts';
import { randomisationTest } from '../evaluation/randomisation.ts';
import { measureLists, type RankingOptions } from '../evaluation/ranking/measure-lists.ts';
import { metricOf } from '../evaluation/ranking/metrics.ts';
import type { Ties } from '../evaluation/ranking/order.ts';
import { trecLists } from '../evaluation/ranking/trec-lists.ts';
import { skippedRow } from '../readers/data-set.ts';
import { type Qrels, readQrels, readRun } from '../readers/trec.ts';
import { reading, signed } from '../runs/compare-page.ts';
import { count, counted, metric, probability } from '../runs/page/numbers.ts';
import { jsonOption } from './options.ts';
import { printResult, say, table } from './output.ts';

interface Options {
  readonly metric: readonly string[];
  readonly gain: 'linear' | 'exponential';
  readonly ties: Ties;
  readonly empty: 'skip' | '0' | '1';
  readonly relevantFrom?: number;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Intervals and drawn exchanges are the same each time. */
const seed = 1;

export const measureCommand = (): Command =>
  new Command('measure')
    .description(
      'measure what a ranker found against judgements, both in files as TREC has them; or two, against each other',
    )
    .argument('<judgements>', 'a qrels file: query, iteration, document and grade in each row')
    .argument('<run>', 'a run file: query, Q0, document, rank, score and tag in each row')
    .argument('[other]', 'another run, whose difference to the first is told')
    .addOption(
      new Option(
        '--metric <names...>',
        'such as ndcg@10, map, mrr@10, recall@100, precision@5, err, rbp@0.8, bpref, auc',
      )
        .argParser((name: string, names: readonly string[]) => [
          ...(names === defaults ? [] : names),
          metricOf(name).name,
        ])
        .default(defaults),
    )
    .addOption(
      new Option('--gain <gain>', 'of a grade in NDCG: the grade, or 2^grade - 1')
        .choices(['linear', 'exponential'])
        .default('exponential'),
    )
    .addOption(
      new Option(
        '--ties <rule>',
        'what stands first among equal scores: the less or the more relevant, or the first row',
      )
        .choices(['pessimistic', 'optimistic', 'listed'])
        .default('pessimistic'),
    )
    .addOption(
      new Option('--empty <rule>', 'what a query counts as to which nothing is relevant')
        .choices(['skip', '0', '1'])
        .default('skip'),
    )
    .addOption(
      new Option(
        '--relevant-from <grade>',
        'the smallest grade that is relevant (default: anything above 0)',
      ).argParser((text) => {
        const grade = Number(text);
        if (!(grade > 0 && Number.isFinite(grade))) throw new InvalidArgumentError('It takes a grade above 0.');
        return grade;
      }),
    )
    .addOption(new Option('--strict', 'fail on a row that cannot be read, instead of leaving it out'))
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred measure judgements.qrel bm25.run ours.run --metric ndcg@10 map')
    .action(measure);

const defaults: readonly string[] = ['ndcg@10', 'map', 'mrr'];

interface Measured {
  readonly run: string;
  readonly tag: string;
  readonly unanswered: number;
  readonly unjudged: number;
  readonly metrics: Readonly<Record<string, Interval>>;
  readonly perQuery: Readonly<Record<string, Float64Array>>;
}

async function measure(judgements: string, run: string, other: string | undefined, options: Options): Promise<void> {
  const how = { strict: options.strict === true };
  const { qrels, skipped } = await readQrels(judgements, how);
  sayLeftOut(skipped);
  const rules: RankingOptions = {
    metrics: [...new Set(options.metric)],
    gain: options.gain,
    ties: options.ties,
    empty: options.empty === 'skip' ? 'skip' : (Number(options.empty) as 0 | 1),
    ...(options.relevantFrom !== undefined && { relevantFrom: options.relevantFrom }),
  };
  const first = await measureRun(run, judgements, qrels, rules, how);
  const second = other === undefined ? undefined : await measureRun(other, judgements, qrels, rules, how);
  const differences = second && differencesOf(first, second);
  const runs = [first, ...(second ? [second] : [])];
  printResult(
    options.json,
    {
      judgements,
      rules,
      queryIds: qrels.queryIds,
      // What does not count is null.
      runs: runs.map(({ perQuery, ...rest }) => ({
        ...rest,
        perQuery: Object.fromEntries(Object.entries(perQuery).map(([name, values]) => [name, [...values]])),
      })),
      ...(differences && { differences }),
    },
    () => asText(runs, differences, rules),
  );
}

async function measureRun(
  path: string,
  judgements: string,
  qrels: Qrels,
  rules: RankingOptions,
  how: { readonly strict: boolean },
): Promise<Measured> {
  const { run, skipped } = await readRun(path, how);
  sayLeftOut(skipped);
  const { lists, queryIds, unanswered, unjudged } = trecLists(run, qrels);
  must(unanswered < queryIds.length, () => ({
    rule: 'A run answers queries that were judged',
    received: `none in common: ${path} has "${run.queryIds[0]}", ${judgements} "${queryIds[0]}"`,
    next: 'Name the judgements of these queries, or write the ids alike',
  }));
  if (unanswered > 0)
    say(`${path}: nothing for ${count(unanswered)} of ${count(queryIds.length)} judged queries; they count`);
  if (unjudged > 0) say(`${path}: ${counted(unjudged, 'queries')} that nobody judged, left out`);
  const { perQuery, judged } = measureLists(lists, rules);
  must(judged > 0, () => ({
    rule: 'Rankings are measured where something is relevant',
    received: `no document with a grade of ${rules.relevantFrom ?? 'more than 0'} in ${judgements}`,
    next: 'Look at the grades, or lower --relevant-from',
  }));
  const metrics = Object.entries(perQuery).map(([name, values]) => {
    const numbers = values.filter((value) => !Number.isNaN(value));
    must(numbers.length > 0, () => ({
      rule: `${name} tells relevant documents from others that the run found`,
      received: `no query of ${path} with both`,
      next: 'Ask for another metric',
    }));
    return [name, bootstrapMean(numbers, { seed })] as const;
  });
  return { run: path, tag: run.tag, unanswered, unjudged, metrics: Object.fromEntries(metrics), perQuery };
}

/** How much better the second is, over the queries that count in both. */
function differencesOf(first: Measured, second: Measured) {
  const found = Object.keys(first.perQuery).map((name) => {
    const [a, b] = [first.perQuery[name], second.perQuery[name]];
    const counts = (_: number, i: number) => !Number.isNaN(a[i] - b[i]);
    const { p, exact, queries } = randomisationTest(b, a, { seed });
    return [name, { ...bootstrapDifference(b.filter(counts), a.filter(counts), { seed }), p, exact, queries }] as const;
  });
  return Object.fromEntries(found);
}

function asText(
  runs: readonly Measured[],
  differences: ReturnType<typeof differencesOf> | undefined,
  { gain, ties, empty }: RankingOptions,
): string {
  const names = Object.keys(runs[0].metrics);
  const interval = ({ low, high }: Interval) => `${metric(low)}–${metric(high)}`;
  const queries = runs[0].perQuery[names[0]].filter((value) => !Number.isNaN(value)).length;
  const lines = [
    `${counted(queries, 'queries')}; gain ${gain}, ties ${ties}, queries with nothing relevant: ${empty}`,
    '',
    table([
      ['', ...names.flatMap((name) => [name, '95 % interval'])],
      ...runs.map(({ run, metrics }) => [
        run,
        ...names.flatMap((name) => [metric(metrics[name].mean), interval(metrics[name])]),
      ]),
    ]),
  ];
  if (differences !== undefined) {
    lines.push(
      '',
      `${runs[1].run} against ${runs[0].run}, paired over the queries; p by randomisation:`,
      '',
      table([
        ['', 'difference', '95 % interval', 'p', ''],
        ...Object.entries(differences).map(([name, difference]) => [
          name,
          signed(difference.mean),
          `${signed(difference.low)} to ${signed(difference.high)}`,
          probability(difference.p),
          reading(difference),
        ]),
      ]),
    );
  }
  return lines.join('\n');
}

function sayLeftOut(rows: Awaited<ReturnType<typeof readQrels>>['skipped']): void {
  for (const { path, reason } of rows.slice(0, 10).map(skippedRow)) say(`left out: ${path}: ${reason}`);
  if (rows.length > 10) say(`left out: ${count(rows.length - 10)} more`);
}
