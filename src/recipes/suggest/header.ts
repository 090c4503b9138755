import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isUsual } from '../../readers/relation-file-columns.ts';
import { lookAtTable, type TableLook } from '../../readers/table.ts';
import { isNumber, plain } from './columns.ts';
import { items, times, users } from './relations-table.ts';

/** Names that columns of items usually have, beside those that columns of relations have. */
const usual =
  'id itemid key name title text description sentence caption body review content abstract ' +
  'image picture photo img file path filename audio sound wav clip label class category group species identity brand ' +
  'speaker artist tags genres keywords topics vector embedding features';

/**
 * The start of a table, with its header found out also where all columns hold words, which do not tell by themselves: by
 * names that columns usually have, by a first cell that is no file where those below are, or by one that names a user.
 */
export async function lookWithHeader(path: string | readonly string[], header?: boolean): Promise<TableLook> {
  const look = await lookAtTable(path, header);
  if (header !== undefined || look.header || look.format !== 'csv' || look.sample.length === 0) return look;
  const [first, ...rest] = look.sample;
  const names = [usual, users, items, times].flatMap((words) => words.split(' '));
  const known = first.filter((cell) => names.includes(plain(cell)) || isUsual(undefined, cell));
  const folder = dirname([path].flat()[0]);
  const isFile = (cell: string) => /\.\w{2,5}$/.test(cell) && existsSync(resolve(folder, cell));
  const overFiles = first.some((cell, k) => !isFile(cell) && rest.slice(0, 5).some((row) => isFile(row[k] ?? '')));
  // A name that says who, beside others, stands above people, and none of the names comes again below.
  const overPeople =
    first.some((cell) => users.split(' ').includes(plain(cell))) &&
    rest.length > 1 &&
    first.every((cell, k) => rest.every((row) => row[k] !== cell));
  const couldBe = first.every((cell) => cell !== '' && !isNumber(cell)) && new Set(first).size === first.length;
  return couldBe &&
    ((known.length >= Math.min(2, first.length) && (rest.length > 0 || known.length > 1)) || overFiles || overPeople)
    ? lookAtTable(path, true)
    : look;
}
