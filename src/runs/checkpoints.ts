import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { KindredError, must } from '../core/error.ts';
import { writeAtomically } from '../core/files.ts';
import type { CourseState } from '../objective/course.ts';
import type { KnownForm } from '../objective/known.ts';
import { fromSafetensors, type NamedTensor, toSafetensors } from './safetensors.ts';

/** All that the next step of a training run depends on. */
export interface Checkpoint {
  /** Steps that were done. */
  readonly step: number;
  /** The time that they took. */
  readonly trainSeconds: number;
  /** Weights, statistics and the optimizer's buffers, by name. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /**
   * Of a large table, what changed since the checkpoint of step `rowsSince`, or all of it where that is not given; one that was read
   * has all of it, and then what changed after that, in order.
   */
  readonly rows?: readonly ReadonlyMap<string, NamedTensor>[];
  readonly rowsSince?: number | undefined;
  /** The sampler's state, as JSON can hold it. */
  readonly sampler: unknown;
  /** The form of what was known of the batches so far: the graph was built for it. */
  readonly form?: KnownForm | undefined;
  /** Where it stood in the stages of its objective. */
  readonly course?: CourseState | undefined;
  /** A digest of the items that were trained on, and of their relations. */
  readonly data: string;
  readonly threads: number;
}

/** A checkpoint as it is kept, with the parts of the recipe that it belongs to. */
export interface KeptCheckpoint extends Checkpoint {
  readonly recipe: Readonly<Record<string, unknown>>;
}

const written = z.object({
  version: z.literal(1),
  step: z.int().positive(),
  trainSeconds: z.number().nonnegative(),
  sampler: z.json(),
  data: z.string(),
  form: z
    .object({
      kind: z.enum(['labels', 'lists', 'triplets']),
      places: z.int(),
      weighted: z.boolean(),
      classes: z.int().optional(),
      sampled: z.object({ draws: z.int(), bias: z.boolean() }).optional(),
    })
    .optional(),
  /** The steps whose files of rows make up the table. */
  rows: z.array(z.int().positive()).optional(),
  course: z.object({ stage: z.int(), seen: z.int(), active: z.number() }).optional(),
  recipe: z.record(z.string(), z.json()),
  threads: z.int().positive(),
  /** The metric by which the best one is kept, where it was measured at this step. */
  quality: z.number().nullable(),
});
type Written = z.output<typeof written>;

const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
const folderOf = (run: string) => join(run, 'checkpoints');
/** The files of checkpoints, and what a killed process leaves of them. */
const ours = /^(\.[0-9a-f]{12}\.)?step-\d+\.(json|safetensors|rows\.safetensors)$/;

/**
 * Writes a checkpoint of a run: `checkpoints/step-N.safetensors`, then `step-N.json`, each to a temporary name first. It
 * exists from the moment the second has its name; whatever happens before leaves the earlier ones.
 *
 * Rows of a large table lie in `step-N.rows.safetensors`, and stay as long as a checkpoint needs them that stays.
 *
 * Keeps the last `keep` of them, and the one with the highest quality (the first of equals). What a killed process left
 * half-written goes.
 */
export function saveCheckpoint(
  run: string,
  { tensors, rows, rowsSince, ...checkpoint }: KeptCheckpoint,
  options: { readonly keep: number; readonly quality?: number },
): void {
  const folder = folderOf(run);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, nameOf(checkpoint.step));
  writeAtomically(`${path}.safetensors`, toSafetensors(tensors));
  if (rows !== undefined) writeAtomically(`${path}.rows.safetensors`, toSafetensors(rows[rows.length - 1]));
  const content = {
    version: 1,
    ...checkpoint,
    ...(rows && { rows: [...rowsBefore(run, rowsSince), checkpoint.step] }),
    quality: options.quality ?? null,
  };
  writeAtomically(`${path}.json`, `${JSON.stringify(content, null, 2)}\n`);
  const all = listed(run);
  const best = all.reduce<Written | undefined>(
    (a, b) => (b.quality !== null && (a?.quality ?? Number.NEGATIVE_INFINITY) < b.quality ? b : a),
    undefined,
  );
  const kept = [...all.slice(-options.keep), ...(best ? [best] : [])];
  removeOthers(
    folder,
    new Set(
      kept.flatMap(({ step, rows = [] }) => [
        `${nameOf(step)}.json`,
        `${nameOf(step)}.safetensors`,
        ...rows.map((each) => `${nameOf(each)}.rows.safetensors`),
      ]),
    ),
  );
}

/** The steps whose rows come before what changed since this one. */
function rowsBefore(run: string, since: number | undefined): readonly number[] {
  if (since === undefined) return [];
  const found = listed(run).find(({ step }) => step === since)?.rows;
  must(found !== undefined, () => ({
    rule: 'What changed is kept beside the checkpoint since which it did',
    received: `none of step ${since} in ${folderOf(run)}`,
    next: 'Train from the start',
  }));
  return found;
}

/** Removes the checkpoints of a run that is begun anew. */
export const clearCheckpoints = (run: string): void => removeOthers(folderOf(run), new Set());

/** The last checkpoint of a run. */
export function lastCheckpoint(run: string): KeptCheckpoint {
  const last = listed(run).at(-1);
  if (last === undefined) {
    throw new KindredError({
      rule: 'A run is resumed from its last checkpoint',
      received: `${folderOf(run)} has none`,
      next: 'Train it from the start, without --resume',
      exitCode: existsSync(run) ? 1 : 2,
    });
  }
  const tensorsIn = (name: string) => {
    const path = join(folderOf(run), name);
    return fromSafetensors(readFileSync(path), path);
  };
  const { version: _, quality: __, rows, ...rest } = last;
  return {
    ...rest,
    tensors: tensorsIn(`${nameOf(last.step)}.safetensors`),
    ...(rows && { rows: rows.map((step) => tensorsIn(`${nameOf(step)}.rows.safetensors`)) }),
  };
}

/** What the JSON files with tensors beside them say, in order of step. */
/** Whether there is one, sound or not. */
export const hasCheckpoint = (run: string): boolean =>
  existsSync(folderOf(run)) && readdirSync(folderOf(run)).some((file) => /^step-\d+\.json$/.test(file));

function listed(run: string): Written[] {
  const folder = folderOf(run);
  const files = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const steps = [...files].flatMap((file) => {
    const step = Number(/^step-(\d+)\.json$/.exec(file)?.[1] ?? Number.NaN);
    return files.has(`${nameOf(step)}.safetensors`) ? [step] : [];
  });
  return steps.sort((a, b) => a - b).map((step) => readJson(join(folder, `${nameOf(step)}.json`), step));
}

function readJson(path: string, step: number): Written {
  let found: Written | undefined;
  let cause: unknown;
  try {
    found = written.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    cause = error;
  }
  must(found?.step === step, () => ({
    rule: 'A checkpoint is damaged',
    received: path,
    next: 'Remove it, to go on from the one before',
    cause,
  }));
  return found as Written;
}

/** The JSON goes first: without it the tensors are no checkpoint any more. */
function removeOthers(folder: string, kept: ReadonlySet<string>): void {
  const others = (existsSync(folder) ? readdirSync(folder) : []).filter((file) => ours.test(file) && !kept.has(file));
  for (const file of others.sort((a, b) => Number(b.endsWith('.json')) - Number(a.endsWith('.json')))) {
    rmSync(join(folder, file), { force: true });
  }
}
