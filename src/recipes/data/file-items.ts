import { statSync } from 'node:fs';
import { must } from '../../core/error.ts';
import { type LoadOptions, rowOptions, skippedRow } from '../../readers/data-set.ts';
import type { Skipped } from '../../readers/decode.ts';
import { readFolders, readPictures } from '../../readers/folders.ts';
import { readItemTable } from '../../readers/items-table.ts';
import { readNpy } from '../../readers/npy.ts';
import { listPictureFiles } from '../../readers/picture-files.ts';
import { readSounds } from '../../readers/sounds.ts';
import { readSvmlight } from '../../readers/svmlight.ts';
import { readTable } from '../../readers/table.ts';
import { readRunningText, readTextFiles, readTextLines } from '../../readers/text-corpus.ts';
import { type Groups, groups as groupRelations } from '../../relations/groups.ts';
import { type Items, itemsOf } from '../../relations/items.ts';
import type { GroupRelations, Relations, Tags } from '../../relations/relations.ts';
import type { FilesRecipe } from './schema.ts';

/** Items that are what relations name. */
export type FromRelations = Extract<FilesRecipe['items'], { kind: 'from-relations' }>;

export interface ReadItems {
  readonly items: Items;
  readonly labels: Readonly<Record<string, GroupRelations | Tags>>;
  /** What the file of items says of their likeness, beside labels. */
  readonly relations?: Relations;
  readonly skipped: readonly Skipped[];
}

/** The items of a recipe, with their labels. */
export async function readItems(
  recipe: Exclude<FilesRecipe['items'], FromRelations>,
  how: LoadOptions,
): Promise<ReadItems> {
  const rows = rowOptions(how);
  const labelled = (groups: Groups | undefined) => ({ ...(groups && { class: groupRelations(groups) }) });
  const strict = how.strict === undefined ? {} : { strict: how.strict };
  const { progress } = how;
  switch (recipe.kind) {
    case 'pictures': {
      const { path, kind: _, limit, ...shape } = recipe;
      const options = { ...shape, ...strict, ...(progress && { progress }), ...(limit !== undefined && { limit }) };
      if (!hasClasses(path)) {
        const { pictures, skipped } = await readPictures(path, options);
        return { items: itemsOf(pictures), labels: {}, skipped };
      }
      const { pictures, groups, skipped } = await readFolders(path, options);
      return { items: itemsOf(pictures), labels: labelled(groups), skipped };
    }
    case 'sounds': {
      const { path, rate, seconds } = recipe;
      const { items, groups, skipped } = await readSounds(path, { rate, seconds, progress, ...strict });
      return { items, labels: labelled(groups), skipped };
    }
    case 'texts': {
      const { path, per } = recipe;
      if (per === 'line') {
        const { items, skipped } = await readTextLines(path, rows);
        return { items, labels: {}, skipped: skipped.map(skippedRow) };
      }
      if (per === 'words') {
        must(typeof path === 'string', () => ({
          rule: 'One running text is read from one file',
          received: `${[path].flat().length} of them, per: words`,
          next: 'Name one, or put them together',
          exitCode: 2,
        }));
        const { items, skipped } = await readRunningText(path, rows);
        return { items, labels: {}, skipped: skipped.map(skippedRow) };
      }
      const { items, groups, skipped } = await readTextFiles(path, { ...strict, ...(progress && { progress }) });
      return { items, labels: labelled(groups), skipped };
    }
    case 'vectors': {
      const { matrix: vectors, rows: kept, skipped } = await readNpy(recipe.path, rows);
      const ids = Array.from(kept, String);
      const modality = { kind: 'vector' as const, ...vectors };
      const classes = recipe.labels && (await labelsBeside(recipe.path, recipe.labels, kept, skipped.length));
      return {
        items: { count: ids.length, ids, modalities: { vector: modality } },
        labels: labelled(classes),
        skipped: skipped.map(skippedRow),
      };
    }
    case 'svmlight': {
      const { items, relations, skipped } = await readSvmlight(recipe.path, { ...rows, query: recipe.query });
      return { items, labels: {}, relations, skipped: skipped.map(skippedRow) };
    }
    case 'table': {
      const { path, columns, header } = recipe;
      const { items, groups, tags, skipped } = await readItemTable(path, {
        columns,
        header,
        ...strict,
        progress: (done, total) => progress?.(done, total),
      });
      return { items, labels: { ...labelled(groups), ...(tags && { tags }) }, skipped: skipped.map(skippedRow) };
    }
  }
}

/** Whether a folder has subfolders with pictures, which then are classes. */
const hasClasses = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true &&
  listPictureFiles(path).classes.some(({ files }) => files.length > 0);

/** The labels of the rows that were kept, of an array of `kept.length + bad` rows. A row without a label would shift all others. */
async function labelsBeside(
  array: string,
  { path, column, header }: { path: string; column: string | number; header?: boolean | undefined },
  kept: Int32Array,
  bad: number,
): Promise<Groups> {
  const { rows, columns } = await readTable(path, {
    columns: { label: { type: 'label', from: column } },
    strict: true,
    ...(header !== undefined && { header }),
  });
  must(rows === kept.length + bad, () => ({
    rule: 'Labels of an array are one for each of its rows, in the same order',
    received: `${kept.length + bad} rows in ${array}, and ${rows} labels in ${path}`,
    next: 'Give two files that belong together, or say whether the labels have a header',
  }));
  const { labels, names } = columns.label;
  return { labels: kept.map((row) => labels[row]), names };
}
