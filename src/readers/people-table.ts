import { must } from '../core/error.ts';
import { usualColumn } from './relation-file-columns.ts';
import { lookAtTable, readTable, type TableLook } from './table.ts';

/** What people liked. */
export interface Likes {
  /** Their ids, in order of first appearance. */
  readonly people: readonly string[];
  /** The items of each, by id, in order of time where the table has one, else of rows; each once. */
  readonly liked: readonly (readonly string[])[];
  /** The columns that were taken; without names, by their number: `column 1`. */
  readonly columns: { readonly user: string; readonly item: string; readonly grade?: string; readonly time?: string };
  /** Rows that could not be read. */
  readonly skipped: number;
}

/**
 * A table of who liked what, a row for each: the columns of user, item, and where there are such of grade and time, by their usual names;
 * without names the first two are user and item.
 *
 * @param least rows with a smaller grade are no likes
 * @throws KindredError where the table has one column, or `least` is given and it has no grade
 */
export async function readLikes(path: string, { least }: { readonly least?: number } = {}): Promise<Likes> {
  const { names, header } = await lookWithUser(path);
  must(names.length >= 2, () => ({
    rule: 'A table of what people liked has a column of users and one of items',
    received: `${path}, which has ${names.length}`,
    next: 'Give rows such as ann,film-7',
    exitCode: 2,
  }));
  const usual = (role: 'user' | 'item' | 'grade' | 'time') => (header ? usualColumn(role, names) : undefined);
  const user = usual('user') ?? names[0];
  const item = usual('item') ?? (names.find((name) => name !== user) as string);
  const [grade, time] = [usual('grade'), usual('time')];
  must(least === undefined || grade !== undefined, () => ({
    rule: 'What is liked can be told by a grade',
    received: `${path}, whose columns are ${names.join(', ')}`,
    next: 'Name a column of it grade or rating, or leave out the least grade',
    exitCode: 2,
  }));
  const at = (name: string | undefined) => (header ? (name as string) : names.indexOf(name as string));
  const { rows, columns, skipped } = await readTable(path, {
    header,
    columns: {
      user: { type: 'text', from: at(user) },
      item: { type: 'text', from: at(item) },
      ...(least !== undefined && { grade: { type: 'number' as const, from: at(grade) } }),
      ...(time !== undefined && { time: { type: 'time' as const, from: at(time) } }),
    },
  });
  const { grade: grades, time: times } = columns as { grade?: Float64Array; time?: Float64Array };
  const order = Array.from({ length: rows }, (_, i) => i);
  if (times !== undefined) order.sort((a, b) => times[a] - times[b] || a - b);
  const liked = new Map<string, Set<string>>(columns.user.map((name) => [name, new Set()]));
  for (const i of order) {
    if (least === undefined || (grades as Float64Array)[i] >= least) liked.get(columns.user[i])?.add(columns.item[i]);
  }
  return {
    people: [...liked.keys()],
    liked: [...liked.values()].map((own) => [...own]),
    columns: {
      ...{ user, item },
      ...(least !== undefined && grade !== undefined && { grade }),
      ...(time !== undefined && { time }),
    },
    skipped: skipped.length,
  };
}

/** The start of a table: a first row of words is its header where one of them says who. */
async function lookWithUser(path: string): Promise<TableLook> {
  const look = await lookAtTable(path);
  const [first = []] = look.sample;
  return !look.header && usualColumn('user', first) !== undefined ? lookAtTable(path, true) : look;
}
