import { Command, Option } from 'commander';
import { writeAtomically } from '../core/files.ts';
import { measures, type QualityName } from '../evaluation/measures.ts';
import { type Comparison, compareRuns, unitsOf } from '../runs/compare.ts';
import { comparePage, reading, signed, valueInWords } from '../runs/compare-page.ts';
import { count, duration, metric, probability } from '../runs/page/numbers.ts';
import { qualitiesIn, qualityLabels } from '../runs/words.ts';
import { jsonOption } from './options.ts';
import { printResult, table } from './output.ts';

interface Options {
  readonly metric?: QualityName;
  readonly output?: string;
  readonly json?: boolean;
}

export const compareCommand = (): Command =>
  new Command('compare')
    .description('compare runs that were tested on the same queries; differences are against the first')
    .argument('<runs...>', 'folders that `kindred train` wrote, two or more')
    .addOption(
      new Option('--metric <name>', 'what differences are in; what runs are chosen by unless given').choices(
        Object.values(measures).flatMap(({ qualities }): readonly string[] => qualities),
      ),
    )
    .option('-o, --output <file>', 'write a page with curves as well, such as compare.html')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred compare runs/demo runs/short -o compare.html')
    .action(compare);

function compare(runs: readonly string[], options: Options): void {
  const comparison = compareRuns(runs, options.metric);
  if (options.output !== undefined) writeAtomically(options.output, comparePage(comparison));
  printResult(options.json, asJson(comparison, options.output), () => asText(comparison, options.output));
}

const asJson = ({ runs, ...comparison }: Comparison, page: string | undefined) => ({
  ...comparison,
  runs: runs.map(({ run, metrics }) => ({ run, ...metrics })),
  ...(page !== undefined && { page }),
});

function asText(comparison: Comparison, page: string | undefined): string {
  const { queries, runs, differences, baseline, settings } = comparison;
  const [{ run: first, metrics }] = runs;
  const units = unitsOf[comparison.measure];
  const qualities = qualitiesIn(runs.map((each) => each.metrics));
  const quality = qualityLabels[comparison.metric];
  return [
    `${count(queries)} ${units}, the same for all`,
    '',
    table([
      ['', ...qualities.map((name) => qualityLabels[name]), 'steps', 'time', 'items/s', ''],
      ...runs.map(({ run, metrics: m }) => [
        run,
        ...qualities.map((name) => metric(m[name])),
        count(m.steps),
        duration(m.trainSeconds),
        count(m.itemsPerSecond),
        m.truncated === undefined ? '' : `ended early: ${m.truncated}`,
      ]),
      [metrics.baseline.name, ...qualities.map((name) => metric(metrics.baseline[name])), '', '', '', ''],
    ]),
    '',
    `${quality} against ${first}, paired over the ${units}:`,
    '',
    table([
      ['', 'difference', '95 % interval', 'p', ''],
      ...[...differences, baseline].map((difference) => [
        difference.name,
        signed(difference.mean),
        `${signed(difference.low)} to ${signed(difference.high)}`,
        probability(difference.p),
        reading(difference),
      ]),
    ]),
    '',
    ...(settings.length === 0
      ? ['The recipes do not differ.']
      : [
          'What the recipes differ in:',
          '',
          table([
            ['', ...runs.map(({ run }) => run)],
            ...settings.map(({ key, values }) => [key, ...values.map(valueInWords)]),
          ]),
        ]),
    ...(page === undefined ? [] : ['', `page  ${page}`]),
  ].join('\n');
}
