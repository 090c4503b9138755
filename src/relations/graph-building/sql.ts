import { must } from '../../core/error.ts';

// All SQL that makes graphs from logs. It is kept to what DuckDB and ClickHouse both speak: plain joins by equality, GROUP
// BY, window functions, UNION ALL; no QUALIFY, ASOF, lists or structs. What ClickHouse calls otherwise:
//
//   here                          ClickHouse
//   lag, lead                     lagInFrame, leadInFrame with an unbounded frame (the same names since 25)
//   isfinite                      isFinite
//   try_cast(x AS DOUBLE)         toFloat64OrNull(x)
//   epoch(try_cast(x AS TIMESTAMPTZ))   toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(x)) / 1000
//   md5(x)                        lower(hex(MD5(x)))
//   CREATE TABLE ... AS           the same with ENGINE = MergeTree ORDER BY tuple()
//   VARCHAR, BIGINT, DOUBLE       accepted as they are
//
// Reading files differs altogether: `rowsOf` is that hook, and `rejected` with it. Two columns make no key of a
// join where one number can: DuckDB joins by one integer in half the time.

/** Text as a literal. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A column's name, quoted. */
const column = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A number as a literal. */
function number(value: number): string {
  must(Number.isFinite(value), () => ({
    rule: 'Numbers in a query are finite',
    received: `${value}`,
    next: 'Give another number',
  }));
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** A path that stands for itself, where DuckDB would look for patterns. */
const literalPath = (path: string): string => path.replace(/[[*?]/g, (mark) => `[${mark}]`);

/** The files of a log, and how to read them. */
export interface Source {
  readonly format: 'csv' | 'jsonl' | 'parquet';
  readonly files: readonly string[];
  /** The names of the columns that are read; `time` where the link needs it. */
  readonly user: string;
  readonly item: string;
  readonly time: string | undefined;
  /** CSV: all columns, in order, and how they are told apart. */
  readonly columns: readonly string[];
  readonly delimiter: string;
  readonly header: boolean;
  readonly quotes: boolean;
  /** Whether times come as text, as numbers or as dates. */
  readonly times: 'text' | 'number' | 'date';
  /** Where only rows with a grade of `least` or more count: its column. */
  readonly liked: { readonly column: string; readonly least: number } | undefined;
}

/** The columns that are read of it. */
export const columnsRead = ({
  user,
  item,
  time,
  liked,
}: Pick<Source, 'user' | 'item' | 'time' | 'liked'>): string[] => [
  ...new Set([user, item, ...(time === undefined ? [] : [time]), ...(liked === undefined ? [] : [liked.column])]),
];

/** One file or all of them as rows: DuckDB's own, the one place where the dialects differ altogether. */
function rowsOf(source: Source, files: readonly string[], rejects: boolean): string {
  const paths = `[${files.map((file) => text(literalPath(file))).join(', ')}]`;
  const texts = (names: readonly string[]) => `{${names.map((name) => `${column(name)}: 'VARCHAR'`).join(', ')}}`;
  if (source.format === 'parquet') return `read_parquet(${paths}, file_row_number = true, hive_partitioning = false)`;
  if (source.format === 'jsonl') {
    return `read_json(${paths}, format = 'newline_delimited', columns = ${texts(columnsRead(source))}, ignore_errors = true,
      maximum_object_size = 1000000, hive_partitioning = false)`;
  }
  // Small buffers let a log be read with 64 MB; larger ones are no faster.
  return `read_csv(${paths}, auto_detect = false, columns = ${texts(source.columns)}, header = ${source.header},
    delim = ${text(source.delimiter)}, quote = '${source.quotes ? '"' : ''}', escape = '${source.quotes ? '"' : ''}', max_line_size = 1000000, buffer_size = 4000000,
    hive_partitioning = false, ${
      rejects
        ? "store_rejects = true, rejects_table = 'rejected', rejects_scan = 'rejected_scans'"
        : 'ignore_errors = true'
    })`;
}

/** The types of a Parquet file's columns. */
export const typesOf = (file: string): string =>
  `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${text(literalPath(file))}, hive_partitioning = false))`;

export const filesLike = (pattern: string): string => `SELECT file FROM glob(${text(pattern)}) ORDER BY file`;

/** User, item and time of each row: text, text and seconds; NULL where there is nothing usable. */
function cleaned(source: Source): string {
  const id = (name: string) => `nullif(CAST(${column(name)} AS VARCHAR), '')`;
  const time = source.time === undefined ? undefined : column(source.time);
  const seconds = {
    text: `coalesce(try_cast(${time} AS DOUBLE), epoch(try_cast(${time} AS TIMESTAMPTZ)))`,
    number: `CAST(${time} AS DOUBLE)`,
    date: `epoch(CAST(${time} AS TIMESTAMPTZ))`,
  };
  return `${id(source.user)} AS user_id, ${id(source.item)} AS item_id, ${
    time === undefined ? 'CAST(0 AS DOUBLE)' : seconds[source.times]
  } AS time`;
}

const bad = '(user_id IS NULL OR item_id IS NULL OR time IS NULL OR time < 0 OR NOT isfinite(time))';

/** Rows of what was not liked, or has no grade, are none of the log. */
const counts = ({ liked }: Source): string =>
  liked === undefined
    ? 'true'
    : `coalesce(try_cast(${column(liked.column)} AS DOUBLE) >= ${number(liked.least)}, false)`;

export const read = (source: Source): string =>
  `CREATE TABLE log AS SELECT ${cleaned(source)} FROM ${rowsOf(source, source.files, true)} WHERE ${counts(source)}`;

/** Whether the times of the first rows are dates, all of them; null where there are none. */
export const dated = (source: Source): string => {
  if (source.time === undefined || source.times !== 'text') return `SELECT ${source.times === 'date' ? 1 : 0} AS dated`;
  const time = column(source.time);
  return `SELECT CAST(bool_and(try_cast(${time} AS DOUBLE) IS NULL) AS INTEGER) AS dated
    FROM (SELECT ${time} FROM ${rowsOf(source, source.files.slice(0, 1), false)} WHERE ${time} <> '' LIMIT 100) AS first_rows`;
};

export const countRows = `SELECT count(*) AS total, sum(CASE WHEN ${bad} THEN 1 ELSE 0 END) AS bad,
  count(user_id) AS users, count(item_id) AS items, count(time) AS times FROM log`;

/** Lines that are no rows at all; a line may have several faults. */
export const countRejected =
  'SELECT count(*) AS total FROM (SELECT DISTINCT scan_id, file_id, line FROM rejected) AS lines';

/** The first quote that is never closed, or closed in the midst of a value: what follows it may be lost uncounted. */
export const openQuote = `SELECT file_path AS file, line FROM rejected JOIN rejected_scans
   ON rejected.scan_id = rejected_scans.scan_id AND rejected.file_id = rejected_scans.file_id
   WHERE error_type = 'UNQUOTED VALUE' ORDER BY file_path, line LIMIT 1`;

export const rejected = (file: string, limit: number): string =>
  `SELECT line, min(error_message) AS reason FROM rejected JOIN rejected_scans
   ON rejected.scan_id = rejected_scans.scan_id AND rejected.file_id = rejected_scans.file_id
   WHERE file_path = ${text(file)} GROUP BY line ORDER BY line LIMIT ${number(limit)}`;

/** The first bad rows of a file, by their place in it, from 1. Needs rows in the order of the file. */
export const badRows = (source: Source, file: string, limit: number): string =>
  `SELECT place, CASE WHEN user_id IS NULL THEN 'no user' WHEN item_id IS NULL THEN 'no item'
     WHEN time IS NULL THEN 'the time is neither a number nor a date' WHEN time < 0 THEN 'the time is below 0'
     ELSE 'the time is not finite' END AS reason
   FROM (SELECT ${cleaned(source)}, ${counts(source)} AS counts, ${source.format === 'parquet' ? 'file_row_number + 1' : 'row_number() OVER ()'} AS place
     FROM ${rowsOf(source, [file], false)}) AS numbered WHERE counts AND ${bad} ORDER BY place LIMIT ${number(limit)}`;

/** Items by falling frequency, then by the bytes of the id, so that an item's position is its rank. */
export const numberItems = `CREATE TABLE items AS
  SELECT id, n, CAST(row_number() OVER (ORDER BY n DESC, id) - 1 AS INTEGER) AS place
  FROM (SELECT item_id AS id, count(*) AS n FROM log WHERE NOT ${bad} GROUP BY item_id) AS counted_items`;

/**
 * Any numbers do for users: nothing depends on which.
 *
 * @param before users whose hash, as eight hexadecimal digits, lies below it are left out
 */
export const numberUsers = (before?: string): string => `CREATE TABLE users AS
  SELECT id, CAST(row_number() OVER () AS BIGINT) AS place FROM (SELECT DISTINCT user_id AS id FROM log WHERE NOT ${bad}${
    before === undefined ? '' : ` AND substr(md5(user_id), 1, 8) >= ${text(before)}`
  }) AS distinct_users`;

export const numberEvents = `CREATE TABLE events AS SELECT users.place AS person, items.place AS item, log.time AS time
  FROM log JOIN users ON log.user_id = users.id JOIN items ON log.item_id = items.id WHERE NOT ${bad}`;

export const sizes = (minimum: number): string =>
  `SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM users) AS users,
    (SELECT count(*) FROM items) AS items, (SELECT count(*) FROM items WHERE n >= ${number(minimum)}) AS frequent`;

export const ids = 'SELECT id FROM items ORDER BY place';

export const userIds = 'SELECT id, place FROM users';

/** What each user had to do with, each item once, when it came first. */
export const firstEvents = `SELECT person, item FROM (
    SELECT person, item, min(time) AS first FROM events GROUP BY person, item) AS firsts ORDER BY person, first, item`;

const history = 'OVER (PARTITION BY person ORDER BY time, item)';

/** From each event to the next of the same user; where the item repeats there is no move. */
export const moves = (directed: boolean): string =>
  `CREATE TABLE moves AS SELECT ${directed ? 'item AS a, after AS b' : 'least(item, after) AS a, greatest(item, after) AS b'}
   FROM (SELECT item, lead(item, 1, -1) ${history} AS after FROM events) AS followed
   WHERE after >= 0 AND after <> item`;

/**
 * The distinct items of each session. All events of the same moment are in one frame (RANGE, the default), so that
 * the order among them does not matter.
 */
export const sessions = (gap: number): string =>
  `CREATE TABLE sets AS SELECT DISTINCT context, item FROM (
     SELECT person * 4294967296 + CAST(sum(fresh) OVER (PARTITION BY person ORDER BY time) AS BIGINT) AS context, item
     FROM (SELECT person, item, time, CASE WHEN time - lag(time, 1, time) OVER (PARTITION BY person ORDER BY time)
       > ${number(gap)} THEN 1 ELSE 0 END AS fresh FROM events) AS gaps) AS sessions`;

export const baskets = 'CREATE TABLE sets AS SELECT DISTINCT person AS context, item FROM events';

/** Sets with more than `longest` items. */
export const findLong = (longest: number): string =>
  `CREATE TABLE long AS SELECT context FROM sets GROUP BY context HAVING count(*) > ${number(longest)}`;

export const countLong = 'SELECT count(*) AS total FROM long';

/** Leaves the `longest` most frequent items of each long set. */
export const shorten = (longest: number): string =>
  `CREATE TABLE shortened AS SELECT context, item FROM sets WHERE context NOT IN (SELECT context FROM long)
   UNION ALL SELECT context, item FROM (
     SELECT context, item, row_number() OVER (PARTITION BY context ORDER BY item) AS place
     FROM sets WHERE context IN (SELECT context FROM long)) AS ranked WHERE place <= ${number(longest)}`;

/** Events with their place in the history of the user, their neighbours, and the time of the first that is too many. */
export const histories = (longest: number): string =>
  `CREATE TABLE histories AS SELECT person, item, time, row_number() ${history} AS place,
     lag(item, 1, -1) ${history} AS before, lead(item, 1, -1) ${history} AS after,
     lead(time, ${number(longest + 1)}, -1) ${history} AS beyond FROM events`;

export const countCut = (seconds: number): string =>
  `SELECT count(*) AS total FROM histories WHERE beyond >= 0 AND beyond - time <= ${number(seconds)}`;

/**
 * Pairs of events of a user at most `seconds` and `longest` places apart: the last event of a run of one item with the
 * first of a later run.
 *
 * Joined by the user alone, a long history would be compared whole with itself. So histories are cut into eras of two
 * windows and stretches of two times `longest` places, and an event that may have partners in the era or stretch before
 * stands there too. An event is in exactly one era and stretch as the earlier of a pair, so no pair is found twice.
 */
export function windowPairs(seconds: number, longest: number): string {
  const era = number(2 * seconds);
  const stretch = number(2 * longest);
  const parts = `floor(time / ${era}) AS era, floor(place / ${stretch}) AS stretch`;
  return `CREATE TABLE moves AS
   SELECT least(earlier.item, later.item) AS a, greatest(earlier.item, later.item) AS b
   FROM (SELECT person, item, time, place, ${parts} FROM histories WHERE after <> item) AS earlier
   JOIN (SELECT person, item, time, place, era - eras_back AS era, stretch - stretches_back AS stretch
     FROM (SELECT person, item, time, place, ${parts} FROM histories WHERE before <> item) AS firsts
     CROSS JOIN (SELECT 0 AS eras_back, 0 AS stretches_back UNION ALL SELECT 1, 0 UNION ALL SELECT 0, 1
       UNION ALL SELECT 1, 1) AS copies
     WHERE (eras_back = 0 OR (era - eras_back < era AND time - era * ${era} < 1.5 * ${number(seconds)}))
       AND (stretches_back = 0 OR (stretch > 0 AND place - stretch * ${stretch} <= ${number(longest)}))) AS later
   ON earlier.person = later.person AND earlier.era = later.era AND earlier.stretch = later.stretch
   WHERE later.place > earlier.place AND later.place <= earlier.place + ${number(longest)}
     AND later.time - earlier.time <= ${number(seconds)} AND earlier.item <> later.item`;
}

/**
 * Each pair of a set, once. Written down before it is counted: a join and a grouping in one statement would have to share
 * the memory, and fail sooner.
 */
export const setPairs = (sets: 'sets' | 'shortened', frequent: number): string =>
  `CREATE TABLE moves AS SELECT x.item AS a, y.item AS b
   FROM (SELECT context, item FROM ${sets} WHERE item < ${number(frequent)}) AS x
   JOIN (SELECT context, item FROM ${sets} WHERE item < ${number(frequent)}) AS y ON x.context = y.context
   WHERE x.item < y.item`;

/**
 * How often each pair was seen, where often enough. Items are ordered by frequency, so those seen less than `minimum`
 * times, which no such pair can hold, are the ones from `frequent` on.
 */
export const countPairs = (minimum: number, frequent: number): string =>
  `CREATE TABLE pairs AS SELECT a, b, count(*) AS n FROM moves
   WHERE a < ${number(frequent)} AND b < ${number(frequent)} GROUP BY a, b HAVING count(*) >= ${number(minimum)}`;

/** How often each item stood at an end of what is counted, on the left (`froms`) and on the right (`tos`). */
export function ends(of: 'moves' | 'sets' | 'shortened', directed: boolean): readonly string[] {
  if (of !== 'moves') {
    return ['froms', 'tos'].map(
      (table) => `CREATE TABLE ${table} AS SELECT item, count(*) AS n FROM ${of} GROUP BY item`,
    );
  }
  const both = '(SELECT a AS item FROM moves UNION ALL SELECT b AS item FROM moves)';
  return [
    `CREATE TABLE froms AS SELECT item, count(*) AS n FROM ${directed ? '(SELECT a AS item FROM moves)' : both} AS f GROUP BY item`,
    `CREATE TABLE tos AS SELECT item, count(*) AS n FROM ${directed ? '(SELECT b AS item FROM moves)' : both} AS t GROUP BY item`,
  ];
}

export const countObservations = (of: 'moves' | 'sets' | 'shortened', directed: boolean): string =>
  of === 'moves'
    ? `SELECT ${directed ? '' : '2 * '}count(*) AS total FROM moves`
    : `SELECT count(DISTINCT context) AS total FROM ${of}`;

export type Weighting = 'count' | 'pmi' | 'cosine' | 'lift';

export function weigh(weighting: Weighting, total: number): string {
  if (weighting === 'count') return 'CREATE TABLE weighted AS SELECT a, b, n, CAST(n AS DOUBLE) AS weight FROM pairs';
  const product = 'CAST(froms.n AS DOUBLE) * CAST(tos.n AS DOUBLE)';
  const lift = `CAST(pairs.n AS DOUBLE) * ${number(total)} / (${product})`;
  const weight = { lift, pmi: `ln(${lift})`, cosine: `CAST(pairs.n AS DOUBLE) / sqrt(${product})` }[weighting];
  return `CREATE TABLE weighted AS SELECT a, b, n, weight FROM (
      SELECT pairs.a AS a, pairs.b AS b, pairs.n AS n, ${weight} AS weight
      FROM pairs JOIN froms ON pairs.a = froms.item JOIN tos ON pairs.b = tos.item) AS measured
    WHERE weight > 0`;
}

/** The best of each item; ties go to the pair seen more often, then to the neighbour of lower position. */
export function best(neighbours: number, directed: boolean): string {
  const seen = directed
    ? 'SELECT a AS item, b AS other, n, weight FROM weighted'
    : 'SELECT a AS item, b AS other, n, weight FROM weighted UNION ALL SELECT b, a, n, weight FROM weighted';
  const ends = directed ? 'item AS a, other AS b' : 'least(item, other) AS a, greatest(item, other) AS b';
  return `CREATE TABLE kept AS SELECT DISTINCT ${ends}, weight FROM (
    SELECT item, other, weight, row_number() OVER (PARTITION BY item ORDER BY weight DESC, n DESC, other) AS place
    FROM (${seen}) AS seen) AS ranked WHERE place <= ${number(neighbours)}`;
}

export const countEdges = (table: 'weighted' | 'kept'): string => `SELECT count(*) AS total FROM ${table}`;

export const edges = (table: 'weighted' | 'kept'): string => `SELECT a, b, weight FROM ${table} ORDER BY a, b`;

export const drop = (table: string): string => `DROP TABLE IF EXISTS ${column(table)}`;
