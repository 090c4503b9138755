import { KindredError, must } from '../core/error.ts';
import { rankingTruth } from '../evaluation/ranking/ranking.ts';
import type { LoadOptions } from '../readers/data-set.ts';
import { rowOptions, skippedRow } from '../readers/data-set.ts';
import type { Skipped } from '../readers/decode.ts';
import { usualColumn } from '../readers/relation-file-columns.ts';
import { readSvmlight } from '../readers/svmlight.ts';
import { readTable } from '../readers/table.ts';
import { readItems } from '../recipes/data/file-items.ts';
import { readSource } from '../recipes/data.ts';
import type { Recipe } from '../recipes/schema.ts';
import { formOf } from '../recipes/suggest/form.ts';
import { lookWithHeader } from '../recipes/suggest/header.ts';
import { mustBeThere } from '../recipes/suggest/must-be-there.ts';
import { understand } from '../recipes/suggest/understand.ts';
import type { Items } from '../relations/items.ts';
import { readWide, wideColumns } from './rank-wide.ts';

/** Lists that are to be ranked. */
export interface NewLists {
  readonly items: Items;
  /** Rows, those of a list next to each other: positions of items, and the number of the list. */
  readonly positions: Int32Array;
  readonly lists: Int32Array;
  /** The name of each list, those without rows as well. */
  readonly queryIds: readonly string[];
  readonly skipped: readonly Skipped[];
}

export interface ListOptions {
  /** The file of the items that lists name; the items of the run unless given. */
  readonly items?: string | undefined;
  readonly query?: string | undefined;
  readonly item?: string | undefined;
  /** Of the format of SVMlight: the index of the first feature. */
  readonly base?: 0 | 1 | undefined;
}

/**
 * Reads lists that are to be ranked: rows with their features and a `qid` (or `.query` beside them) in the format of SVMlight; or a
 * table with a column of queries and one of items, whose features stand in it as well, or elsewhere.
 *
 * @param known the ids of a run that knows items by nothing else
 */
export async function readLists(
  path: string,
  run: { readonly recipe: Recipe; readonly features: number; readonly known?: readonly string[] | undefined },
  options: ListOptions,
  how: LoadOptions,
): Promise<NewLists> {
  mustBeThere(path);
  if ((await formOf(path)) === 'svmlight') return readRows(path, run.features, options, how);
  const { columns, file } = await columnsOf(path, options);
  const own = options.items === undefined && run.known === undefined;
  const wide = own ? wideColumns(path, run.recipe, file, Object.values(columns)) : undefined;
  if (wide !== undefined) return readWide(path, columns, wide, how);
  const read = await readTable(path, {
    columns: { query: { type: 'text', from: columns.query }, item: { type: 'text', from: columns.item } },
    header: file.header,
    ...rowOptions(how),
  });
  const { items, skipped } = await itemsOf(run, options, how);
  const positionOf = new Map(items.ids.map((id, position) => [id, position]));
  const unknown: Skipped[] = [];
  const rowsOf = new Map<string, number[]>();
  read.columns.query.forEach((query, row) => {
    const rows = rowsOf.get(query) ?? [];
    rowsOf.set(query, rows);
    const id = read.columns.item[row];
    const position = positionOf.get(id);
    if (position === undefined) unknown.push({ path: `${path}, query ${query}`, reason: `no item is called "${id}"` });
    else rows.push(position);
  });
  must(unknown.length === 0 || !how.strict, () => ({
    rule: 'Lists name items that there are',
    received: `${unknown[0].path}: ${unknown[0].reason}`,
    next: 'Correct the row, or leave --strict out',
  }));
  const queryIds = [...rowsOf.keys()];
  must(unknown.length < read.rows, () => ({
    rule: 'Lists name items that there are',
    received: `none of the ${read.rows} that ${path} names: ${unknown[0].reason}`,
    next: `Ids look like "${items.ids[0]}"; name the file of other items with --items`,
    exitCode: 2,
  }));
  return {
    items,
    positions: Int32Array.from([...rowsOf.values()].flat()),
    lists: Int32Array.from([...rowsOf.values()].flatMap((rows, list) => rows.map(() => list))),
    queryIds,
    skipped: [...skipped, ...read.skipped.map(skippedRow), ...unknown],
  };
}

async function readRows(path: string, features: number, { items: other, base }: ListOptions, how: LoadOptions) {
  must(other === undefined, () => ({
    rule: '--items is for a table that names items',
    received: `${path}, whose rows are the items`,
    next: 'Leave --items out',
    exitCode: 2,
  }));
  const { items, relations, skipped } = await readSvmlight(path, {
    ...rowOptions(how),
    features,
    base,
    unjudged: true,
  });
  if (relations.kind !== 'lists') {
    throw new KindredError({
      rule: 'Rows say which list they belong to',
      received: `${path}, whose rows have no qid, and there is no ${path}.query`,
      next: 'Write qid:1 after the grade, or give a file with the number of rows of each list',
    });
  }
  const { items: positions, lists } = rankingTruth(relations);
  return { items, positions, lists, queryIds: relations.queryIds, skipped: skipped.map(skippedRow) };
}

/** Which columns hold the query and the item: as named, else by usual names, else the first two. */
async function columnsOf(path: string, options: ListOptions) {
  const file = await lookWithHeader(path);
  const column = (role: 'query' | 'item', place: number) => {
    const found = options[role] ?? (file.header ? usualColumn(role, file.names) : place);
    must(found !== undefined && (typeof found === 'number' || file.names.includes(found)), () => ({
      rule: 'Lists are a table with a column of queries and one of items',
      received: `${path} has the columns ${file.names.join(', ')}`,
      next: `Name the one of the ${role} with --${role}`,
      exitCode: 2,
    }));
    return found as string | number;
  };
  return { file, columns: { query: column('query', 0), item: column('item', 1) } };
}

/** The items that lists name: of another file, read as the run's own were; else those of the run. */
async function itemsOf(
  { recipe: { data }, known }: Parameters<typeof readLists>[1],
  { items: path }: ListOptions,
  how: LoadOptions,
): Promise<{ readonly items: Items; readonly skipped: readonly Skipped[] }> {
  if (known !== undefined) {
    must(path === undefined, () => ({
      rule: 'A run that knows items by their ids ranks no others',
      received: `--items ${path}`,
      next: 'Leave it out',
      exitCode: 2,
    }));
    return { items: { count: known.length, ids: known, modalities: {} }, skipped: [] };
  }
  if (path === undefined) return readSource(data, how);
  mustBeThere(path);
  if (data.reader === 'files' && data.items.kind !== 'from-relations') {
    return readItems({ ...data.items, path } as Parameters<typeof readItems>[0], how);
  }
  const found = await understand(path, { kind: 'items' });
  return readSource(found.data as Recipe['data'], how);
}
