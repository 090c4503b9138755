import { resolve } from 'node:path';
import { must } from '../core/error.ts';
import type { DataSet, DataSetDefinition, LoadOptions, Log } from '../readers/data-set.ts';
import type { Skipped } from '../readers/decode.ts';
import { dataSetNamed } from '../readers/find-data-set.ts';
import { components } from '../relations/components.ts';
import { members, takeGroups } from '../relations/groups.ts';
import type { Items } from '../relations/items.ts';
import { applyPolicy, type Changed } from '../relations/policy.ts';
import {
  type GroupRelations,
  hasRows,
  type Relations,
  type RowRelations,
  rowCount,
  type Tags,
  takeRelations,
} from '../relations/relations.ts';
import { columnOf, type Part, partsByItems } from '../relations/split-parts.ts';
import { splitRelations } from '../relations/split-relations.ts';
import { views } from '../relations/views.ts';
import { readFiles } from './data/files.ts';
import { readClasses } from './data/folders.ts';
import { readParts } from './data/idx.ts';
import type { DataRecipe } from './data/schema.ts';
import { isDefinitionFile, readDefinition } from './definition-file.ts';

/** Items and what is known of them: for training, for choosing, and for reporting. */
export interface Data {
  readonly items: Items;
  /** What is known of them: of all parts together. */
  readonly relations: Relations;
  /** What else is known of items, by name. */
  readonly labels: Readonly<Record<string, GroupRelations | Tags>>;
  readonly parts: Readonly<Record<'train' | 'validation' | 'test', Part>>;
  /** Rows that are in no part, because they lie over several. */
  readonly dropped: number;
  /** Rows that the policy took out, by reason. */
  readonly changed: Changed;
  /** The log that the links were made of, if they were. */
  readonly log?: Log;
  /** What could not be read, and why. */
  readonly skipped: readonly Skipped[];
  /** What a person should know of these data. */
  readonly notes: readonly string[];
}

/** Reads what a recipe trains on, in its three parts, and refuses what nothing can be learned from. */
export async function readData(recipe: DataRecipe, options: LoadOptions): Promise<Data> {
  return prepare(await readSource(recipe, options), recipe, options.seed);
}

/** What was read, with the recipe's policy and split. */
export function prepare(read: DataSet, recipe: DataRecipe, seed: number): Data {
  const learned = learn(read, recipe);
  const { relations, changed } = applyPolicy(learned, 'policy' in recipe ? recipe.policy : 'keep', read.items);
  const { dropped, ...parts } = split(relations, read, recipe, seed);
  mustBeLearnable(parts.train, sourceOf(recipe));
  const { items, log, skipped, notes } = read;
  const alone = 'split' in recipe && recipe.split?.by === 'component' ? aloneInWords(parts.test) : [];
  return {
    items,
    relations,
    labels: labelsOf(read, learned),
    parts,
    dropped,
    changed,
    ...(log && { log }),
    skipped,
    notes: [...notes, ...alone],
  };
}

/** What is known of items beside what is learned: the groups of a data set, too, where something else is learned. */
function labelsOf({ relations, labels = {} }: DataSet, learned: Relations): Data['labels'] {
  if (relations === learned || (relations.kind !== 'groups' && relations.kind !== 'tags')) return labels;
  return { class: relations, ...labels };
}

/** A test part that is one component: what is found near an item there is all of the same kind. */
function aloneInWords({ relations }: Part): string[] {
  const { sizes } = components(relations);
  if (sizes.length !== 1) return [];
  return [
    `the test part is one component, of ${sizes[0]} items: hardly anything else can be found there, so that measures say little; split by item, or give test a larger share`,
  ];
}

/** What a recipe names, read whole: before anything is chosen, taken out or divided. */
export async function readSource(recipe: DataRecipe, options: LoadOptions): Promise<DataSet> {
  switch (recipe.reader) {
    case 'idx':
      return readParts(recipe);
    case 'folders':
      return readClasses(recipe, options);
    case 'omniglot':
      return (await dataSetNamed('omniglot'))(optionsOf(recipe)).load(options);
    case 'files':
      return readFiles(recipe, options);
    case 'data-set':
      return (await makerOf(recipe.name))(recipe.options).load(options);
  }
}

