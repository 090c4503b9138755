import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { KindredError } from '../core/error.ts';
import { parseOptions } from '../core/options.ts';
import type { cooccurrenceOptions } from '../relations/cooccurrence.ts';
import type { Items } from '../relations/items.ts';
import type { GroupRelations, Relations, Tags } from '../relations/relations.ts';
import type { Split } from '../relations/split.ts';
import type { BadRow, BadRowOptions } from './bad-rows.ts';
import type { Skipped } from './decode.ts';

/** What every reader gives: items, what is known of their likeness, and what was left out. */
export interface DataSet {
  readonly items: Items;
  /** The relation to learn from. */
  readonly relations: Relations;
  /** What else is known of the items, by name (`artist`, `speaker`): to report on, or to learn from instead. */
  readonly labels?: Readonly<Record<string, GroupRelations | Tags>>;
  /** The official parts, as positions of items, where there are any. */
  readonly parts?: Split;
  /** The log that the links were made of: what people had to do with. */
  readonly log?: Log;
  /** What could not be read, and why. */
  readonly skipped: readonly Skipped[];
  /** What a person should know of these data, a sentence each: what was left empty, what the numbers mean. */
  readonly notes: readonly string[];
}

/** A log, and how links are made of it. */
export type Log = z.input<typeof cooccurrenceOptions>;

/** What holds for reading anything. */
export interface LoadOptions {
  /** For what is drawn, such as a part that is held out. */
  readonly seed: number;
  /** Anything that cannot be read is an error, not merely left out and listed. Default false. */
  readonly strict?: boolean;
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** A well-known data set with its options, ready to be read. */
export interface DataSetReader {
  readonly name: string;
  load(how: LoadOptions): Promise<DataSet>;
}

/** Called with options, it is a reader. */
export interface DataSetDefinition<Schema extends z.ZodType = z.ZodType> {
  (options?: z.input<Schema>): DataSetReader;
  readonly definition: 'data-set';
  readonly options: Schema;
  /** That of its file. */
  readonly dataSet: string;
  /** What it holds, in a few words: for lists of what there is. */
  readonly about: string;
  /** What it is called below `KINDRED_DATA`; the first that is there is read. */
  readonly folders: readonly [string, ...string[]];
  /** Where to get it, with its licence. */
  readonly source: string;
  /** Where it lies; undefined where it is not there. */
  place(): string | undefined;
}

/**
 * Defines a well-known data set in one file of `readers/data-sets`, or in a file of a user's own: its name (that of the
 * file), where it lies, where to get it, and how its files become items and relations.
 */
export function defineDataSet<Schema extends z.ZodType>(parts: {
  readonly name: string;
  /** What it holds, in a few words. */
  readonly about: string;
  /** What it is called below `KINDRED_DATA`: the folders (or files) that are looked for, the usual one first. */
  readonly folders: readonly [string, ...string[]];
  /** Where to get it, with its licence: `https://... (licence)`. */
  readonly source: string;
  readonly options: Schema;
  /** Places outside `KINDRED_DATA` that are looked at first. */
  elsewhere?(options: z.output<Schema>): readonly string[];
  /** Reads what lies at `folder`, which exists. */
  load(folder: string, options: z.output<Schema>, how: LoadOptions): Promise<DataSet>;
}): DataSetDefinition<Schema> {
  const make = (given: unknown = {}): DataSetReader => {
    const options = parseOptions(parts.name, parts.options, given);
    const load = async (how: LoadOptions) => {
      const place = parts.elsewhere?.(options).find((path) => existsSync(path));
      return parts.load(place ?? dataFolder(parts.folders, parts.source), options, how);
    };
    return { name: parts.name, load };
  };
  const { name, about, folders, options, source } = parts;
  const place = () => {
    const others = parts.elsewhere?.(parseOptions(name, options, {})) ?? [];
    return [...others, ...placesBelow(folders)].find((path) => existsSync(path));
  };
  return Object.assign(make, {
    definition: 'data-set' as const,
    options,
    dataSet: name,
    about,
    folders,
    source,
    place,
  });
}

/**
 * The folder of a well-known data set below `$KINDRED_DATA`, the first of `names` that is there. Kindred ships hardly any of
 * them; where it is missing the error says where to get it.
 */
export function dataFolder(names: readonly [string, ...string[]], source: string): string {
  const folders = placesBelow(names);
  const set = folders.length > 0;
  const found = folders.find((folder) => existsSync(folder));
  if (found !== undefined) return found;
  const [usual] = names;
  throw new KindredError({
    rule: `The data set ${usual} is looked for in the folder that KINDRED_DATA names`,
    received: set ? `there is no ${folders.join(' and no ')}` : 'KINDRED_DATA is not set',
    next: set
      ? `Get it from ${source}, and unpack it to ${folders[0]}`
      : `Get it from ${source}, unpack it to a folder named ${usual}, and set KINDRED_DATA to the folder above it`,
  });
}

/** The paths of `names` below `KINDRED_DATA`; none where it is not set. */
function placesBelow(names: readonly string[]): string[] {
  const base = process.env.KINDRED_DATA;
  return base === undefined || base === '' ? [] : names.map((name) => resolve(join(base, name)));
}

/** A row that was left out, as {@link DataSet} lists it. */
export function skippedRow({ file, line, column, reason }: BadRow): Skipped {
  // One without a name is called by its number: column 3.
  const place = column === undefined || column.startsWith('column ') ? column : `column ${column}`;
  return { path: [file, `line ${line}`, ...(place === undefined ? [] : [place])].join(', '), reason };
}

/** Whether what was left out is a row of a file, and no file. */
export const isRow = ({ path }: Skipped): boolean => /, line \d+(,|$)/.test(path);

/** The same for readers of tables. */
export const rowOptions = ({ strict = false, progress }: LoadOptions): BadRowOptions => ({
  strict,
  ...(progress && { progress }),
});
