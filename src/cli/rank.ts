import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { must } from '../core/error.ts';
import { Embedder } from '../encoders/embedder.ts';
import { feedOf } from '../encoders/feed-of.ts';
import { idInput } from '../encoders/feeds/id.ts';
import { chooseDevice, type Device } from '../onnx/device.ts';
import { build } from '../recipes/build.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { count } from '../runs/page/numbers.ts';
import { openIndex } from '../search/saved.ts';
import { deviceOption, jsonOption, threadsOption } from './options.ts';
import { printResult, say, table } from './output.ts';
import { ProgressLine } from './progress.ts';
import { type NewLists, readLists } from './rank-lists.ts';
import { type RankedList, rankedWriter, rowsOf } from './rank-output.ts';

interface Options {
  readonly items?: string;
  readonly query?: string;
  readonly item?: string;
  readonly base?: '0' | '1';
  readonly output?: string;
  readonly strict?: boolean;
  readonly threads: number;
  readonly device: Device | 'auto';
  readonly json?: boolean;
}

export const rankCommand = (): Command =>
  new Command('rank')
    .description('put the items of lists in order, by the score that a run has learned')
    .argument('<run>', 'a folder that `kindred train` wrote, of a ranking')
    .argument('<lists>', 'rows with features in the format of SVMlight, or a table of queries and items')
    .option('--items <path>', 'the items that a table names, with their features (default: those of the run)')
    .option('--query <column>', 'the column of a table that holds the query')
    .option('--item <column>', 'the column of a table that holds the item')
    .addOption(
      new Option('--base <n>', 'of SVMlight: the index of the first feature (default: 0 where it occurs)').choices([
        '0',
        '1',
      ]),
    )
    .option(
      '-o, --output <file>',
      'write query, rank, item and score to a .csv or .jsonl file, or a .run file as TREC has it',
    )
    .addOption(new Option('--strict', 'fail on a row or a file that cannot be read, instead of leaving it out'))
    .addOption(threadsOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred rank runs/rank new-lists.svm -o ranked.csv')
    .action(rank);

async function rank(run: string, path: string, options: Options): Promise<void> {
  const { folder, recipe } = openRun(run);
  const files = runFiles(folder);
  must(existsSync(files.ranker), () => ({
    rule: 'A run that has learned from graded lists or preferences ranks',
    received: `${run}, which has no ranker.onnx`,
    next: 'Name another run, or train one by recipes/rank.yaml',
    exitCode: 2,
  }));
  const write = options.output === undefined ? undefined : rankedWriter(options.output);
  const line = new ProgressLine();
  const ranker = await Embedder.open(files.ranker, { ...options, device: await chooseDevice(options.device) });
  try {
    const known = ranker.input.name === idInput.name ? (await (await openIndex(files.index)).items()).ids : undefined;
    const { base, ...named } = options;
    const lists = await readLists(
      path,
      { recipe, known, features: ranker.input.shape.reduce((a, b) => a * b, 1) },
      { ...named, ...(base !== undefined && { base: Number(base) as 0 | 1 }) },
      {
        seed: recipe.seed,
        ...(options.strict && { strict: true }),
        progress: (done, total) => line.work('reading', done, total),
      },
    );
    const texts = Object.values(lists.items.modalities).some(({ kind }) => kind === 'text');
    const several = ranker.input.parts !== undefined;
    const { encoder } = known !== undefined || texts || several ? await build(recipe) : {};
    const feed = feedOf(lists.items, { ...recipe.input, ...(encoder && { encoder }) });
    const scores = await ranker.score(feed, {
      ...lists,
      progress: (done, total) => line.work('scoring', done, total),
    });
    line.clear();
    const ranked = inOrder(lists, scores);
    write?.(ranked, basename(folder));
    show(run, ranked, lists, options);
  } finally {
    line.clear();
    await ranker.release();
  }
}

function inOrder({ items, positions, lists, queryIds }: NewLists, scores: Float32Array): RankedList[] {
  const rows: number[][] = queryIds.map(() => []);
  lists.forEach((list, row) => {
    must(Number.isFinite(scores[row]), () => ({
      rule: 'Items are ranked by a score that is a number',
      received: `${scores[row]} for ${items.ids[positions[row]]} of the list ${queryIds[list]}`,
      next: 'Look at its features: they may be larger than any that were trained on',
    }));
    rows[list].push(row);
  });
  return rows.map((all, list) => ({
    query: queryIds[list],
    items: all
      .sort((a, b) => scores[b] - scores[a] || a - b)
      .map((row) => ({ id: items.ids[positions[row]], score: scores[row] })),
  }));
}

function show(run: string, ranked: readonly RankedList[], { skipped }: NewLists, options: Options): void {
  for (const { path, reason } of skipped.slice(0, 10)) say(`left out: ${path}: ${reason}`);
  if (skipped.length > 10) say(`left out: ${count(skipped.length - 10)} more`);
  const empty = ranked.filter(({ items }) => items.length === 0).map(({ query }) => query);
  if (empty.length > 0) say(`lists without items: ${empty.slice(0, 10).join(', ')}${empty.length > 10 ? ', ...' : ''}`);
  const { output, json } = options;
  const items = ranked.reduce((sum, list) => sum + list.items.length, 0);
  printResult(json, { run, lists: ranked, skipped, ...(output !== undefined && { file: output }) }, () =>
    output === undefined
      ? table([
          ['query', 'rank', 'item', 'score'],
          ...rowsOf(ranked).map((row) => [...row.slice(0, 3), row[3].toFixed(4)]),
        ])
      : `${count(items)} items of ${count(ranked.length)} lists in ${output}`,
  );
}