/** The relation that is learned: as it was read, a label of the items instead, or nothing but the items. */
export function learn({ items, relations, labels = {} }: DataSet, recipe: DataRecipe): Relations {
  const chosen = 'learn' in recipe ? recipe.learn : undefined;
  const notion = 'notion' in recipe ? recipe.notion : undefined;
  if (chosen === 'views') return views({ items: items.count });
  if (chosen !== undefined && chosen !== 'relations') {
    must(Object.hasOwn(labels, chosen), () => ({
      rule: 'data.learn is relations, views, or a label of the items',
      received: `"${chosen}"; ${labelsInWords(labels)}`,
      next: 'Choose one of them',
      exitCode: 2,
    }));
    return labels[chosen];
  }
  if (notion === undefined) return relations;
  const named = hasRows(relations) ? relations.notion : undefined;
  const at = named?.names.indexOf(notion) ?? -1;
  must(named !== undefined && at >= 0, () => ({
    rule: 'data.notion is one that the relations speak of',
    received: `"${notion}"; they speak of ${named?.names.join(', ') ?? 'none by name'}`,
    next: 'Choose one of them, or leave notion out',
    exitCode: 2,
  }));
  return takeRelations(relations as RowRelations, whereEqual(named.of, at));
}

function whereEqual(column: Uint16Array, value: number): Int32Array {
  return Int32Array.from(column.keys()).filter((row) => column[row] === value);
}

/** A data set by its name, or by the path of the file that defines it. */
async function makerOf(name: string): Promise<DataSetDefinition> {
  if (!isDefinitionFile(name)) return dataSetNamed(name);
  return (await readDefinition(resolve(name), ['data-set'], 'data')) as unknown as DataSetDefinition;
}

const optionsOf = ({ reader: _, ...options }: Extract<DataRecipe, { reader: 'omniglot' }>) => options;

type Parted = Data['parts'] & { readonly dropped: number };

function split(relations: Relations, read: DataSet, recipe: DataRecipe, seed: number): Parted {
  const { items, parts, labels = {} } = read;
  const asked = 'split' in recipe ? recipe.split : undefined;
  if (parts !== undefined && asked === undefined) return partsByItems(relations, columnOf(parts, relations.items));
  // Of items that are nothing but ids, those alone can be tested that training says something of.
  const ranked = relations.kind === 'lists' || relations.kind === 'preferences';
  const byId = hasRows(relations) && Object.keys(items.modalities).length === 0;
  const usual = byId ? 'row' : ranked && relations.queryIds.length > 1 ? 'query' : 'item';
  const { by, validation, test, ...given } = asked ?? { by: usual, validation: 0.15, test: 0.15 };
  const shares = { validation, test, seed };
  const fromLog = recipe.reader === 'files' && recipe.relations?.kind === 'log' && relations.kind === 'graph';
  must(!fromLog || (by !== 'user' && by !== 'time'), () => ({
    rule: 'The links of a log are made from what many users did at many times, so that they have no user and no time',
    received: `a split by ${by}`,
    next: 'Split by item, component or row',
    exitCode: 2,
  }));
  if (by !== 'group') return splitRelations(relations, { by, ...shares });
  const label = 'group' in given ? given.group : undefined;
  if (label === undefined) {
    must(relations.kind === 'groups', () => ({
      rule: 'A split by group divides by a label of the items, which data.split.group names',
      received: `none; ${labelsInWords(labels)}`,
      next: 'Name a label there, or split by item',
      exitCode: 2,
    }));
    return splitRelations(relations, { by, ...shares });
  }
  const groups = labels[label];
  must(groups?.kind === 'groups', () => ({
    rule: 'data.split.group is a label of which each item has one',
    received: `"${label}"; ${labelsInWords(labels)}`,
    next: 'Choose one of them, or split by item',
    exitCode: 2,
  }));
  return splitRelations(relations, { by, groups, ...shares });
}

function labelsInWords(labels: object): string {
  const names = Object.keys(labels);
  if (names.length === 0) return 'the items have no labels';
  const called = names.includes('class') ? ' (class is the column of labels, whatever its name in the file)' : '';
  return `the labels are ${names.join(', ')}${called}`;
}

/** Said before training: what nothing can be learned from. */
function mustBeLearnable({ items, relations }: Part, source: string): void {
  if (relations.kind === 'groups') {
    const trained = members(takeGroups(relations, items));
    const usable = trained.filter((list) => list.length >= 2).length;
    must(usable >= 2, () => ({
      rule: 'Learning what belongs together needs two classes with two training items each',
      received: `${source} has ${trained.filter((list) => list.length > 0).length} classes in training, ${usable} of them with two items or more`,
      next: 'Add items, or change data.split',
    }));
    return;
  }
  const enough = hasRows(relations) ? rowCount(relations) : items.length;
  must(enough >= 2, () => ({
    rule: 'Learning what belongs together needs relations in training',
    received: `${source} has ${enough} there`,
    next: 'Give more relations, or change data.split',
  }));
}

/** Where the data come from, in words: a folder, or the name of a data set. */
export function sourceOf(recipe: DataRecipe): string {
  if ('folder' in recipe) return recipe.folder;
  if ('name' in recipe) return recipe.name;
  if (recipe.reader !== 'files') return recipe.reader;
  const { items, relations } = recipe;
  if ('path' in items) return String(items.path);
  return String(relations?.kind === 'log' ? relations.files : relations?.path);
}
