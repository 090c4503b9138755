import { existsSync } from 'node:fs';
import { KindredError, must } from '../core/error.ts';
import type { Items } from '../relations/items.ts';
import { lists } from '../relations/lists.ts';
import type { GroupRelations, Lists } from '../relations/relations.ts';
import { type BadRow, type BadRowOptions, BadRows } from './bad-rows.ts';
import { SvmlightRows } from './svmlight-rows.ts';
import { filesNamed, refusal } from './table-files.ts';
import { Growing } from './table-growing.ts';
import { numberOf } from './table-row.ts';
import { readLines } from './text-lines.ts';

export interface SvmlightOptions extends BadRowOptions {
  /** The file with the number of rows of each query, one a line. Default: the file's name with `.query`, where there is one. */
  readonly query?: string | undefined;
  /** The index of the first feature. Default 0 where an index 0 occurs, else 1. Set it where several files go together. */
  readonly base?: 0 | 1 | undefined;
  /** How many features there are; default as many as occur. Set it where several files go together. */
  readonly features?: number | undefined;
  /** Nobody has graded the rows: what stands in the place of the grade is passed over. */
  readonly unjudged?: boolean;
}

/**
 * Reads vectors with grades in the format of SVMlight: a row a line, `grade qid:3 1:0.5 7:1.2 # comment`.
 *
 * Items are the rows, with the modality `vector`; features that are not given are 0. Ids are the positions in the file, from
 * `'0'`, bad rows counted. The relation: graded lists, where rows have a `qid` (its text is the query's id) or where
 * LightGBM's file with the row counts lies beside it (queries are then called by their position); groups by label else.
 *
 * Indices may come in any order, each once. Text is UTF-8, gzip is unzipped; lines that are empty or only a comment are passed
 * over. Bad rows: a grade that is missing, no finite number or, in lists, negative; a pair that is not `index:value`; an index
 * that is no whole number, occurs twice, or is above 65,535; a value that is not finite; a qid that is missing where the first
 * row has one; a line of more than 16 MiB.
 *
 * Throws a `KindredError` for a file that is missing, empty, binary or cut short; for counts of queries that do not add up to
 * the rows; for more than 2^28 values with the zeros; for more than `limit` bad rows; and where no row is left.
 *
 * Format: Joachims, "Making large-scale SVM learning practical" (1999); LightGBM's documentation, "Query data".
 */
export async function readSvmlight(
  path: string,
  options: SvmlightOptions = {},
): Promise<{ items: Items; relations: Lists | GroupRelations; skipped: BadRow[] }> {
  const [file] = filesNamed([path]);
  const beside = options.query ?? `${path.replace(/\.gz$/, '')}.query`;
  const counts = options.query !== undefined || existsSync(beside) ? await readCounts(beside) : undefined;
  const bad = new BadRows(options);
  const rows = new SvmlightRows({ lists: counts !== undefined, unjudged: options.unjudged ?? false });
  let position = 0;
  const refuse = (line: number, column: string | undefined, reason: string) => {
    position++;
    bad.add(path, line, column, reason);
  };
  const sink = {
    row(row: Parameters<SvmlightRows['add']>[0]) {
      const problem = rows.add(row, position);
      if (problem === undefined) position++;
      else if (problem !== 'comment') refuse(row.line, problem.column, problem.reason);
    },
    bad: refuse,
  };
  await readLines(file, sink, (bytes) => options.progress?.(bytes, file.size));
  if (rows.count === 0) throw bad.nothing(path);
  const vectors = rows.dense(path, options.base, options.features);
  const ids = Array.from(rows.positions(), String);
  const items = { count: rows.count, ids, modalities: { vector: { kind: 'vector' as const, ...vectors } } };
  const relations =
    counts === undefined && !rows.withQueries ? labelled(rows) : graded(rows, counts, beside, path, position);
  return { items, relations, skipped: bad.skipped };
}

/** Groups by label, in order of the numbers. */
function labelled(rows: SvmlightRows): GroupRelations {
  const grades = rows.grades();
  const names = [...new Set(grades)].sort((a, b) => a - b);
  const label = new Map(names.map((name, i) => [name, i]));
  const labels = Int32Array.from(grades, (grade) => label.get(grade) as number);
  return { kind: 'groups', items: rows.count, labels, names: names.map(String) };
}

/** Lists by the queries that the rows name, or by the counts of rows. */
function graded(
  rows: SvmlightRows,
  counts: Float64Array | undefined,
  beside: string,
  path: string,
  total: number,
): Lists {
  const items = rows.count;
  const item = Int32Array.from({ length: items }, (_, i) => i);
  const grade = Float32Array.from(rows.grades());
  if (rows.withQueries || counts === undefined) {
    return lists({ items, item, grade, query: rows.queries(), queryIds: rows.queryIds });
  }
  const sum = counts.reduce((a, b) => a + b, 0);
  must(sum === total, () => ({
    rule: 'The counts of rows of all queries add up to the rows',
    received: `${sum} in ${beside}, and ${total} rows in ${path}`,
    next: 'Give two files that belong together',
  }));
  const queryOf = new Int32Array(total);
  let end = 0;
  for (const [query, count] of counts.entries()) {
    queryOf.fill(query, end, end + count);
    end += count;
  }
  const query = rows.positions().map((position) => queryOf[position]);
  return lists({ items, item, grade, query, queryIds: Array.from(counts, (_, i) => String(i)) });
}

/** How many rows each query has. Rows lie in order of their queries, so that no count may be left out. */
async function readCounts(path: string): Promise<Float64Array> {
  const [file] = filesNamed([path]);
  const counts = new Growing<Float64Array>(new Float64Array(0));
  let queries = 0;
  const refuse = (line: number, reason: string): never => {
    throw new KindredError({
      rule: 'A query file has the number of rows of each query, one a line',
      received: `${path}, line ${line}: ${reason}`,
      next: 'Mend the file, or remove it and name queries by qid',
    });
  };
  await readLines(file, {
    row(row) {
      const count = numberOf(row, 0);
      if (typeof count === 'string') refuse(row.line, count);
      else if (!(Number.isInteger(count) && count >= 0 && count < 2 ** 31)) refuse(row.line, `no count: ${count}`);
      else counts.set(queries++, count);
    },
    bad: (line, _column, reason) => refuse(line, reason),
  });
  if (queries === 0) throw refusal(`${path} has no counts`, 'Make the file again');
  return counts.finish(queries);
}
