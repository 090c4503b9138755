import { Command, InvalidArgumentError, Option } from 'commander';
import { must } from '../core/error.ts';
import { takeRows } from '../core/matrix.ts';
import type { Device } from '../onnx/device.ts';
import { readData } from '../recipes/data.ts';
import { isCalibrated, openCalibration } from '../runs/calibration.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { counted, metric as rounded } from '../runs/page/numbers.ts';
import { averageLinkage, cutAtDistance, cutIntoGroups, type Merge } from '../search/average-linkage.ts';
import { openIndex } from '../search/saved.ts';
import { embeddedItems } from './embedded-items.ts';
import { classesInIds, foundGroups, groupsText, groupsWriter, type KnownClasses, qualityBy } from './found-groups.ts';
import { cropOption, deviceOption, jsonOption, strictOption, threadsOption } from './options.ts';
import { printResult, say } from './output.ts';
import { ProgressLine } from './progress.ts';

interface Options {
  readonly threshold?: number;
  readonly clusters?: number;
  readonly output?: string;
  readonly strict?: boolean;
  readonly crop?: 'detect';
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

export const clusterCommand = (): Command =>
  new Command('cluster')
    .description('group items that belong together, such as the pictures of each person')
    .argument('<run>', 'a folder that `kindred train` wrote')
    .argument(
      '[items]',
      'a folder of pictures, or an IDX file; of items by their id, a file of ids; else the test part',
    )
    .addOption(
      new Option(
        '--threshold <distance>',
        'groups join up to this mean cosine distance of their items, 0 to 2; else as the calibration says',
      )
        .argParser(distance)
        .conflicts('clusters'),
    )
    .addOption(new Option('--clusters <n>', 'how many groups').argParser(number))
    .option('-o, --output <file>', 'a .csv or .jsonl file with item and group')
    .addOption(strictOption())
    .addOption(cropOption())
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred cluster runs/faces ./album --threshold 0.4 -o groups.csv')
    .action(cluster);

function distance(text: string): number {
  const value = Number(text);
  if (!(text.trim() !== '' && value >= 0 && value <= 2))
    throw new InvalidArgumentError('It takes a number from 0 to 2.');
  return value;
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It takes a whole number from 1 on.');
  return value;
}

async function cluster(run: string, items: string | undefined, options: Options): Promise<void> {
  const { folder } = openRun(run);
  const write = options.output === undefined ? undefined : groupsWriter(options.output);
  const end = endOf(folder, options);
  const {
    ids,
    embeddings,
    known,
    skipped = [],
  } = items === undefined ? await testPart(run) : await named(folder, items, options);
  must(end.clusters === undefined || end.clusters <= ids.length, () => ({
    rule: 'There are at most as many groups as items',
    received: `${end.clusters} groups of ${counted(ids.length, 'items')}`,
    next: 'Ask for fewer with --clusters',
    exitCode: 2,
  }));
  const line = new ProgressLine();
  const merges = await averageLinkage(embeddings, {
    metric: 'cosine',
    ...(end.threshold !== undefined && { until: end.threshold }),
    progress: (done, total) => line.work('grouping', done, total),
  });
  line.clear();
  const numbers = cut(ids.length, merges, end);
  const groups = foundGroups(ids, numbers);
  write?.(groups, ids, known);
  const quality = known && qualityBy(known, numbers);
  for (const { path, reason } of skipped) say(`skipped ${path}: ${reason}`);
  printResult(
    options.json,
    {
      ...{ run, metric: 'cosine', ...end, items: ids.length, groups },
      ...(known && { by: known.by, quality }),
      ...(options.output !== undefined && { file: options.output }),
      skipped,
    },
    () => {
      const ends = end.threshold === undefined ? 'as asked for' : `up to a mean distance of ${rounded(end.threshold)}`;
      const text = groupsText(groups, { ends, ...(known && quality && { known: { by: known.by, quality } }) });
      return options.output === undefined ? text : `${text}\n\nfile  ${options.output}`;
    },
  );
}

type End = Pick<Options, 'threshold' | 'clusters'>;

/** Where groups end: as asked for, or where the calibration of the run says. */
function endOf(folder: string, { threshold, clusters }: Options): End {
  if (clusters !== undefined) return { clusters };
  if (threshold === undefined && isCalibrated(folder)) {
    const { grouping } = openCalibration(folder);
    if (grouping !== undefined && 'threshold' in grouping) return { threshold: grouping.threshold };
  }
  must(threshold !== undefined, () => ({
    rule: 'Where groups end has to be said',
    received: 'neither --threshold nor --clusters, and the run has no calibration that says it',
    next: 'Give the mean distance up to which groups join, such as --threshold 0.4, or the number of groups, or run kindred calibrate',
    exitCode: 2,
  }));
  return { threshold };
}

const cut = (items: number, merges: readonly Merge[], { threshold, clusters }: End): Int32Array =>
  clusters === undefined ? cutAtDistance(items, merges, threshold ?? 0) : cutIntoGroups(items, merges, clusters);

type Given = Omit<Awaited<ReturnType<typeof embeddedItems>>, 'skipped'> & {
  readonly known?: KnownClasses;
  readonly skipped?: Awaited<ReturnType<typeof embeddedItems>>['skipped'];
};

async function named(folder: string, items: string, options: Options): Promise<Given> {
  const given = await embeddedItems(folder, items, options);
  const known = classesInIds(given.ids);
  return { ...given, ...(known && { known }) };
}

/** The items of the run that were held back to the end, with their classes where the run knows them. */
async function testPart(run: string): Promise<Given> {
  const { folder, recipe } = openRun(run);
  const index = await openIndex(runFiles(folder).index);
  const { ids: all, labels, names } = await index.items();
  const line = new ProgressLine();
  const { items, parts } = await readData(recipe.data, {
    seed: recipe.seed,
    progress: (done, total) => line.work('reading', done, total),
  });
  line.clear();
  const places = new Map(all.map((id, place) => [id, place]));
  const found = Int32Array.from(parts.test.items, (item) => places.get(items.ids[item]) ?? -1);
  must(!found.includes(-1) && items.count === all.length, () => ({
    rule: 'The test part of a run is one of the items that the run had',
    received: `${counted(items.count, 'items')} now; the run had ${all.length}`,
    next: 'Bring the data back to what they were, or name a folder of pictures',
  }));
  const known = labels && names && { by: 'the classes of the run', of: Array.from(found, (at) => names[labels[at]]) };
  return {
    ids: Array.from(found, (at) => all[at]),
    embeddings: takeRows(await index.vectors(), found),
    ...(known && { known }),
  };
}
