// The rounds of affinity clustering, in the SQL that DuckDB and ClickHouse both speak: plain joins by equality, GROUP BY, UNION
// ALL. Tables, with clusters named by their lowest items:
//
//   links    a, b, s   two clusters, a < b, and the whole-numbered sum of the links between them (a DOUBLE, exact below 2^53)
//   sizes    cluster, n
//   moved    cluster, now   what has become of each cluster in this round
//
// A strength is `s / (n_a n_b)` in doubles, both of them exact: the same bits on every engine, whatever the order of rows.

/** Links and sizes as they are loaded: each link once, and items that have one. */
export const create = [
  'CREATE TABLE loaded (a INTEGER, b INTEGER, s DOUBLE)',
  'CREATE TABLE sizes (cluster INTEGER, n DOUBLE)',
  'CREATE TABLE moved (cluster INTEGER, now INTEGER)',
];

/** Links that join the same two items are one, of their sum; those of an item with itself are none. */
export const gather = `CREATE TABLE links AS SELECT least(a, b) AS a, greatest(a, b) AS b, sum(s) AS s
  FROM loaded WHERE a <> b GROUP BY least(a, b), greatest(a, b)`;

/**
 * Which links may be chosen, and how strong they are: those between clusters that fit together.
 *
 * @param maximum items that a cluster may have
 */
export const weigh = (maximum: number): string => `CREATE TABLE weighed AS
  SELECT a, b, s / (x.n * y.n) AS strength, x.n AS na, y.n AS nb
  FROM links JOIN sizes x ON x.cluster = a JOIN sizes y ON y.cluster = b
  WHERE x.n + y.n <= ${maximum}`;

/** Both directions of the links that a cluster may choose. */
const sides = (within: string, join = '') => `SELECT a AS x, b AS y, strength FROM weighed ${join.replaceAll('$', 'a')}
    WHERE ${within.replaceAll('$', 'na')}
  UNION ALL SELECT b AS x, a AS y, strength FROM weighed ${join.replaceAll('$', 'b')} WHERE ${within.replaceAll('$', 'nb')}`;

/** The greatest strength of each cluster: of all clusters whose links reach `threshold`, or of those below `minimum` items. */
export const best = (choosing: { readonly threshold: number } | { readonly minimum: number }): string => {
  const within = 'minimum' in choosing ? `$ < ${choosing.minimum}` : `strength >= ${choosing.threshold}`;
  return `CREATE TABLE best AS SELECT x, max(strength) AS most FROM (${sides(within)}) AS side GROUP BY x`;
};

/** The choice of each cluster: of its strongest links the one to the lowest cluster. */
export const choose = `CREATE TABLE chosen AS SELECT x, min(y) AS y, max(strength) AS strength
  FROM (${sides('strength = most', 'JOIN best ON best.x = $')}) AS side GROUP BY x`;

/** In the order in which they are carried out: from the strongest on. */
export const choices = 'SELECT x, y FROM chosen ORDER BY strength DESC, least(x, y), greatest(x, y)';

/** The links between the clusters that there are now. */
export const contract = `CREATE TABLE contracted AS
  SELECT least(x.now, y.now) AS a, greatest(x.now, y.now) AS b, sum(s) AS s
  FROM links JOIN moved x ON x.cluster = a JOIN moved y ON y.cluster = b
  WHERE x.now <> y.now GROUP BY least(x.now, y.now), greatest(x.now, y.now)`;

export const drop = (table: string): string => `DROP TABLE ${table}`;
export const empty = (table: string): string => `DELETE FROM ${table}`;
export const renameContracted = 'ALTER TABLE contracted RENAME TO links';
