import { Command } from 'commander';
import { listRecipes } from '../recipes/read.ts';
import { jsonOption } from './options.ts';
import { printResult, table } from './output.ts';

export const recipesCommand = (): Command =>
  new Command('recipes')
    .description('list the recipes that come with kindred')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred recipes --json')
    .action(({ json }: { json?: boolean }) => {
      const recipes = listRecipes();
      printResult(json, recipes, () =>
        table([['recipe', 'what it does'], ...recipes.map(({ name, description }) => [name, description])]),
      );
    });
