import { statSync } from 'node:fs';
import { must } from '../../core/error.ts';
import { nearest } from '../../core/nearest.ts';
import { firstLine, namesOf, refuseEndlessLines } from './csv-lines.ts';
import type { Duck } from './duck.ts';
import { columnsRead, filesLike, type Source, typesOf } from './sql.ts';

/** Where events are written down. */
export interface EventLog {
  /** Paths and patterns (`logs/2024-*.csv`, `**` for any folders). All files have one format and the same columns. */
  readonly files: readonly string[];
  /** The columns of the user (or basket), of the item, and of the time; without a header `column0`, `column1` and so on. */
  readonly user: string;
  readonly item: string;
  readonly time: string | undefined;
  /** By default told by the name: `.csv` and `.tsv`, `.jsonl` and `.ndjson` (both also with `.gz`), `.parquet`. */
  readonly format?: 'csv' | 'jsonl' | 'parquet' | undefined;
  /** CSV: what stands between values; by default the one of comma, tab, semicolon and `|` that finds the columns. */
  readonly delimiter?: string | undefined;
  /** CSV: whether the first line names the columns. */
  readonly header: boolean;
  /** CSV: whether values may stand in quotes. */
  readonly quotes: boolean;
  /** Only rows with a grade of `least` or more in this column count; all unless given. */
  readonly liked?: Source['liked'] | undefined;
  /** Whether a log without the column of times is read without. */
  readonly optionalTime?: boolean;
}

const delimiters = [',', '\t', ';', '|'];

/** Finds the files of a log and looks at the beginning of each: nothing is read in full that could not be used. */
export async function openLog(log: EventLog, duck: Duck): Promise<Source> {
  if (log.optionalTime && log.time !== undefined) {
    const untimed = await openLog({ ...log, time: undefined }, duck);
    const columns = await columnsOf(untimed, duck);
    return columns.includes(log.time) ? openLog({ ...log, optionalTime: false }, duck) : untimed;
  }
  const files = await findFiles(log.files, duck);
  const formats = files.map((file) => log.format ?? formatOf(file));
  const [format] = formats;
  const other = formats.findIndex((each) => each !== format);
  must(other < 0, () => ({
    rule: 'All files of a log have one format',
    received: `${files[0]} (${format}) and ${files[other]} (${formats[other]})`,
    next: 'Name the files of one format',
  }));
  const { user, item, time, header, quotes, liked } = log;
  const wanted = columnsRead({ user, item, time, liked });
  const source: Source = {
    format,
    files,
    user,
    item,
    time,
    columns: [],
    delimiter: ',',
    header,
    quotes,
    times: 'text',
    liked,
  };
  if (format === 'parquet') return { ...source, times: await parquetTimes(files, wanted, time, duck) };
  const first = firstLine(files[0]);
  if (format === 'jsonl') return source;

  const fits = (delimiter: string) => wanted.every((name) => namesOf(first, delimiter, log).includes(name));
  const widest = delimiters.toSorted((a, b) => namesOf(first, b, log).length - namesOf(first, a, log).length)[0];
  const delimiter = log.delimiter ?? (log.header ? delimiters.find(fits) : undefined) ?? widest;
  const columns = namesOf(first, delimiter, log);
  checkColumns(files[0], wanted, columns);
  for (const file of files.slice(1)) {
    const names = namesOf(firstLine(file), delimiter, log);
    must(names.join('\n') === columns.join('\n'), () => ({
      rule: 'All files of a log have the same columns in the same order',
      received: `${files[0]} has ${columns.join(', ')}; ${file} has ${names.join(', ')}`,
      next: 'Make them alike, or build from those that are',
    }));
  }
  for (const file of files) await refuseEndlessLines(file);
  return { ...source, columns, delimiter };
}

