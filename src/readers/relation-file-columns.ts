import { refusal } from './table-files.ts';
import type { OpenTable } from './table-open.ts';
import { columnsOf, findColumn, mustBeOne } from './table-rows.ts';

/** Kinds of relations that have a file of rows. */
export type FileKind = 'pairs' | 'triplets' | 'graph' | 'preferences' | 'lists';

/** What a column of a relation file says. */
export type Role =
  | 'a'
  | 'b'
  | 'same'
  | 'anchor'
  | 'closer'
  | 'farther'
  | 'from'
  | 'to'
  | 'query'
  | 'winner'
  | 'loser'
  | 'item'
  | 'grade'
  | 'weight'
  | 'propensity'
  | 'notion'
  | 'user'
  | 'time';

/**
 * The columns of each kind in the order that files without a header have them; the first two (pairs, graph) or three are
 * needed. Propensity, notion, user and time are found by name only, or named.
 */
const order = {
  pairs: ['a', 'b', 'same', 'weight'],
  triplets: ['anchor', 'closer', 'farther', 'weight'],
  graph: ['from', 'to', 'weight'],
  preferences: ['query', 'winner', 'loser', 'weight'],
  lists: ['query', 'item', 'grade', 'weight'],
} as const satisfies Record<FileKind, readonly Role[]>;

const needed: Record<FileKind, number> = { pairs: 2, triplets: 3, graph: 2, preferences: 3, lists: 3 };

export const fileKinds = Object.keys(order) as FileKind[];

/**
 * Usual names of columns, likelier ones first. Case and everything but letters and digits are of no account: `Item_1` is
 * `item1`.
 */
const names: Record<Role, string> = {
  a: 'a item1 itema id1 ida first left image1 imagea img1 path1 file1 qid1 text1 texta sentence1 question1 x1 one',
  b: 'b item2 itemb id2 idb second right image2 imageb img2 path2 file2 qid2 text2 textb sentence2 question2 x2 two',
  same: 'same issame similar issimilar duplicate isduplicate match ismatch matched related label y target class',
  anchor: 'anchor anchorid reference ref probe query',
  closer: 'closer nearer positive pos near similar more',
  farther: 'farther further negative neg far dissimilar less',
  from: 'from source src start head node1 u',
  to: 'to target dst dest destination end tail node2 v',
  query: 'query queryid qid search searchid session user userid person personid',
  winner: 'winner winnerid preferred better chosen positive clicked',
  loser: 'loser loserid other worse rejected negative skipped',
  item: 'item itemid document documentid doc docid product productid movie movieid film filmid song songid book bookid game gameid id',
  grade: 'grade relevance rel rating score label gain',
  weight: 'weight w count strength confidence',
  propensity: 'propensity',
  notion: 'notion aspect attribute criterion',
  user: 'user userid annotator annotatorid worker workerid rater raterid person personid',
  time: 'time timestamp date datetime at createdat',
};

const list = Object.fromEntries(Object.entries(names).map(([role, words]) => [role, words.split(' ')])) as Record<
  Role,
  string[]
>;

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const rolesOf = (kind: FileKind): Role[] => [
  ...new Set<Role>([
    ...order[kind],
    ...(kind === 'lists' ? (['propensity'] as const) : []),
    ...(['weight', 'notion', 'user', 'time'] as const),
  ]),
];

/** Whether columns of such files are usually called `name`. */
export const isUsual = (kind: FileKind | undefined, name: string): boolean =>
  (kind ? [kind] : fileKinds).some((each) => rolesOf(each).some((role) => list[role].includes(plain(name))));

/** The column that by its name says this, the likeliest first. */
export const usualColumn = (role: Role, columns: readonly string[]): string | undefined =>
  list[role].flatMap((name) => columns.filter((column) => plain(column) === name))[0];

/** The kind whose needed columns all have usual names among `columns`; `undefined` where no kind has. */
export function guessKind(columns: readonly string[]): FileKind | undefined {
  return (['triplets', 'preferences', 'lists', 'graph', 'pairs'] as const).find((kind) => {
    const found = byName(kind, columns, new Map());
    return order[kind].slice(0, needed[kind]).every((role) => found.has(role));
  });
}

/** What the start of a file shows of its columns. */
export type TableStart = Pick<OpenTable, 'path' | 'names' | 'width' | 'sample'>;

/** Columns by what they say: a name, a position from 0, or `null` for one that shall not be used. */
export type RelationColumns = { readonly [R in Role]?: string | number | null };

/**
 * Which column of a file says what: as named, else by usual names, else, where no needed column has a usual name, by position
 * among those that are left.
 *
 * Throws a {@link KindredError} for a named column that the file does not have or has twice, for a needed one that is not
 * found, and for pairs of which a column that is not used may say whether they are the same, or how alike they are.
 */
