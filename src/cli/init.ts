import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { KindredError } from '../core/error.ts';
import { writeAtomically } from '../core/files.ts';
import { describeFolder } from '../readers/describe.ts';
import { writeRecipe } from '../recipes/read.ts';
import { suggestRecipe } from '../recipes/suggest.ts';
import { shellWord } from '../runs/shell-word.ts';
import { jsonOption } from './options.ts';
import { printResult, say } from './output.ts';

interface Options {
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const initCommand = (): Command =>
  new Command('init')
    .description('look at a folder of your own pictures and write a recipe for it')
    .argument('<folder>', 'one subfolder of pictures for each class')
    .option('-o, --output <file>', 'the recipe to write (default: NAME.yaml here)')
    .option('--force', 'write over a recipe that is there')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred init ./photos')
    .action(init);

async function init(folder: string, options: Options): Promise<void> {
  const facts = await describeFolder(folder);
  const name = basename(resolve(folder)) || 'pictures';
  const output = options.output ?? `${name}.yaml`;
  if (existsSync(output) && !options.force) {
    throw new KindredError({
      rule: 'A recipe that is there is not written over',
      received: output,
      next: 'Name another with --output, or say --force',
    });
  }
  const { recipe, because } = suggestRecipe(facts, relative(dirname(resolve(output)), resolve(folder)) || '.');
  writeAtomically(output, writeRecipe(recipe));
  if (facts.loose > 0) say(`${facts.loose} pictures lie beside the class folders and will be left out`);
  if (facts.unreadable > 0) say(`${facts.unreadable} of ${facts.sampled} pictures looked at cannot be read`);
  if (facts.emptyGroups.length > 0) say(`folders without pictures: ${facts.emptyGroups.join(', ')}`);
  const next = `npx kindred train ${shellWord(output)}`;
  printResult(options.json, { recipe: output, next, because }, () =>
    [...because.map((line) => `  ${line}`), '', `recipe  ${output}`, `next    ${next}`].join('\n'),
  );
}
