import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KindredError } from '../core/error.ts';

/**
 * The folder of a well-known data set: `$KINDRED_DATA/NAME`. Kindred ships none of them; where it is missing the error says
 * where to get it.
 */
export function dataSet(name: string, source: string): string {
  const base = process.env.KINDRED_DATA;
  const folder = base === undefined || base === '' ? undefined : resolve(join(base, name));
  if (folder !== undefined && existsSync(folder)) return folder;
  throw new KindredError({
    rule: `The data set ${name} is looked for in the folder that KINDRED_DATA names`,
    received: folder === undefined ? 'KINDRED_DATA is not set' : `there is no ${folder}`,
    next: `Get it from ${source}, unpack it there, and set KINDRED_DATA to the folder above it`,
  });
}
