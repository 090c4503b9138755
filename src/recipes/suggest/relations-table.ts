import { KindredError } from '../../core/error.ts';
import {
  type FileKind,
  guessKind,
  type RelationColumns,
  type Role,
  resolveColumns,
} from '../../readers/relation-file-columns.ts';
import type { TableLook } from '../../readers/table.ts';
import type { FilesInput } from '../data/schema.ts';
import { type ColumnLook, isNumber, lookAtColumns, named, plain } from './columns.ts';
import { type Meanings, note } from './understood.ts';

/** What the rows of a table may be, beside items. */
export type RowsKind = FileKind | 'log';

type RelationsInput = NonNullable<FilesInput['relations']>;

export interface RelationsGuess extends Meanings {
  readonly kind: RowsKind;
  readonly relations: RelationsInput;
  /** The columns that hold items. */
  readonly itemColumns: readonly ColumnLook[];
}

/** Names that the columns of a log usually have. */
export const users =
  'user userid person personid customer customerid visitor visitorid session sessionid basket basketid order orderid playlist playlistid listener query';
export const items =
  'item itemid product productid movie movieid song songid track trackid artist artistid video videoid document documentid doc docid sku article articleid film filmid book bookid game gameid';
export const times = 'time timestamp datetime date ts at createdat';
/** `watched_at`, `createdAt`, `event_time`, `viewDate` */
const endsInTime = /(_at|[a-z]At|_ts|[Tt]ime|[Dd]ate|[Tt]imestamp)$/;
const grades = 'grade relevance rel rating score label gain';

/** What the rows of a table are, by the names of its columns or, without names, by their values; undefined: items. */
export function rowsKind(path: string, look: TableLook): { kind: RowsKind; doubt?: string } | undefined {
  const columns = lookAtColumns(path, look);
  if (!look.header) return byValues(columns, look);
  const kind = guessKind(look.names);
  const user = named(columns, users);
  const known = named(columns, items);
  // Of a user, perhaps a time, and one thing more that is the item, whatever it is called, where the same user comes again.
  const others = columns.filter((each) => each !== user && each !== timeOf(columns));
  const item =
    known ?? (others.length === 1 && user !== undefined && user.distinct < user.filled ? others[0] : undefined);
  const isGraded = named(columns, grades) !== undefined;
  if (kind === 'lists') {
    const listed = item ?? named(columns, 'id');
    // An id that never repeats, beside a text: a table of items with a label and somebody's name.
    const isItems =
      listed?.distinct === listed?.filled && (listed?.filled ?? 0) > 1 && !named(columns, 'query queryid qid');
    return isItems && columns.some((each) => each !== listed && each.kind === 'text') ? undefined : { kind };
  }
  // Names such as "first" and "second", or "start" and "end", are those of items too where rows have much else to say.
  const isRich = columns.filter((each) => ['picture', 'sound', 'vector', 'text'].includes(each.kind)).length;
  if (kind === 'graph' || kind === 'pairs') {
    const ends = endsOf(columns, kind);
    if (ends.some((end) => isMeasured(end, columns, look))) return undefined;
    return isRich > 0 && !ends.some((each) => ['text', 'picture', 'sound'].includes(each.kind)) ? undefined : { kind };
  }
  if (kind !== undefined) return { kind };
  if (user !== undefined && item !== undefined && !isGraded) {
    // A table of items names each of them once.
    const bothAgain = [user, item].every(({ distinct, filled }) => distinct < filled);
    if (timeOf(columns) !== undefined || columns.length === 2 || bothAgain) return { kind: 'log' };
  }
  return undefined;
}

const timeOf = (columns: readonly ColumnLook[]): ColumnLook | undefined =>
  named(columns, times) ?? columns.find(({ name, kind }) => endsInTime.test(name) && ['number', 'word'].includes(kind));

const endsOf = (columns: readonly ColumnLook[], kind: 'graph' | 'pairs'): ColumnLook[] => {
  const look: TableLook = { format: 'csv', header: true, names: columns.map(({ name }) => name), sample: [] };
  const roles = resolveColumns(startOf('', look), kind, {});
  return (kind === 'graph' ? (['from', 'to'] as const) : (['a', 'b'] as const)).map(
    (role) => columns[roles.get(role) as number],
  );
};

/** Numbers that are no ids: most have a fraction, or the column is one of several with a number: `x0`, `x1`, `x2`. */
function isMeasured(column: ColumnLook, columns: readonly ColumnLook[], { sample }: TableLook): boolean {
  if (column.kind !== 'number') return false;
  const stem = (name: string) => /^(.*?)\d+$/.exec(name)?.[1];
  const own = stem(column.name);
  const alike = columns.filter(({ name, kind }) => kind === 'number' && own !== undefined && stem(name) === own);
  const at = columns.indexOf(column);
  const fractions = sample.filter((row) => isNumber(row[at] ?? '') && !Number.isInteger(Number(row[at])));
  return alike.length > 2 || 2 * fractions.length > column.filled;
}

