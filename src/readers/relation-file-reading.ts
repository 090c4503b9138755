import { graph } from '../relations/graph.ts';
import { lists } from '../relations/lists.ts';
import { pairs } from '../relations/pairs.ts';
import { preferences } from '../relations/preferences.ts';
import type { Graph, Lists, Pairs, Preferences, Triplets } from '../relations/relations.ts';
import { triplets } from '../relations/triplets.ts';
import { type FileKind, type Role, SAMENESS, sameness } from './relation-file-columns.ts';
import { refusal } from './table-files.ts';
import { Growing } from './table-growing.ts';
import { IdTable } from './table-ids.ts';
import type { OpenTable } from './table-open.ts';
import { numberOf, type Row, shown, textOf, timeOf } from './table-row.ts';
import { columnName } from './table-rows.ts';

export interface RelationsByKind {
  pairs: Pairs;
  triplets: Triplets;
  graph: Graph;
  preferences: Preferences;
  lists: Lists;
}

/** Puts the value of a cell at a row, or gives the reason why it is bad. */
type Put = (at: number, row: Row, cell: number) => string | undefined;

interface ReadingOptions {
  readonly items?: readonly string[];
  readonly directed?: boolean;
  readonly others?: Pairs['others'];
}

/** The columns of one reading, which goes over any number of files. */
export class Reading {
  readonly kind: FileKind;
  readonly items: IdTable;
  readonly users = new IdTable();
  /** What each column of the first file was taken for. */
  readonly columns: { [R in Role]?: string } = {};
  readonly #queries = new IdTable();
  readonly #notions = new IdTable();
  readonly #first: string;
  readonly #roles: readonly Role[];
  readonly #puts: readonly Put[];
  readonly #values = new Map<Role, Growing<Int32Array | Uint8Array | Uint16Array | Float32Array | Float64Array>>();
  #rows = 0;

  constructor(kind: FileKind, file: OpenTable, roles: ReadonlyMap<Role, number>, items: readonly string[] | undefined) {
    this.kind = kind;
    this.#first = file.path;
    this.items = new IdTable(items);
    // Ids come last: what they bring in is forgotten when the row is bad, and that seldom happens after the values.
    const values = new Set<Role>(['same', 'grade', 'weight', 'propensity', 'time']);
    this.#roles = [...roles.keys()].sort((x, y) => Number(values.has(y)) - Number(values.has(x)));
    this.#puts = this.#roles.map((role) => this.#put(role));
    for (const [role, cell] of roles) this.columns[role] = columnName(file, cell);
  }

  bind(file: OpenTable, roles: ReadonlyMap<Role, number>) {
    for (const role of [...this.#roles, ...roles.keys()]) {
      if (roles.has(role) && this.#roles.includes(role)) continue;
      const [has, lacks] = roles.has(role) ? [file.path, this.#first] : [this.#first, file.path];
      throw refusal(
        `${has} has a column for ${role}, and ${lacks} has none`,
        `Read them apart, or leave it out of all (${role}: null)`,
      );
    }
    const cells = this.#roles.map((role) => roles.get(role) as number);
    const puts = this.#puts;
    return {
      wanted: cells,
      take: (row: Row) => {
        const { items, users } = this;
        const before = items.count;
        const usersBefore = users.count;
        const queriesBefore = this.#queries.count;
        const notionsBefore = this.#notions.count;
        for (let k = 0; k < puts.length; k++) {
          const reason = puts[k](this.#rows, row, cells[k]);
          if (reason === undefined) continue;
          items.shrink(before);
          users.shrink(usersBefore);
          this.#queries.shrink(queriesBefore);
          this.#notions.shrink(notionsBefore);
          return { cell: cells[k], reason };
        }
        this.#rows++;
        return undefined;
      },
    };
  }

  #put(role: Role): Put {
    switch (role) {
      case 'same':
        return this.#keep(role, new Uint8Array(0), same);
      case 'weight':
        return this.#keep(role, new Float32Array(0), weight);
      case 'propensity':
        return this.#keep(role, new Float32Array(0), propensity);
      case 'grade':
        return this.#keep(role, new Float32Array(0), grade);
      case 'time':
        return this.#keep(role, new Float64Array(0), timeOf);
      case 'notion':
        return this.#keep(role, new Uint16Array(0), (row, cell) => {
          const position = this.#notions.positionOf(row, cell);
          return position === 65_536 ? 'more than 65,536 notions' : position;
        });
      default: {
        const ids = role === 'query' ? this.#queries : role === 'user' ? this.users : this.items;
        return this.#keep(role, new Int32Array(0), (row, cell) => ids.idOf(row, cell));
      }
    }
  }

  #keep(
    role: Role,
    start: Int32Array | Uint8Array | Uint16Array | Float32Array | Float64Array,
    read: (row: Row, cell: number) => number | string,
  ): Put {
    const values = new Growing(start);
    this.#values.set(role, values);
    return (at, row, cell) => {
      if (row.lists[cell] !== undefined) return 'a list, not a value';
      const value = read(row, cell);
      if (typeof value === 'string') return value;
      values.set(at, value);
      return undefined;
    };
  }

