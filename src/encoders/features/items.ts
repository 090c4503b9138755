import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { must } from '../../core/error.ts';
import { row } from '../../core/matrix.ts';
import { skippedRow } from '../../readers/data-set.ts';
import type { MediaKind } from '../../readers/folder-files.ts';
import { mediaFiles } from '../../readers/media-files.ts';
import { readNpy } from '../../readers/npy.ts';
import { readTextLines } from '../../readers/text-corpus.ts';
import type { FeatureItem, FoundItems, ItemOptions } from './item.ts';
import { anyMedia, type ItemKind, kindOfFile, mayBe, media } from './item-kinds.ts';
import { tableItems } from './table-items.ts';

/**
 * The items that a path names, of one kind:
 *
 * - a folder of pictures, sounds or videos: class folders or flat, as `mediaFiles` has it; where sounds are asked for, videos are taken
 *   for theirs;
 * - one such file;
 * - `.npy`: vectors, called by their row from 0;
 * - `.txt`: texts, one a line; or, with a kind of files, or where the first line ends as such a file does, one file a line;
 * - any other file: a table (CSV, TSV, JSON lines, Parquet) with a column of files, texts or vectors, or a column for each
 *   number (x0, x1, ...).
 *
 * Files named in lists and tables are relative to the folder of the table. An item of a table without ids is called by its file
 * where each stands there once, and by its line otherwise.
 *
 * Throws a `KindredError` for what is missing or cannot be read, for a folder of several kinds, and for a table without a
 * column that is known.
 */
export async function findItems(from: string, options: ItemOptions): Promise<FoundItems> {
  const stat = statSync(from, { throwIfNoEntry: false });
  must(stat !== undefined, () => ({
    rule: 'Items are a folder, a file, a table or a list',
    received: `there is no ${from}`,
    next: 'Check the path',
    exitCode: 2,
  }));
  if (stat.isDirectory()) return ofFolder(from, options);
  const single = kindOfFile(from);
  if (single !== undefined) {
    return { kind: agreed(single, options, from), items: [{ id: from, content: { path: from } }], skipped: [] };
  }
  if (/\.npy(\.gz)?$/i.test(from)) return ofArray(from, options);
  return /\.txt(\.gz)?$/i.test(from) ? ofLines(from, options) : tableItems(from, options);
}

function agreed(found: ItemKind, { kind }: ItemOptions, where: string): ItemKind {
  if (kind === 'sounds' && found === 'videos') return kind;
  must(kind === undefined || kind === found, () => ({
    rule: `Items are of the kind that --kind names`,
    received: `${where} holds ${found}, not ${kind}`,
    next: 'Leave --kind out, or give other items',
    exitCode: 2,
  }));
  return found;
}

function ofFolder(folder: string, { kind: wanted, strict }: ItemOptions): FoundItems {
  const wantedKind = wanted && mayBe(wanted);
  must(wanted === undefined || wantedKind !== undefined, () => ({
    rule: 'A folder holds pictures, sounds or videos',
    received: `--kind ${wanted}`,
    next: `Put ${wanted} into one file: a table, ${wanted === 'texts' ? 'or .txt with one a line' : 'or .npy'}`,
    exitCode: 2,
  }));
  let found = mediaFiles(folder, wantedKind ?? anyMedia);
  const files = [...found.files, ...found.skipped];
  const kinds = new Set(files.map(({ path }) => wanted ?? (kindOfFile(path) as ItemKind)));
  must(kinds.size === 1, () => ({
    rule: 'A folder holds items of one kind',
    received: `${folder} has ${[...kinds].join(' and ')}`,
    next: `Say which with --kind ${[...kinds][0]}`,
    exitCode: 2,
  }));
  const [kind] = kinds;
  if (wantedKind === undefined) found = mediaFiles(folder, media[kind] as MediaKind);
  must(!strict || found.skipped.length === 0, () => ({
    rule: 'With strict, every item has to be good',
    received: `${found.skipped[0].path} ${found.skipped[0].reason}`,
    next: 'Move it into a class folder, or run without --strict',
  }));
  return {
    kind,
    items: found.files.map(({ id, path, group }) => ({ id, label: group, content: { path } })),
    skipped: found.skipped,
  };
}

async function ofArray(path: string, options: ItemOptions): Promise<FoundItems> {
  const { matrix, rows, skipped } = await readNpy(path, { strict: options.strict === true });
  return {
    kind: agreed('vectors', options, path),
    items: Array.from(rows, (position, i) => ({ id: String(position), content: { vector: row(matrix, i) } })),
    skipped: skipped.map(skippedRow),
  };
}

async function ofLines(path: string, options: ItemOptions): Promise<FoundItems> {
  const { items, skipped } = await readTextLines(path, { strict: options.strict === true });
  const texts = items.modalities.text.kind === 'text' ? items.modalities.text.texts : [];
  const kind = options.kind ?? kindOfFile(texts[0]) ?? 'texts';
  must(kind !== 'vectors', () => ({
    rule: 'A list has a text or a file on each line',
    received: `--kind vectors with ${path}`,
    next: 'Give vectors as .npy, or in a table',
    exitCode: 2,
  }));
  const found = texts.map(
    (text, i): FeatureItem =>
      kind === 'texts'
        ? { id: items.ids[i], content: { text } }
        : { id: text, content: { path: resolve(dirname(path), text) } },
  );
  const seen = new Set<string>();
  const each = found.filter(({ id }) => !seen.has(id) && seen.add(id));
  return { kind, items: each, skipped: skipped.map(skippedRow) };
}
