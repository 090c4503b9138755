import { must } from '../core/error.ts';
import { type Data, readData } from '../recipes/data.ts';
import type { Recipe } from '../recipes/schema.ts';
import { openRun, readJson, runFiles } from '../runs/files.ts';
import type { RunMetrics } from '../runs/metrics.ts';
import { counted } from '../runs/page/numbers.ts';
import { openIndex } from '../search/saved.ts';
import { judgeOf } from '../train/judge.ts';
import { knownDigest } from '../train/known-digest.ts';
import { ProgressLine } from './progress.ts';

/** The data of a finished run, read again. */
export interface RunData {
  readonly recipe: Recipe;
  readonly files: ReturnType<typeof runFiles>;
  readonly data: Data;
  /** Of the data and their parts. */
  readonly digest: string;
}

/** @throws KindredError where the data are no longer those of the run */
export async function dataOfRun(run: string): Promise<RunData> {
  const { folder, recipe } = openRun(run);
  const files = runFiles(folder);
  const { ids } = await (await openIndex(files.index)).items();
  const line = new ProgressLine();
  const data = await readData(recipe.data, {
    seed: recipe.seed,
    progress: (done, total) => line.work('reading', done, total),
  });
  line.clear();
  const digest = knownDigest(data, judgeOf(data, recipe.evaluate?.lists));
  const { known: before = digest } = readJson<RunMetrics>(files.metrics);
  must(data.items.count === ids.length && digest === before, () => ({
    rule: 'A run is measured on the items and relations that it was trained with or tested on',
    received: `others than those of ${run}: ${counted(data.items.count, 'items')} now, ${ids.length} then`,
    next: 'Bring the data back to what they were, or train again',
  }));
  return { recipe, files, data, digest };
}
