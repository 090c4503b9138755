import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KindredError, must } from '../core/error.ts';
import { writeAtomically } from '../core/files.ts';
import type { Feed } from '../encoders/feed.ts';
import { readRecipe, writeRecipe } from '../recipes/read.ts';
import type { Recipe } from '../recipes/schema.ts';
import type { WordsRecipe } from '../recipes/words.ts';
import { hasCheckpoint } from './checkpoints.ts';
import { shellWord } from './shell-word.ts';

/** What lies in a run folder, and where. */
export const runFiles = (folder: string) => ({
  recipe: join(folder, 'recipe.yaml'),
  metrics: join(folder, 'metrics.json'),
  curve: join(folder, 'curve.jsonl'),
  tensorboard: join(folder, 'tensorboard'),
  queries: join(folder, 'queries.json'),
  model: join(folder, 'model.onnx'),
  /** Of rankings: the model with scores. */
  ranker: join(folder, 'ranker.onnx'),
  preprocess: join(folder, 'preprocess.json'),
  report: join(folder, 'report.html'),
  index: join(folder, 'index'),
});

/** How items become the model's input: what is done before the model, and what the model does itself. */
export type Preprocess = Feed['words'] & Feed['settings'] & { readonly input: string; readonly kind: Feed['kind'] };

export const preprocessOf = ({ input, kind, settings, words }: Feed): Preprocess => ({
  input: `${input.name}, ${input.type} [batch, ${input.shape.join(', ')}]${input.type === 'uint8' ? ', values 0 to 255' : ''}`,
  kind,
  ...settings,
  ...words,
});

/** Makes the folder of a run. One that holds something else than a run is not touched. */
export function makeRunFolder(folder: string): void {
  const next = 'Name another folder with --out';
  let held: string[];
  try {
    mkdirSync(folder, { recursive: true });
    held = readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const inTheWay = code === 'EEXIST' || code === 'ENOTDIR';
    throw new KindredError({
      rule: 'The folder of the run cannot be made',
      received: `"${folder}" ${inTheWay ? 'is a file, or lies below one' : `lies where writing is not possible (${code})`}`,
      next,
      cause,
    });
  }
  must(held.length === 0 || existsSync(runFiles(folder).curve), () => ({
    rule: 'A folder that holds something else than a run is not touched',
    received: `${folder} holds ${held.slice(0, 3).join(', ')}${held.length > 3 ? ` and ${held.length - 3} more` : ''}`,
    next,
    exitCode: 2,
  }));
}

/** From here on the folder is no finished run, until its metrics are written again, which is done last. */
export const unfinish = (folder: string): void => rmSync(runFiles(folder).metrics, { force: true });

/**
 * The recipe of a finished run, read when it is asked for: one of word vectors is refused then. A folder that is not a run is an error
 * that says what is missing.
 */
export function openRun(folder: string): { readonly folder: string; readonly recipe: Recipe } {
  const files = runFiles(folder);
  for (const path of [files.recipe, files.model, files.metrics]) {
    must(existsSync(path), () => ({
      rule: `${folder} is not a finished run`,
      received: `there is no ${path}`,
      next: hasCheckpoint(folder)
        ? `Go on with its training: kindred train --resume ${shellWord(folder)}`
        : 'Name the folder that `kindred train` wrote, such as runs/demo',
      exitCode: existsSync(folder) ? 1 : 2,
    }));
  }
  return {
    folder: resolve(folder),
    get recipe() {
      return readRecipe(files.recipe).recipe;
    },
  };
}

export const saveRecipe = (folder: string, recipe: Recipe | WordsRecipe): void =>
  writeAtomically(runFiles(folder).recipe, writeRecipe(recipe));

export const saveJson = (path: string, value: unknown): void =>
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`);

/** What {@link saveJson} wrote into a run. */
export function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (cause) {
    throw new KindredError({ rule: 'A file of the run is damaged', received: path, next: 'Train it again', cause });
  }
}
