import { KindredError, must } from '../core/error.ts';
import type { LoadOptions } from '../readers/data-set.ts';
import { rowOptions, skippedRow } from '../readers/data-set.ts';
import type { Skipped } from '../readers/decode.ts';
import { readItemTable } from '../readers/items-table.ts';
import type { ItemColumns, Source } from '../readers/items-table-rows.ts';
import type { TableLook } from '../readers/table.ts';
import type { Recipe } from '../recipes/schema.ts';
import type { NewLists } from './rank-lists.ts';

/** Names of modalities that no column can be given. */
const [QUERY, ITEM] = [' query', ' item'];

/**
 * The columns of items, where a table of lists holds them as well, by the names that the run's own table has; undefined where it
 * has none of them.
 *
 * @throws KindredError where it has some of them only
 */
export function wideColumns(
  path: string,
  { data }: Recipe,
  file: TableLook,
  ids: readonly Source[],
): ItemColumns | undefined {
  if (data.reader !== 'files' || data.items.kind !== 'table' || !file.header) return undefined;
  const { texts, vectors, image, sound } = data.items.columns;
  const wanted = [
    ...Object.values(texts ?? {}),
    ...Object.values(vectors ?? {}).flat(),
    ...(image ? [image.from] : []),
    ...(sound ? [sound.from] : []),
  ];
  const others = file.names.filter((name) => !ids.includes(name));
  const isThere = (source: (typeof wanted)[number]) =>
    typeof source === 'object'
      ? others.some((name) => name.startsWith(source.prefix))
      : typeof source === 'string' && others.includes(source);
  const missing = wanted.filter((source) => !isThere(source));
  if (missing.length === wanted.length) return undefined;
  if (missing.length > 0) {
    const [first] = missing;
    throw new KindredError({
      rule: 'A table that holds the items of its lists has all the columns that the run has learned from',
      received: `${path} without ${typeof first === 'object' ? `a column called ${first.prefix}...` : `"${first}"`}`,
      next: 'Add them, or name the file of the items with --items',
      exitCode: 2,
    });
  }
  return { texts, vectors, image, sound };
}

/**
 * Reads lists whose rows hold the query, the id of the item and what is known of it. An item may stand in many lists, each time with
 * other features: each row is an item of its own.
 */
export async function readWide(
  path: string,
  named: { readonly query: Source; readonly item: Source },
  columns: ItemColumns,
  how: LoadOptions,
): Promise<NewLists> {
  const { progress, ...options } = rowOptions(how);
  const read = await readItemTable(path, {
    columns: { ...columns, texts: { ...columns.texts, [QUERY]: named.query, [ITEM]: named.item } },
    header: true,
    ...options,
    ...(progress && { progress: (done: number, total: number) => progress(done, total) }),
  });
  const { [QUERY]: queries, [ITEM]: ids, ...modalities } = read.items.modalities;
  const textsOf = (modality: typeof queries) => (modality?.kind === 'text' ? modality.texts : []);
  const itemIds = textsOf(ids);
  const nameless: Skipped[] = [];
  const rowsOf = new Map<string, number[]>();
  textsOf(queries).forEach((query, row) => {
    if (query === '' || itemIds[row] === '') {
      nameless.push({ path: `${path}, query "${query}", item "${itemIds[row]}"`, reason: 'empty id' });
      return;
    }
    const rows = rowsOf.get(query);
    if (rows === undefined) rowsOf.set(query, [row]);
    else rows.push(row);
  });
  must(nameless.length === 0 || (!how.strict && rowsOf.size > 0), () => ({
    rule: 'Rows of lists name a query and an item',
    received: `${nameless[0].path}: ${nameless[0].reason}`,
    next: how.strict
      ? 'Correct the row, or leave --strict out'
      : 'Look at the columns, or name them with --query and --item',
  }));
  return {
    items: { count: read.items.count, ids: itemIds, modalities },
    positions: Int32Array.from([...rowsOf.values()].flat()),
    lists: Int32Array.from([...rowsOf.values()].flatMap((rows, list) => rows.map(() => list))),
    queryIds: [...rowsOf.keys()],
    skipped: [...read.skipped.map(skippedRow), ...nameless],
  };
}
