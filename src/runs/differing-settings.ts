/** A key of a recipe, as `--set` names it, and its value in each; undefined where a recipe has no such key. */
export interface Setting {
  readonly key: string;
  readonly values: readonly unknown[];
}

/**
 * The settings in which recipes differ, in the order of the first. Lists of plain values (`channels: [32, 64]`) are one
 * value; lists of mappings are taken apart by position (`views.0.pixels`).
 */
export function differingSettings(recipes: readonly object[]): Setting[] {
  const flat = recipes.map((recipe) => new Map(flatten(recipe)));
  const keys = [...new Set(flat.flatMap((settings) => [...settings.keys()]))];
  return keys
    .map((key) => ({ key, values: flat.map((settings) => settings.get(key)) }))
    .filter(({ values: [first, ...others] }) =>
      others.some((value) => JSON.stringify(value) !== JSON.stringify(first)),
    );
}

function flatten(value: unknown, path: readonly string[] = []): [key: string, value: unknown][] {
  const nested =
    typeof value === 'object' &&
    value !== null &&
    (!Array.isArray(value) || value.every((each) => typeof each === 'object' && each !== null));
  if (!nested) return [[path.join('.'), value]];
  return Object.entries(value).flatMap(([key, below]) => flatten(below, [...path, key]));
}
