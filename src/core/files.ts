import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KindredError } from './error.ts';

/**
 * Writes a file whole or not at all: into a temporary file in the same folder, flushed to the disk, then renamed over
 * `path`. Whoever reads `path` sees the old bytes or the new ones, never a part, even after a power cut.
 *
 * On failure the temporary file is removed and the old file is as it was. A link is followed: what it points to is
 * replaced. The permissions of an old file are kept. The folder must exist.
 *
 * Throws a {@link KindredError} for a full disk, missing rights, a read-only disk, a missing folder, a folder or a
 * device in the file's place.
 */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  const target = openTemporary(path);
  try {
    const file = fs.openSync(target.temporary, 'w');
    try {
      fs.writeFileSync(file, content);
    } finally {
      fs.closeSync(file);
    }
    publish(target);
  } catch (error) {
    throw giveUp(target, error);
  }
}

/**
 * {@link writeAtomically} for libraries that write to a path themselves: `write` gets the temporary path, an existing
 * empty file that it may overwrite, and ends with the path's final extension.
 *
 * Errors of `write` that are no failure of the disk are passed on as they are, after the temporary file is removed.
 */
export async function replaceFile(path: string, write: (temporary: string) => Promise<void> | void): Promise<void> {
  const target = openTemporary(path);
  try {
    await write(target.temporary);
    publish(target);
  } catch (error) {
    throw giveUp(target, error);
  }
}

interface Target {
  /** What the person asked for; errors speak of this one. */
  readonly path: string;
  /** The same with links followed. */
  readonly real: string;
  readonly temporary: string;
  readonly mode: number | undefined;
}

function openTemporary(path: string): Target {
  let real = path;
  let mode: number | undefined;
  try {
    if (fs.existsSync(path)) {
      real = fs.realpathSync(path);
      const old = fs.statSync(real);
      // A rename would put a plain file where /dev/null was.
      if (!old.isFile()) throw failure(path, old.isDirectory() ? 'EISDIR' : 'ENXIO');
      mode = old.mode & 0o777;
    }
    const temporary = join(dirname(real), `.${randomBytes(6).toString('hex')}.${basename(real)}`);
    fs.closeSync(fs.openSync(temporary, 'wx'));
    return { path, real, temporary, mode };
  } catch (error) {
    throw explained(path, error);
  }
}

function publish({ real, temporary, mode }: Target): void {
  if (mode !== undefined) fs.chmodSync(temporary, mode);
  flush(temporary, 'r+');
  fs.renameSync(temporary, real);
  // The rename itself lasts only once the folder is flushed. Windows cannot open folders, and does not need to.
  if (process.platform !== 'win32') flush(dirname(real), 'r');
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const file = fs.openSync(path, flags);
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Adds a line to a log file. Whole lines that are there stay, whatever happens. */
export const appendLine = (path: string, line: string): void => append(path, `${line}\n`);

/** Adds a piece to a log file. */
export function append(path: string, piece: Uint8Array | string): void {
  try {
    fs.appendFileSync(path, piece);
  } catch (error) {
    throw explained(path, error);
  }
}

/** Removes the temporary file and returns the error to throw. */
function giveUp({ path, real, temporary }: Target, error: unknown): unknown {
  const full = codeOf(error) === undefined && !(error instanceof KindredError) && isFull(dirname(real));
  fs.rmSync(temporary, { force: true });
  return full ? failure(path, 'ENOSPC', error) : explained(path, error);
}

/** Native libraries report a full disk by an error without a code, so the file system is asked. */
function isFull(folder: string): boolean {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize < 65_536;
}

function explained(path: string, error: unknown): unknown {
  const code = codeOf(error);
  return code === undefined ? error : failure(path, code, error);
}

function codeOf(error: unknown): string | undefined {
  const system = error instanceof Error && 'syscall' in error && 'code' in error;
  return system && typeof error.code === 'string' ? error.code : undefined;
}

function failure(path: string, code: string, cause?: unknown): KindredError {
  const folder = dirname(path);
  const full = { what: 'no space is left on the disk', next: 'Free some space, or choose another place' };
  const denied = {
    what: `writing to ${folder} is not allowed`,
    next: 'Change the permissions, or choose another place',
  };
  const reasons: Record<string, { what: string; next: string }> = {
    ENOSPC: full,
    EDQUOT: full,
    EACCES: denied,
    EPERM: denied,
    EROFS: { what: 'the disk is read-only', next: 'Choose another place' },
    ENOENT: { what: `there is no folder ${folder}`, next: 'Create it, or choose another place' },
    ENOTDIR: { what: `${folder} is not a folder`, next: 'Choose another place' },
    EISDIR: { what: 'it is a folder', next: 'Name a file inside it' },
    ENXIO: { what: 'it is not a plain file', next: 'Name a plain file' },
  };
  const { what, next } = reasons[code] ?? { what: `the system answered ${code}`, next: 'Choose another place' };
  return new KindredError({
    rule: 'A file is written whole or not at all',
    received: `${path} could not be written: ${what}; a file that was there is unchanged`,
    next,
    cause,
  });
}
