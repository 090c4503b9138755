import { parseArgs } from 'node:util';
import { readRecipe } from 'kindred/recipes/read';

/** What a command line asks for: RECIPE [--set KEY=VALUE]... [--part validation|test] [--threads N], and further options. */
export function recipeAsked(further = {}) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      set: { type: 'string', multiple: true, default: [] },
      part: { type: 'string', default: 'test' },
      threads: { type: 'string', default: '2' },
      ...further,
    },
  });
  const { recipe } = readRecipe(positionals[0], values.set);
  return { recipe, values, threads: Number(values.threads) };
}