  relations(rows: number, { items, directed, others }: ReadingOptions) {
    const column = <T>(role: Role): T => {
      const values = this.#values.get(role)?.finish(rows);
      // One column at a time: the grown one is larger than its copy.
      this.#values.delete(role);
      return values as T;
    };
    const given = <T>(role: Role) => (this.#values.has(role) ? { [role]: column<T>(role) } : {});
    const { weight } = given('weight') as { weight?: Float32Array };
    const { propensity } = given('propensity') as { propensity?: Float32Array };
    const weights = propensity ? propensity.map((p, row) => (weight?.[row] ?? 1) / p) : weight;
    const rest = {
      items: items?.length ?? this.items.count,
      ...(weights && { weight: weights }),
      ...(given('user') as { user?: Int32Array }),
      ...(given('time') as { time?: Float64Array }),
      ...(this.#values.has('notion')
        ? { notion: { of: column<Uint16Array>('notion'), names: this.#notions.strings() } }
        : {}),
    };
    const ids = (role: Role) => column<Int32Array>(role);
    const queryIds = this.#queries.strings();
    switch (this.kind) {
      case 'pairs':
        return pairs({
          ...rest,
          ...(given('same') as { same?: Uint8Array }),
          a: ids('a'),
          b: ids('b'),
          ...(others ? { others } : {}),
        });
      case 'triplets':
        return triplets({ ...rest, anchor: ids('anchor'), closer: ids('closer'), farther: ids('farther') });
      case 'graph':
        return graph({ ...rest, from: ids('from'), to: ids('to'), directed: directed ?? false });
      case 'preferences':
        return preferences({ ...rest, query: ids('query'), winner: ids('winner'), loser: ids('loser'), queryIds });
      case 'lists':
        return lists({
          ...rest,
          query: ids('query'),
          item: ids('item'),
          grade: column<Float32Array>('grade'),
          queryIds,
        });
    }
  }
}

function same(row: Row, cell: number): number | string {
  const start = row.starts[cell];
  const length = row.ends[cell] - start;
  const digit = row.bytes[start] - 48;
  if (length === 1 && (digit === 0 || digit === 1)) return digit;
  if (length === 0) return 'empty';
  const text = textOf(row, cell);
  if (text === undefined) return 'wrong encoding: not UTF-8';
  const value = sameness(text);
  return value < 0 ? `neither same nor different: ${shown(text)} (understood are ${SAMENESS})` : value;
}

function weight(row: Row, cell: number): number | string {
  const value = numberOf(row, cell);
  if (typeof value === 'string') return value;
  if (value < 0) return 'negative weight';
  // What float32 makes of it counts.
  const kept = Math.fround(value);
  return kept === 0 ? 'a weight of 0' : Number.isFinite(kept) ? kept : 'too large for float32';
}

/** The inverse of it is a weight, which has to fit as well. */
function propensity(row: Row, cell: number): number | string {
  const value = numberOf(row, cell);
  if (typeof value === 'string') return value;
  return value >= 1e-6 && value <= 1 ? value : `no share from 0.000001 to 1: ${value}`;
}

function grade(row: Row, cell: number): number | string {
  const value = numberOf(row, cell);
  if (typeof value === 'string') return value;
  return value < 0 ? 'negative grade' : Number.isFinite(Math.fround(value)) ? value : 'too large for float32';
}