/** Columns that name the same things are those of relations. */
function byValues(columns: readonly ColumnLook[], { sample }: TableLook): ReturnType<typeof rowsKind> {
  if (columns.length < 2 || columns.length > 4 || sample.length < 2) return undefined;
  const valuesOf = (at: number) => new Set(sample.map((row) => row[at] ?? ''));
  const isAlike = (a: number, b: number) => {
    const [first, second] = [valuesOf(a), valuesOf(b)];
    const shared = [...first].filter((value) => second.has(value)).length;
    if (shared > 0.1 * Math.min(first.size, second.size)) return true;
    // Of many ids a sample shares few; numbers over one range, or of one length, are taken for ids of one kind.
    const shapeOf = (values: Set<string>) => new Set([...values].map((value) => value.replace(/\d/g, '0')));
    const [x, y] = [shapeOf(first), shapeOf(second)];
    return columns[a].kind === columns[b].kind && x.size === 1 && y.size === 1 && [...x][0] === [...y][0];
  };
  const doubt = 'the file does not name its columns: what they mean was guessed from their values';
  const third = sample.map((row) => row[2] ?? '');
  if (columns.length >= 3 && third.every((value) => /^(0|1|true|false|same|different)$/i.test(value))) {
    return isAlike(0, 1) ? { kind: 'pairs', doubt } : undefined;
  }
  if (columns.length === 3 && isAlike(0, 1) && isAlike(1, 2)) return { kind: 'triplets', doubt };
  if (!isAlike(0, 1)) return undefined;
  if (columns.length === 2)
    return { kind: 'graph', doubt: `${doubt}; say --kind pairs if links are not all that there is` };
  return columns[2].kind === 'number' ? { kind: 'graph', doubt } : undefined;
}

const startOf = (path: string, { header, names, sample }: TableLook) => ({
  path,
  names: header ? names : undefined,
  width: names.length,
  sample,
});

const meanings: Record<Role, string> = {
  a: 'one item of a pair',
  b: 'the other item',
  same: 'whether they are the same',
  anchor: 'the item that two others are compared with',
  closer: 'the one that is closer to it',
  farther: 'the one that is farther from it',
  from: 'an item',
  to: 'an item that it is linked to',
  query: 'the query, or the person',
  winner: 'the item that was preferred',
  loser: 'the item that was not',
  item: 'an item',
  grade: 'how well it fits the query',
  weight: 'how much the row counts',
  propensity: 'how often an item in such a place is seen; rows count by its inverse',
  notion: 'the notion of similarity that the row speaks of',
  user: 'who said so',
  time: 'when',
};

/** The relations of a recipe that read a table of rows of one kind, with its columns named. */
export function guessRelations(path: string, look: TableLook, kind: RowsKind): RelationsGuess {
  const columns = lookAtColumns(path, look);
  const found: Meanings = { columns: {}, doubts: [] };
  if (kind === 'log') return { ...logOf(path, look, columns, found), ...found, kind };
  const asked = kind === 'pairs' ? textEnds(columns) : {};
  const roles = resolveColumns(startOf(path, look), kind, asked);
  const entries = [...roles].map(([role, at]) => [role, columns[at].source] as const);
  for (const [role, at] of roles) note(found, columns[at].name, meanings[role]);
  for (const { name } of columns) if (found.columns[name] === undefined) note(found, name, 'not used');
  if (kind === 'pairs' && !roles.has('same') && roles.size < columns.length) {
    found.doubts.push('no column says which pairs are the same and which different: all are taken to be the same');
  }
  const ends: readonly Role[] = ['a', 'b', 'anchor', 'closer', 'farther', 'from', 'to', 'winner', 'loser', 'item'];
  return {
    ...found,
    kind,
    relations: {
      kind,
      path,
      columns: Object.fromEntries(entries),
      ...(look.format === 'csv' && { header: look.header }),
    } as RelationsInput,
    itemColumns: [...roles].filter(([role]) => ends.includes(role)).map(([, at]) => columns[at]),
  };
}

/** Two columns of sentences, whose names differ by a number or a letter, are what pairs are of, even where ids stand beside them. */
function textEnds(columns: readonly ColumnLook[]): RelationColumns {
  const sentences = columns.filter(({ kind }) => kind === 'text');
  if (sentences.length !== 2) return {};
  const [a, b] = sentences;
  const stem = ({ name }: ColumnLook) => plain(name).replace(/[12ab]$/, '');
  return typeof a.source === 'string' && stem(a) === stem(b) ? { a: a.source, b: b.source } : {};
}

function logOf(path: string, look: TableLook, columns: readonly ColumnLook[], found: Meanings) {
  const user = named(columns, users) ?? columns[0];
  const item = named(columns, items, (each) => each !== user) ?? columns.find((each) => each !== user);
  const time = timeOf(columns) ?? (look.header ? undefined : columns[2]);
  if (item === undefined) {
    throw new KindredError({
      rule: 'A log has a column of users and one of items',
      received: `${path} has one column`,
      next: 'Give a file with both',
    });
  }
  note(found, user.name, 'the user, or the basket');
  note(found, item.name, 'the item');
  if (time !== undefined) note(found, time.name, 'when');
  for (const { name } of columns) if (found.columns[name] === undefined) note(found, name, 'not used');
  // In a file without a header, DuckDB counts columns.
  const nameOf = ({ source }: ColumnLook) => (typeof source === 'number' ? `column${source}` : source);
  const relations: RelationsInput = {
    kind: 'log',
    files: path,
    user: nameOf(user),
    item: nameOf(item),
    ...(time && { time: nameOf(time) }),
    ...(look.format === 'csv' && !look.header && { header: false }),
    link: time === undefined ? { by: 'basket' } : { by: 'session', gap: gapOf(time, look) },
  };
  return { relations, itemColumns: [item] };
}

/** Half an hour in the unit of the times: seconds and dates, or milliseconds where they are as large as these. */
function gapOf({ name }: ColumnLook, { names, sample }: TableLook): number {
  const at = names.indexOf(name);
  return sample.some((row) => Number(row[at]) > 1e11) ? 1_800_000 : 1800;
}
