import { must } from '../../core/error.ts';
import type { DataSet, LoadOptions } from '../../readers/data-set.ts';
import { views } from '../../relations/views.ts';
import { type FromRelations, type ReadItems, readItems } from './file-items.ts';
import { readRelationsOf } from './file-relations.ts';
import { itemsNamed } from './from-relations.ts';
import type { FilesRecipe } from './schema.ts';

/** Items and relations from files of the user's own. Without relations, what is known is the labels of the items, else only themselves. */
export async function readFiles(recipe: FilesRecipe, how: LoadOptions): Promise<DataSet> {
  if (recipe.items.kind === 'from-relations') return readNamed(recipe.items, recipe.relations, how);
  return relatedItems(await readItems(recipe.items, how), recipe.relations, how);
}

/** Items with the relations that a recipe names; without any, what is known of them by themselves. */
export async function relatedItems(
  { items, labels, relations: own, skipped }: ReadItems,
  recipe: FilesRecipe['relations'],
  how: LoadOptions,
): Promise<DataSet> {
  if (recipe === undefined) {
    const [first] = Object.values(labels);
    return { items, relations: own ?? first ?? views({ items: items.count }), labels, skipped, notes: [] };
  }
  const read = await readRelationsOf(recipe, items.ids, how);
  const { relations, log } = read;
  return {
    ...{ items, relations, labels },
    ...(log && { log }),
    skipped: [...skipped, ...read.skipped],
    notes: read.notes,
  };
}

/** Items that are what the relations name. */
async function readNamed(recipe: FromRelations, from: FilesRecipe['relations'], how: LoadOptions): Promise<DataSet> {
  must(from !== undefined, () => ({
    rule: 'Items that are what the relations name need relations',
    received: 'items of the kind from-relations, and no relations',
    next: 'Add data.relations',
    exitCode: 2,
  }));
  const read = await readRelationsOf(from, undefined, how);
  const [first] = [from.kind === 'log' ? from.files : from.path].flat();
  const made = await itemsNamed(read, { ...recipe, beside: first }, how);
  const { log, skipped, notes } = read;
  return {
    ...made,
    ...(log && { log }),
    labels: {},
    skipped: [...skipped, ...made.skipped],
    notes: [...notes, ...made.notes],
  };
}
