import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds the package into a folder, from the sources as they are now and not from whatever was built before. Gives the file
 * that is the command line.
 */
export function buildInto(folder: string): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  mkdirSync(folder);
  for (const name of ['node_modules', 'package.json', 'recipes', 'data'])
    symlinkSync(join(root, name), join(folder, name));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const settings = ['--noCheck', '--declaration', 'false', '--sourceMap', 'false', '--incremental', 'false'];
  const project = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, [tsc, ...project, ...settings, '--tsBuildInfoFile', 'null']);
  return join(folder, 'dist', 'cli', 'main.js');
}
