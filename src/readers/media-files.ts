import { join } from 'node:path';
import { KindredError } from '../core/error.ts';
import type { Groups } from '../relations/groups.ts';
import type { Skipped } from './decode.ts';
import { listFiles, type MediaKind } from './folder-files.ts';

/** A file to be read as one item. */
export interface MediaFile {
  readonly id: string;
  readonly path: string;
  /** The first-level folder that it lies below; undefined in a flat folder or a list. */
  readonly group: string | undefined;
}

/**
 * The files of one kind in a folder with one subfolder per class, in a flat folder, or in a list.
 *
 * Files come in order of their names, so that the same folder gives the same positions everywhere; ids are paths below the
 * folder with `/` between, or the paths as given, each once. Listed files are taken whatever their ending. Files beside class
 * folders have no class and are `skipped`. What is found, and errors: {@link listFiles}. `classes`: whether the files lie in
 * class folders, and have a `group`.
 *
 * Throws a {@link KindredError} when there is no file at all.
 */
export function mediaFiles(
  from: string | readonly string[],
  kind: MediaKind,
): { files: MediaFile[]; classes: boolean; skipped: Skipped[] } {
  const { name, extensions } = kind;
  if (typeof from !== 'string') {
    if (from.length === 0) throw none(name, 'an empty list', 'Name a file');
    return {
      files: [...new Set(from)].map((path) => ({ id: path, path, group: undefined })),
      classes: false,
      skipped: [],
    };
  }
  const { loose, classes } = listFiles(from, kind);
  const fileOf = (id: string, group: string | undefined): MediaFile => ({ id, path: join(from, id), group });
  const beside = loose.map((id) => fileOf(id, undefined));
  const classed = classes.flatMap(({ name, files }) => files.map((id) => fileOf(id, name)));
  if (classed.length > 0) {
    return {
      files: classed.sort((a, b) => (a.id < b.id ? -1 : 1)),
      classes: true,
      skipped: beside.map(({ path }) => ({ path, reason: 'lies beside the class folders' })),
    };
  }
  if (beside.length === 0) {
    throw none(name, `${from} has no file ending in ${extensions.join(', ')}`, 'Check the path, or convert them');
  }
  return { files: beside, classes: false, skipped: [] };
}

/** Groups from one name for each item, in order of the names. */
export function labelsOf(names: readonly string[]): Groups {
  const sorted = [...new Set(names)].sort();
  const label = new Map(sorted.map((name, i) => [name, i]));
  return { names: sorted, labels: Int32Array.from(names, (name) => label.get(name) as number) };
}

const none = (kind: string, received: string, next: string) =>
  new KindredError({ rule: `There are ${kind} to read`, received, next });

/** The error for files that may not be left out: all of them, or any under `strict`. Names the first three. */
export function mediaRefusal(kind: string, skipped: readonly Skipped[], total: number): KindredError {
  const named = skipped.slice(0, 3).map(({ path, reason }) => `${path} ${reason}`);
  if (skipped.length > named.length) named.push(`and ${skipped.length - named.length} more`);
  const all = skipped.length === total;
  return new KindredError({
    rule: all ? `Some of the ${kind} can be read` : `With strict, all ${kind} can be read`,
    received: `${skipped.length} of ${total} cannot: ${named.join('; ')}`,
    next: all ? 'Give files that can be read' : 'Repair or remove them',
  });
}

/** Why the system would not read a file, to go after the file's name. */
export function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  if (code === 'EACCES') return 'may not be read';
  return `cannot be read (${code ?? message})`;
}
