import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KindredError } from '../core/error.ts';

/** Name endings read as pictures, in upper or lower case. Files with other endings are left alone. */
export const pictureExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'] as const;

/** What lies in a folder of pictures: paths below `root` with `/` between folders, in order of their UTF-16 code units. */
export interface PictureFiles {
  readonly root: string;
  /** Pictures directly in the folder. */
  readonly loose: readonly string[];
  /** First-level subfolders, in order, and the pictures anywhere below each; hidden ones are left out. */
  readonly classes: readonly { readonly name: string; readonly files: readonly string[] }[];
}

/**
 * Lists the pictures in a folder and in its subfolders, by name only.
 *
 * Hidden files and folders (`.name`) are ignored. Links are followed; below one first-level subfolder no real folder is
 * visited twice, and `root` is never entered again, so that a loop of links ends. Throws a {@link KindredError} when
 * `root` is missing, is not a folder or may not be read.
 */
export function listPictureFiles(root: string): PictureFiles {
  try {
    const real = realpathSync(root);
    const here = entries(root, '');
    return {
      root,
      loose: here.files,
      classes: here.folders.map((name) => ({ name, files: below(root, name, new Set([real])).sort() })),
    };
  } catch (error) {
    const { code, path = root } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    const reasons: Record<string, { received: string; next: string }> = {
      ENOENT: { received: `there is no folder ${path}`, next: 'Check the path' },
      ENOTDIR: { received: `${path} is a file`, next: 'Name the folder that holds the pictures' },
      EACCES: { received: `${path} may not be read`, next: 'Change its permissions' },
    };
    const reason = reasons[code] ?? { received: `${path} gives ${code}`, next: 'Check the folder' };
    throw new KindredError({ rule: 'Pictures are read from a folder', ...reason, cause: error });
  }
}

function below(root: string, folder: string, visited: Set<string>): string[] {
  const real = realpathSync(join(root, folder));
  if (visited.has(real)) return [];
  visited.add(real);
  const here = entries(root, folder);
  return here.files.concat(...here.folders.map((name) => below(root, name, visited)));
}

function entries(root: string, folder: string): { files: string[]; folders: string[] } {
  const files: string[] = [];
  const folders: string[] = [];
  const found = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isSymbolicLink() ? isFolder(join(root, path)) : entry.isDirectory()) folders.push(path);
    else if (isPicture(entry.name)) files.push(path);
  }
  return { files, folders };
}

/** A link that points nowhere, or to itself, counts as a file: its name says whether it should have been a picture. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isPicture(name: string): boolean {
  const lower = name.toLowerCase();
  return pictureExtensions.some((extension) => lower.endsWith(extension));
}
