import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KindredError, must } from '../core/error.ts';
import { writeAtomically } from '../core/files.ts';
import { fromSafetensors, type NamedTensor, toSafetensors } from './safetensors.ts';

/** All that the next step of a training run depends on. */
export interface Checkpoint {
  /** Steps that were done. */
  readonly step: number;
  /** The time that they took. */
  readonly trainSeconds: number;
  /** Weights, statistics and the optimizer's buffers, by name. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** The sampler's state, as JSON can hold it. */
  readonly sampler: unknown;
  readonly threads: number;
}

interface Written {
  readonly version: 1;
  readonly step: number;
  readonly trainSeconds: number;
  readonly sampler: unknown;
  readonly threads: number;
  /** The metric by which the best one is kept, where it was measured at this step. */
  readonly quality: number | null;
}

const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
const folderOf = (run: string) => join(run, 'checkpoints');

/**
 * Writes a checkpoint of a run: `checkpoints/step-N.safetensors`, then `step-N.json`, each to a temporary name first. It
 * exists from the moment the second has its name; whatever happens before leaves the earlier ones.
 *
 * Keeps the last `keep` of them, and the one with the highest quality.
 */
export function saveCheckpoint(
  run: string,
  { step, trainSeconds, tensors, sampler, threads }: Checkpoint,
  options: { readonly keep: number; readonly quality?: number },
): void {
  const folder = folderOf(run);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, nameOf(step));
  writeAtomically(`${path}.safetensors`, toSafetensors(tensors));
  const written: Written = { version: 1, step, trainSeconds, sampler, threads, quality: options.quality ?? null };
  writeAtomically(`${path}.json`, `${JSON.stringify(written, null, 2)}\n`);
  const all = listed(run);
  const best = all.reduce<Written | undefined>(
    (a, b) => (b.quality !== null && (a?.quality ?? Number.NEGATIVE_INFINITY) < b.quality ? b : a),
    undefined,
  );
  for (const old of all.slice(0, -options.keep)) if (old !== best) remove(folder, old.step);
}

/** Removes the checkpoints of a run that is begun anew. */
export function clearCheckpoints(run: string): void {
  for (const { step } of listed(run)) remove(folderOf(run), step);
}

/** The last checkpoint of a run. */
export function lastCheckpoint(run: string): Checkpoint {
  const last = listed(run).at(-1);
  must(last !== undefined, () => ({
    rule: 'A run is resumed from its last checkpoint',
    received: `${folderOf(run)} has none`,
    next: 'Train it from the start, without --resume',
    exitCode: existsSync(run) ? 1 : 2,
  }));
  const path = join(folderOf(run), `${nameOf(last.step)}.safetensors`);
  const { step, trainSeconds, sampler, threads } = last;
  return { step, trainSeconds, sampler, threads, tensors: fromSafetensors(readFileSync(path), path) };
}

/** What the JSON files say, in order of step. */
function listed(run: string): Written[] {
  const folder = folderOf(run);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^step-\d+\.json$/.test(file))
    .sort()
    .map((file) => {
      try {
        return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Written;
      } catch (cause) {
        throw new KindredError({
          rule: 'A checkpoint cannot be read',
          received: join(folder, file),
          next: 'Remove it, to go on from the one before',
          cause,
        });
      }
    });
}

/** The JSON goes first: without it the tensors are no checkpoint any more. */
function remove(folder: string, step: number): void {
  for (const ending of ['json', 'safetensors']) rmSync(join(folder, `${nameOf(step)}.${ending}`), { force: true });
}
