import type { Items } from './items.ts';

/** Longer texts are content and no names. */
const LONGEST = 60;

/** What people call an item: by the first text that items have, where that is short; `''` where it is not, or is the id. */
export function nameOf({ ids, modalities }: Items, item: number): string {
  const texts = Object.values(modalities).find((each) => each.kind === 'text');
  const text = texts?.kind === 'text' ? texts.texts[item] : '';
  return text.length <= LONGEST && text !== ids[item] ? text : '';
}

/** The names of all items, in order; undefined where no item has one. */
export function namesOf(items: Items): readonly string[] | undefined {
  const names = items.ids.map((_, item) => nameOf(items, item));
  return names.some((name) => name !== '') ? names : undefined;
}
