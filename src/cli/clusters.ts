import { extname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { must } from '../core/error.ts';
import { writeAtomically } from '../core/files.ts';
import type { Feed } from '../encoders/feed.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { ngramOptions, ngrams } from '../readers/tokens/ngrams.ts';
import { build } from '../recipes/build.ts';
import { dataSchema } from '../recipes/data/schema.ts';
import { prepare, readSource } from '../recipes/data.ts';
import { readRecipe } from '../recipes/read.ts';
import type { Recipe } from '../recipes/schema.ts';
import { withLink } from '../recipes/suggest/suggest.ts';
import { type UnderstandOptions, understand } from '../recipes/suggest/understand.ts';
import { type ClusterOptions, clusterOptions, clustersOf } from '../relations/clustering/clusters.ts';
import { measureTree } from '../relations/clustering/measure-tree.ts';
import type { ClusterTree } from '../relations/clustering/tree.ts';
import type { Items } from '../relations/items.ts';
import type { Relations } from '../relations/relations.ts';
import { clustersText, examplesOf } from './clusters-text.ts';
import { recipeMeant } from './inspect.ts';
import { jsonOption, rowsOption, threadsOption } from './options.ts';
import { printResult } from './output.ts';
import { ProgressLine } from './progress.ts';

interface Options extends UnderstandOptions {
  readonly set: readonly string[];
  readonly method?: ClusterOptions['method'];
  readonly rounds?: number;
  readonly threshold?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly output?: string;
  readonly threads: number;
  readonly json?: boolean;
}

const above = (least: number, whole: boolean) => (text: string) => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least) || (whole && !Number.isSafeInteger(value))) {
    throw new InvalidArgumentError(`It takes a ${whole ? 'whole ' : ''}number from ${least} on.`);
  }
  return value;
};

export const clustersCommand = (): Command =>
  new Command('clusters')
    .description(
      'show the clusters within clusters of a graph: links, or a log; of a recipe, those of its training part',
    )
    .argument('<what>', 'a file of links or a log, a recipe, or a data set by name')
    .option('--items <path>', 'the items of a file of relations')
    .addOption(rowsOption())
    .option(
      '--set <key=value>',
      'change a value of a recipe; may be repeated',
      (one, all: string[]) => [...all, one],
      [],
    )
    .addOption(
      new Option('--method <method>', 'affinity or louvain, of links; k-means, of features').choices([
        ...['affinity', 'louvain', 'k-means'],
      ]),
    )
    .addOption(new Option('--rounds <n>', 'affinity: how many levels').argParser(above(1, true)))
    .addOption(new Option('--threshold <weight>', 'affinity: between clusters that join').argParser(above(0, false)))
    .addOption(new Option('--minimum <n>', 'affinity: items of a cluster, at least').argParser(above(1, true)))
    .addOption(new Option('--maximum <n>', 'affinity: items of a cluster, at most').argParser(above(2, true)))
    .option('-o, --output <file>', 'a .csv file with each item and its cluster on each level')
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred clusters links.csv --maximum 500 -o clusters.csv')
    .action(clusters);

async function clusters(what: string, options: Options): Promise<void> {
  const { output } = options;
  must(output === undefined || extname(output) === '.csv', () => ({
    rule: 'Clusters are written to a .csv file',
    received: `${output}`,
    next: 'Name it so',
    exitCode: 2,
  }));
  const line = new ProgressLine();
  try {
    const given = await meant(what, options, line);
    const { items, relations, positions, settings } = given;
    const how = settingsOf(options, settings);
    const feed = how.method === 'k-means' ? await feedFor(given) : undefined;
    const tree = await clustersOf(
      { relations, positions, features: (at) => (feed as NonNullable<typeof feed>).features(at) },
      how,
      {
        threads: options.threads,
        onProgress: ({ stage, share }) => line.work(stage, Math.round((share ?? 0) * 100), 100),
      },
    );
    line.clear();
    if (output !== undefined) writeAtomically(output, csvOf(items, tree));
    const report = {
      ...{ name: what, ...how, items: positions.length },
      clustered: tree.levels[0].reduce((sum, cluster) => sum + Number(cluster >= 0), 0),
      levels: measureTree(tree, relations.kind === 'graph' ? relations : undefined).map((measured, level) => ({
        level,
        ...measured,
      })),
      examples: examplesOf(tree, items),
      ...(output !== undefined && { file: output }),
    };
    printResult(options.json, report, () => clustersText(report));
  } finally {
    line.clear();
  }
}

interface Meant {
  readonly items: Items;
  readonly relations: Relations;
  readonly positions: Int32Array;
  readonly settings?: ClusterOptions;
  readonly recipe?: Recipe;
  /** Without a recipe: the modality that one would be written for. */
  readonly modality?: string | undefined;
  /** Whether items are known by their ids alone. */
  readonly idsOnly?: boolean | undefined;
}

/** What k-means goes by: what the encoder of a recipe sees; without one, one modality, of texts the words. */
async function feedFor({ items, recipe, modality, idsOnly }: Meant): Promise<Feed> {
  must(!idsOnly, () => ({
    rule: 'k-means goes by what items consist of',
    received: 'items that are known by their ids alone',
    next: 'Name the items with --items, or cluster the links by affinity or louvain',
    exitCode: 2,
  }));
  if (recipe === undefined) return feedOf(items, { modality, tokens: ngrams(ngramOptions.parse({})) });
  const { encoder } = await build(recipe);
  return feedOf(items, { ...recipe.input, encoder });
}

/** The training part of a recipe, with its settings; or all of what is no recipe. */
async function meant(what: string, { set, items, kind }: Options, line: ProgressLine): Promise<Meant> {
  const progress = (done: number, total: number) => line.work('reading', done, total);
  const recipe = recipeMeant(what);
  if (recipe === undefined) {
    const { prepared } = await withLink(await understand(what, { items, kind }));
    const read = await readSource(dataSchema.parse(prepared.data), { seed: 1, progress });
    const { modality, idsOnly } = prepared;
    return { ...read, modality, idsOnly, positions: Int32Array.from({ length: read.items.count }, (_, i) => i) };
  }
  const resolved = readRecipe(recipe, set).recipe;
  const { data, seed, clusters: settings } = resolved;
  const { items: found, parts } = prepare(await readSource(data, { seed, progress }), data, seed);
  return {
    ...{ items: found, relations: parts.train.relations, positions: parts.train.items },
    recipe: resolved,
    ...(settings && { settings }),
  };
}

/** What the recipe says, changed by what the command says. */
function settingsOf(
  { method, rounds, threshold, minimum, maximum }: Options,
  settings?: ClusterOptions,
): ClusterOptions {
  const given = Object.entries({ rounds, threshold, minimum, maximum }).filter(([, value]) => value !== undefined);
  const chosen = method ?? settings?.method ?? 'affinity';
  must(given.length === 0 || chosen === 'affinity', () => ({
    rule: 'Rounds, threshold, minimum and maximum are those of affinity clustering',
    received: `--${given[0]?.[0]} with the method ${chosen}`,
    next: 'Leave them out, or choose --method affinity',
    exitCode: 2,
  }));
  const base = settings?.method === chosen ? settings : {};
  return clusterOptions.parse({ ...base, method: chosen, ...Object.fromEntries(given) });
}

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function csvOf({ ids }: Items, { levels }: ClusterTree): string {
  const head = ['item', ...levels.map((_, level) => `level${level}`)].join(',');
  const rows = ids.map((id, item) => [quoted(id), ...levels.map((of) => (of[item] < 0 ? '' : of[item]))].join(','));
  return `${[head, ...rows].join('\n')}\n`;
}