/** The names of the columns; of JSON lines, of what the first says. */
async function columnsOf({ format, files: [first], columns }: Source, duck: Duck): Promise<readonly string[]> {
  if (format === 'csv') return columns;
  if (format === 'parquet') return (await duck.rows(typesOf(first))).map((row) => String(row.column_name));
  return [...firstLine(first).matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(([, name]) => name);
}

async function findFiles(patterns: readonly string[], duck: Duck): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const status = statSync(pattern, { throwIfNoEntry: false });
    must(!status?.isDirectory(), () => ({
      rule: 'A log is one or more files',
      received: `the folder ${pattern}`,
      next: `Name the files in it: ${pattern.replace(/\/$/, '')}/*.csv`,
    }));
    const files = status ? [pattern] : (await duck.rows(filesLike(pattern))).map(({ file }) => String(file));
    must(files.length > 0, () => ({
      rule: 'Every path or pattern of a log names at least one file',
      received: `nothing is at ${pattern}`,
      next: 'Correct the path',
    }));
    found.push(...files);
  }
  const files = [...new Set(found)];
  const empty = files.find((file) => statSync(file).size === 0);
  must(empty === undefined, () => ({
    rule: 'A log has rows',
    received: `${empty} is empty`,
    next: 'Leave it out, or make it anew',
  }));
  return files;
}

function formatOf(file: string): 'csv' | 'jsonl' | 'parquet' {
  const [, extension] = /\.(\w+?)(?:\.gz)?$/.exec(file.toLowerCase()) ?? [];
  if (extension === 'csv' || extension === 'tsv') return 'csv';
  if (extension === 'jsonl' || extension === 'ndjson') return 'jsonl';
  must(extension === 'parquet' && !file.endsWith('.gz'), () => ({
    rule: 'Events are read from .csv, .tsv, .jsonl, .ndjson (also with .gz) and .parquet',
    received: file,
    next: 'Say which format it has: csv, jsonl or parquet',
  }));
  return 'parquet';
}

function checkColumns(file: string, wanted: readonly string[], columns: readonly string[]): void {
  const missing = wanted.find((name) => !columns.includes(name));
  const meant = missing === undefined ? undefined : nearest(missing, columns);
  must(missing === undefined, () => ({
    rule: `The log has no column "${missing}"`,
    received: `${file} has ${columns.slice(0, 20).join(', ')}`,
    next:
      meant === undefined
        ? 'Name one of these; where the first line has no names, set header to false'
        : `Did you mean "${meant}"`,
  }));
  const twice = columns.find((name, i) => columns.indexOf(name) < i);
  must(twice === undefined, () => ({
    rule: 'Every column has a name of its own',
    received: `${file} has two of "${twice}"`,
    next: 'Rename one',
  }));
}

/** Checks the columns of Parquet files, and tells how their times are written. */
async function parquetTimes(
  files: readonly string[],
  wanted: readonly string[],
  time: string | undefined,
  duck: Duck,
): Promise<Source['times']> {
  let before: string | undefined;
  for (const file of files) {
    const types = new Map((await duck.rows(typesOf(file))).map((row) => [row.column_name, String(row.column_type)]));
    checkColumns(file, wanted, [...types.keys()].map(String));
    const described = wanted.map((name) => `${name} ${types.get(name)}`).join(', ');
    const nested = wanted.find((name) => /\[|\(.*\w+ \w|BLOB|STRUCT|MAP/.test(String(types.get(name))));
    must(nested === undefined && (before ?? described) === described, () => ({
      rule: 'Users, items and times are plain values, of the same type in all files',
      received: `${file} has ${described}${before === undefined ? '' : `; the files before it ${before}`}`,
      next: 'Write them as text, numbers or dates',
    }));
    before = described;
    if (file !== files.at(-1)) continue;
    const type = time === undefined ? 'VARCHAR' : String(types.get(time));
    if (/^(DATE|TIMESTAMP)/.test(type)) return 'date';
    if (/INT|DOUBLE|FLOAT|DECIMAL/.test(type)) return 'number';
  }
  return 'text';
}
