import { KindredError } from '../../core/error.ts';
import type { DataSet, LoadOptions } from '../../readers/data-set.ts';
import { readFolders } from '../../readers/folders.ts';
import { groups } from '../../relations/groups.ts';
import { itemsOf } from '../../relations/items.ts';
import type { DataRecipe } from './schema.ts';

/** A folder of pictures with a folder for each class. */
export async function readClasses(
  recipe: Extract<DataRecipe, { reader: 'folders' }>,
  { strict = false, progress }: LoadOptions,
): Promise<DataSet> {
  const { folder, height, width, channels, limit, crop } = recipe;
  const {
    pictures,
    groups: classes,
    skipped,
    emptyGroups,
  } = await readFolders(folder, {
    height,
    width,
    channels,
    strict,
    ...(limit !== undefined && { limit }),
    ...(crop !== undefined && { crop }),
    ...(progress && { progress }),
  });
  if (strict && emptyGroups.length > 0) {
    throw new KindredError({
      rule: 'Every class has a picture',
      received: `none in ${emptyGroups.slice(0, 3).join(', ')}${emptyGroups.length > 3 ? ` and ${emptyGroups.length - 3} more` : ''}`,
      next: 'Add pictures, remove the folders, or leave out --strict',
    });
  }
  return {
    items: itemsOf(pictures),
    relations: groups(classes),
    skipped,
    notes: emptyGroups.length === 0 ? [] : [`classes without a picture: ${emptyGroups.join(', ')}`],
  };
}
