import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Command, Option } from 'commander';
import { dataSetNamed, dataSetNames } from '../readers/find-data-set.ts';
import { dataSchema } from '../recipes/data/schema.ts';
import { readSource } from '../recipes/data.ts';
import { listRecipes, readRecipe } from '../recipes/read.ts';
import { withLink } from '../recipes/suggest/suggest.ts';
import { type UnderstandOptions, understand } from '../recipes/suggest/understand.ts';
import { reportOn, reportOnRecipe } from './inspect-report.ts';
import { reportText } from './inspect-text.ts';
import { jsonOption, rowsOption } from './options.ts';
import { printResult } from './output.ts';
import { ProgressLine } from './progress.ts';
import { definitions, wrapped } from './wrapped.ts';

interface Options extends UnderstandOptions {
  readonly set: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

export const inspectCommand = (): Command =>
  new Command('inspect')
    .description('show what data hold: items, relations, noise; and what a recipe makes of them')
    .argument('[what]', 'a file, a folder, a recipe, or a data set by name; without it, the data sets are listed')
    .option('--items <path>', 'the items of a file of relations')
    .option('--labels <what>', 'the column of labels of a table; of an array, the file of its labels')
    .addOption(rowsOption())
    .option(
      '--set <key=value>',
      'change a value of a recipe; may be repeated',
      (one, all: string[]) => [...all, one],
      [],
    )
    .addOption(new Option('--strict', 'fail on the first row or file that cannot be read'))
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred inspect pairs.csv --items items.csv')
    .action(inspect);

async function inspect(what: string | undefined, options: Options): Promise<void> {
  if (what === undefined) return listDataSets(options.json);
  const line = new ProgressLine();
  const progress = (name: string, done: number, total: number) => line.work(name, done, total);
  const strict = options.strict ?? false;
  try {
    const recipe = recipeMeant(what);
    if (recipe !== undefined) {
      const { recipe: resolved } = readRecipe(recipe, options.set);
      const report = await reportOnRecipe(what, resolved, { strict, progress });
      line.clear();
      return printResult(options.json, report, () => reportText(report));
    }
    const { items, labels, kind } = options;
    const { prepared: found } = await withLink(await understand(what, { items, labels, kind }));
    const data = dataSchema.parse(found.data);
    const read = await readSource(data, {
      seed: 1,
      strict,
      progress: (done, total) => progress('reading', done, total),
    });
    const { columns, doubts, idsOnly = false } = found;
    const report = await reportOn({ name: what, what: found.what, columns, doubts, idsOnly }, read, { progress });
    line.clear();
    printResult(options.json, report, () => reportText(report));
  } finally {
    line.clear();
  }
}

/** A recipe: a YAML file, or the name of one that comes with kindred, if no data set is called so (else NAME.yaml). */
export function recipeMeant(what: string): string | undefined {
  const isYaml = /^\.ya?ml$/.test(extname(what));
  if (isYaml && existsSync(what)) return what;
  const name = isYaml ? basename(what, extname(what)) : what;
  const isPackaged = listRecipes().some((each) => each.name === name);
  if (isYaml) return isPackaged && !/[/\\]/.test(what) ? name : what;
  return isPackaged && !existsSync(what) && !dataSetNames().includes(what) ? name : undefined;
}

async function listDataSets(json: boolean | undefined): Promise<void> {
  const all = await Promise.all(dataSetNames().map(dataSetNamed));
  const sets = all.map(({ dataSet, about, source, place }) => ({
    name: dataSet,
    about,
    place: place() ?? null,
    source,
  }));
  printResult(json, sets, () =>
    [
      ...definitions(
        sets.map(({ name, about, place }) => [name, `${about}. ${place === null ? 'Not here.' : `Here: ${place}`}`]),
        0,
      ),
      '',
      wrapped(
        'Data sets lie in the folder that KINDRED_DATA names. Inspect one that is not here to see where to get it.',
      ),
    ].join('\n'),
  );
}