export function resolveColumns(file: TableStart, kind: FileKind, named: RelationColumns): Map<Role, number> {
  const roles = new Map<Role, number>();
  const wordsOf = rolesOf(kind).flatMap((role) => (named[role] === null ? [] : list[role]));
  for (const name of file.names ?? []) {
    if (wordsOf.includes(plain(name))) mustBeOne(file, name);
  }
  for (const [role, column] of Object.entries(named) as [Role, string | number | null | undefined][]) {
    if (column === null || column === undefined) continue;
    if (!rolesOf(kind).includes(role)) {
      throw refusal(`${kind} have no column ${role}`, `Their columns are ${rolesOf(kind).join(', ')}`);
    }
    const cell = findColumn(file, column);
    if (cell < 0)
      throw missing(file, role, typeof column === 'string' ? JSON.stringify(column) : `at position ${column}`);
    roles.set(role, cell);
  }
  const wanted: readonly Role[] = order[kind].filter((role) => named[role] !== null);
  const must: readonly Role[] = order[kind].slice(0, needed[kind]);
  if (file.names !== undefined) {
    for (const [role, cell] of byName(kind, file.names, roles)) if (named[role] !== null) roles.set(role, cell);
  }
  if (!must.some((role) => roles.has(role))) {
    // A guess must not take a column that is needed: userID and friendID of a graph.
    if (file.width - roles.size < must.length)
      for (const role of roles.keys()) if (named[role] === undefined) roles.delete(role);
    const taken = new Set(roles.values());
    const left = Array.from({ length: file.width }, (_, cell) => cell).filter((cell) => !taken.has(cell));
    // Of a file with names, more than is needed is not taken on trust, but what makes pairs different is.
    const trusted = file.names === undefined ? wanted : wanted.filter((role) => must.includes(role) || role === 'same');
    for (const role of trusted) {
      const cell = roles.has(role) ? undefined : left.shift();
      if (cell !== undefined) roles.set(role, cell);
    }
  }
  for (const role of must) if (!roles.has(role)) throw missing(file, role, `that says ${JSON.stringify(role)}`);
  if (kind === 'pairs' && !roles.has('same') && named.same !== null) refuseUnusedSame(file, roles);
  return roles;
}

function byName(kind: FileKind, columns: readonly string[], given: ReadonlyMap<Role, number>): Map<Role, number> {
  const found = new Map(given);
  const known = columns.map(plain);
  for (const role of rolesOf(kind)) {
    if (found.has(role)) continue;
    const taken = new Set(found.values());
    const name = list[role].find((each) => known.some((column, cell) => column === each && !taken.has(cell)));
    if (name !== undefined)
      found.set(
        role,
        known.findIndex((column, cell) => column === name && !taken.has(cell)),
      );
  }
  return found;
}

/** How columns end that say how alike, not whether the same. */
const score = /(score|similarity|sim|distance|dist|rating|relatedness|cosine|grade)$/;

/** Without the column that says "different" all pairs would silently be the same. */
function refuseUnusedSame(file: TableStart, roles: ReadonlyMap<Role, number>): void {
  const taken = new Set(roles.values());
  for (let cell = 0; cell < file.width; cell++) {
    const cells = file.sample.map((row) => row[cell] ?? '');
    const values = cells.map(sameness);
    if (taken.has(cell) || values.length === 0) continue;
    const name = JSON.stringify(file.names?.[cell] ?? cell);
    const isScore = score.test(plain(file.names?.[cell] ?? ''));
    if (isScore && values.includes(-1) && cells.some((text) => text.trim() !== '' && !Number.isNaN(+text))) {
      throw refusal(
        `${file.path} has no column that says which pairs are the same; ${name} has scores, which pairs cannot have`,
        'Add a column "same" with 1 for pairs that are alike enough and 0 for the others, or say in the recipe that all are the same (same: null)',
      );
    }
    if (values.includes(-1) || !values.includes(0)) continue;
    throw refusal(
      `${file.path} has no column of a usual name that says which pairs are the same, but ${name} may`,
      `Name it (same: ${name}), or say that all pairs are the same (same: null)`,
    );
  }
}

function missing(file: TableStart, role: Role, which: string): Error {
  return refusal(
    `${file.path} has no column ${which}; it has ${columnsOf(file)}`,
    `Say which column is ${role}, by name or by position from 0`,
  );
}

/** Words for either, as messages name them. */
export const SAMENESS = '1 or 0, true or false, yes or no, same or different';

const yes = ['1', 'true', 'same', 'yes', 't', 'y', 'similar', 'match', 'positive', '1.0'];
const no = ['0', 'false', 'different', 'no', 'f', 'n', 'dissimilar', 'mismatch', 'negative', '0.0', '-1'];

/** 1: the same, 0: different, -1: not understood. Case is of no account. */
export function sameness(text: string): 0 | 1 | -1 {
  const word = text.trim().toLowerCase();
  return yes.includes(word) ? 1 : no.includes(word) ? 0 : -1;
}
