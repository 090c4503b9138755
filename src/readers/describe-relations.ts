import { members } from '../relations/groups.ts';
import {
  hasRows,
  itemColumns,
  type Lists,
  type RelationKind,
  type Relations,
  type RowRelations,
  rowCount,
} from '../relations/relations.ts';
import { tagMembers } from '../relations/tags.ts';
import { type Spread, spread } from './describe.ts';

/** What relations hold, in numbers; what a kind does not have is left out. */
export interface RelationFacts {
  readonly kind: RelationKind;
  readonly items: number;
  /** 0 of kinds without rows. */
  readonly rows: number;
  /** Groups and tags that an item has, how many items these have, and in how many there is only one. */
  readonly groups?: { readonly count: number; readonly sizes: Spread | undefined; readonly single: number };
  /** Tags: items without one. */
  readonly untagged?: number;
  /** Pairs: how many are the same, how many different, and what is taken of those that no row names. */
  readonly same?: number;
  readonly different?: number;
  readonly others?: 'unknown' | 'different';
  readonly directed?: boolean;
  /** Rows that name an item, over the items that are named. */
  readonly rowsPerItem?: Spread | undefined;
  readonly queries?: {
    readonly count: number;
    readonly rows: Spread | undefined;
    /** Lists: how many have one item only, and in how many all grades are 0. */
    readonly single?: number;
    readonly empty?: number;
  };
  readonly grades?: Spread | undefined;
  readonly weights?: Spread | undefined;
  /** Rows of each notion. */
  readonly notions?: Readonly<Record<string, number>>;
  readonly users?: number;
  /** Seconds since 1970, or whatever the times count. */
  readonly times?: { readonly first: number; readonly last: number };
}

/** Counts what relations hold, in one pass over each column. */
export function describeRelations(relations: Relations): RelationFacts {
  const { kind, items } = relations;
  if (relations.kind === 'groups' || relations.kind === 'tags') {
    const lists = relations.kind === 'groups' ? members(relations) : tagMembers(relations);
    const sizes = lists.map(({ length }) => length).filter((length) => length > 0);
    const single = sizes.filter((size) => size === 1).length;
    const groups = { count: sizes.length, sizes: spread(sizes), single };
    if (relations.kind === 'groups') return { kind, items, rows: 0, groups };
    const { offsets } = relations;
    let untagged = 0;
    for (let i = 0; i < items; i++) if (offsets[i] === offsets[i + 1]) untagged++;
    return { kind, items, rows: 0, groups, untagged };
  }
  if (!hasRows(relations)) return { kind, items, rows: 0 };
  return { kind, items, rows: rowCount(relations), ...ofKind(relations), ...ofRows(relations) };
}

function ofKind(relations: RowRelations): Partial<RelationFacts> {
  switch (relations.kind) {
    case 'pairs': {
      const same = relations.same.reduce((sum, value) => sum + value, 0);
      return { same, different: relations.same.length - same, others: relations.others };
    }
    case 'graph':
      return { directed: relations.directed };
    case 'lists':
      return { queries: { ...queriesOf(relations), ...listsOf(relations) }, grades: spread(relations.grade) };
    case 'preferences':
      return { queries: queriesOf(relations) };
    case 'triplets':
      return {};
  }
}

function ofRows(relations: RowRelations): Partial<RelationFacts> {
  const { weight, notion, user, time } = relations;
  const times = new Int32Array(relations.items);
  for (const column of itemColumns(relations)) for (const item of column) times[item]++;
  return {
    rowsPerItem: spread(times.filter((count) => count > 0)),
    ...(weight && { weights: spread(weight) }),
    ...(notion && { notions: countsOf(notion.of, notion.names) }),
    ...(user && { users: distinct(user) }),
    ...(time && time.length > 0 && { times: boundsOf(time) }),
  };
}

const queriesOf = ({ query, queryIds }: { query: Int32Array; queryIds: readonly string[] }) => {
  const rows = new Int32Array(queryIds.length);
  for (const each of query) rows[each]++;
  const filled = rows.filter((count) => count > 0);
  return { count: filled.length, rows: spread(filled) };
};

function listsOf({ query, grade, queryIds }: Lists): { single: number; empty: number } {
  const rows = new Int32Array(queryIds.length);
  const best = new Float32Array(queryIds.length);
  query.forEach((each, row) => {
    rows[each]++;
    best[each] = Math.max(best[each], grade[row]);
  });
  return {
    single: rows.filter((count) => count === 1).length,
    empty: best.filter((grade, each) => rows[each] > 0 && grade === 0).length,
  };
}

function countsOf(of: Uint16Array, names: readonly string[]): Record<string, number> {
  const counts = new Array<number>(names.length).fill(0);
  for (const each of of) counts[each]++;
  return Object.fromEntries(names.map((name, i) => [name, counts[i]]));
}

function distinct(column: Int32Array): number {
  const seen = new Set<number>();
  for (const value of column) seen.add(value);
  return seen.size;
}

function boundsOf(time: Float64Array): { first: number; last: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of time) {
    if (value < first) first = value;
    if (value > last) last = value;
  }
  return { first, last };
}
