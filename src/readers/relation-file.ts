import type { Pairs } from '../relations/relations.ts';
import type { BadRow, BadRowOptions } from './bad-rows.ts';
import {
  type FileKind,
  fileKinds,
  guessKind,
  isUsual,
  type RelationColumns,
  type Role,
  resolveColumns,
} from './relation-file-columns.ts';
import { Reading, type RelationsByKind } from './relation-file-reading.ts';
import { refusal } from './table-files.ts';
import type { OpenTable } from './table-open.ts';
import { columnsOf, readRows } from './table-rows.ts';

export interface RelationFileOptions<K extends FileKind> extends BadRowOptions {
  /** What the rows are; guessed from the names of the columns where absent. */
  readonly kind?: K;
  /** Columns by what they say: a name, a position from 0, or `null` for one that shall not be used. */
  readonly columns?: RelationColumns;
  /** Whether the first row of a CSV or TSV file names the columns; found out where absent. */
  readonly header?: boolean;
  /** Ids that items may have, in order of position; a row that names another is a bad row. Default: whatever comes. */
  readonly items?: readonly string[];
  /** Whether the links of a graph have a direction. Default false. */
  readonly directed?: boolean;
  /** What pairs are that no row names; see {@link Pairs}. Default: different where no row says different, else unknown. */
  readonly others?: Pairs['others'];
}

export interface RelationFile<K extends FileKind> {
  readonly relations: RelationsByKind[K];
  /** The id of each item, in order of first appearance, or `items` as given. */
  readonly ids: readonly string[];
  /** The id of each number in `relations.user`; empty where there is none. */
  readonly users: readonly string[];
  /** What was left out, and why. */
  readonly skipped: readonly BadRow[];
  /** How many rows were taken. */
  readonly rows: number;
  /** What each column of the first file was taken for. */
  readonly columns: { readonly [R in Role]?: string };
  readonly files: readonly string[];
}

/**
 * Reads relations from CSV, TSV, JSON lines or Parquet, one file, several, or globs:
 *
 * | kind | columns |
 * | --- | --- |
 * | pairs | a, b, same (1/0, true/false, same/different, yes/no, ...; without it all are the same) |
 * | triplets | anchor, closer, farther |
 * | graph | from, to |
 * | preferences | query (or user), winner, loser |
 * | lists | query, item, grade (0 or more) |
 *
 * and for each: weight (above 0), notion, user, time (seconds, or ISO dates); for lists propensity, the share of times (from 1e-6 to 1) that
 * an item in such a place is seen, by which its weight is divided. Columns are found as named in `columns`, else by
 * the usual names (`relation-file-columns.ts` has the list), else by position in the order above, then weight.
 *
 * Files are read as by `readTable`, and bad rows are left out and listed as there. Besides: an id that is empty, a
 * negative whole number or, with `items`, unknown; a weight that is not above 0; a propensity that is no such share; a negative grade; a value of same that is not understood. The same item twice
 * in a row is no bad row but noise, which `findings` counts.
 *
 * Memory is 4 bytes for each id in a row, 1 for same, 4 for weight and grade, 8 for time, twice that while the columns grow;
 * about 100 bytes for each item. 10 million pairs between a million items take about 4.5 s of processor time and stay below
 * 500 MB. At most 2^31 rows, and 65,536 notions.
 *
 * Throws a {@link KindredError} as `readTable` does; also where the kind cannot be guessed, and where files of one reading do
 * not have the same kinds of columns.
 */
export async function readRelations<K extends FileKind = FileKind>(
  paths: string | readonly string[],
  options: RelationFileOptions<K> = {},
): Promise<RelationFile<K>> {
  const named = options.columns ?? {};
  const asked = Object.values(named).filter((name) => typeof name === 'string');
  let reading: Reading | undefined;
  const bind = (file: OpenTable) => {
    const kind = reading?.kind ?? options.kind ?? kindOf(file);
    const roles = resolveColumns(file, kind, named);
    reading ??= new Reading(kind, file, roles, options.items);
    return reading.bind(file, roles);
  };
  const usual = (name: string) => isUsual(options.kind, name);
  const { rows, skipped, files } = await readRows(paths, bind, { header: options.header, asked, usual }, options);
  const found = reading as unknown as Reading;
  return {
    relations: found.relations(rows, options) as RelationsByKind[K],
    ids: options.items ?? found.items.strings(),
    users: found.users.strings(),
    skipped,
    rows,
    columns: found.columns,
    files,
  };
}

function kindOf(file: OpenTable): FileKind {
  const kind = guessKind(file.names ?? []);
  if (kind) return kind;
  throw refusal(
    `${file.path} has ${columnsOf(file)}, which do not tell what its rows are`,
    `Say which kind they are: ${fileKinds.join(', ')}`,
  );
}
