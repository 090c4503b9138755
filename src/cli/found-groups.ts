import { extname } from 'node:path';
import { must } from '../core/error.ts';
import { writeAtomically } from '../core/files.ts';
import { type ClusteringQuality, clusteringQuality } from '../evaluation/clustering.ts';
import { count, counted, metric } from '../runs/page/numbers.ts';
import { table } from './output.ts';

/** Items that were found to belong together. */
export interface FoundGroup {
  /** From 1, the largest first; of equal ones that of the earlier item. */
  readonly group: number;
  readonly size: number;
  readonly items: readonly string[];
}

/** Items by their group. @param numbers - the group of each item, any numbers */
export function foundGroups(ids: readonly string[], numbers: ArrayLike<number>): FoundGroup[] {
  const members = new Map<number, string[]>();
  for (const [i, id] of ids.entries()) {
    const items = members.get(numbers[i]);
    if (items === undefined) members.set(numbers[i], [id]);
    else items.push(id);
  }
  return [...members.values()]
    .sort((a, b) => b.length - a.length)
    .map((items, i) => ({ group: i + 1, size: items.length, items }));
}

/** What is known of items before: a class for each. */
export interface KnownClasses {
  /** What says so, such as `the sub-folders`. */
  readonly by: string;
  readonly of: readonly string[];
}

/** The classes that ids speak of, as `CLASS/picture.jpg`; undefined where one lies in no folder, or all in the same. */
export function classesInIds(ids: readonly string[]): KnownClasses | undefined {
  const of = ids.map((id) => id.slice(0, Math.max(0, id.indexOf('/'))));
  return of.includes('') || new Set(of).size < 2 ? undefined : { by: 'the sub-folders', of };
}

/** How well groups agree with the known classes. */
export function qualityBy({ of }: KnownClasses, numbers: ArrayLike<number>): ClusteringQuality {
  const names = [...new Set(of)];
  const places = new Map(names.map((name, i) => [name, i]));
  return clusteringQuality(
    of.map((name) => places.get(name) as number),
    numbers,
  );
}

const GROUPS_SHOWN = 20;
const ITEMS_SHOWN = 3;

/** Groups for people: the largest, with their first items. `ends` says where groups end. */
export function groupsText(
  groups: readonly FoundGroup[],
  {
    ends,
    known,
  }: { readonly ends: string; readonly known?: { readonly by: string; readonly quality: ClusteringQuality } },
): string {
  const items = groups.reduce((sum, { size }) => sum + size, 0);
  const alone = groups.filter(({ size }) => size === 1).length;
  const several = groups.filter(({ size }) => size > 1);
  const shown = several.slice(0, GROUPS_SHOWN);
  return [
    `${counted(items, 'items')} in ${counted(groups.length, 'groups')}, ${ends}; ${count(alone)} of them with one item`,
    ...(shown.length === 0 ? [] : ['', table([['group', 'size', 'items'], ...shown.map(rowOf)])]),
    ...(several.length > shown.length ? [`and ${counted(several.length - shown.length, 'smaller groups')}`] : []),
    ...(known === undefined ? [] : ['', qualityText(known)]),
  ].join('\n');
}

const rowOf = ({ group, size, items }: FoundGroup) => [
  group,
  size,
  `${items.slice(0, ITEMS_SHOWN).join('  ')}${size > ITEMS_SHOWN ? `  and ${count(size - ITEMS_SHOWN)} more` : ''}`,
];

function qualityText({ by, quality }: { readonly by: string; readonly quality: ClusteringQuality }): string {
  const { classes, bCubed, pairwise, nmi, ami } = quality;
  const shares = ({ precision, recall, f1 }: typeof bCubed) => [metric(precision), metric(recall), metric(f1)];
  return [
    `Against ${by}, ${counted(classes, 'classes')}:`,
    '',
    table([
      ['', 'precision', 'recall', 'F1'],
      ['B-cubed', ...shares(bCubed)],
      ['pairs', ...shares(pairwise)],
    ]),
    '',
    `NMI ${metric(nmi)}   AMI ${metric(ami)}`,
  ].join('\n');
}

type Write = (path: string, groups: readonly FoundGroup[], classOf: ReadonlyMap<string, string> | undefined) => void;

const quoted = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const formats: Readonly<Record<string, Write>> = {
  '.csv': (path, groups, classOf) => {
    const rows = groups.flatMap(({ group, items }) =>
      items.map((item) => [item, `${group}`, ...(classOf ? [classOf.get(item) as string] : [])]),
    );
    const lines = [['item', 'group', ...(classOf ? ['class'] : [])], ...rows];
    writeAtomically(path, lines.map((row) => `${row.map(quoted).join(',')}\n`).join(''));
  },
  '.jsonl': (path, groups, classOf) => {
    const rows = groups.flatMap(({ group, items }) =>
      items.map((item) => ({ item, group, ...(classOf && { class: classOf.get(item) }) })),
    );
    writeAtomically(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  },
};

/** What writes groups to a file, a row for each item, by its ending: `.csv` or `.jsonl`. Refuses others. */
export function groupsWriter(
  path: string,
): (groups: readonly FoundGroup[], ids: readonly string[], known?: KnownClasses) => void {
  const write = formats[extname(path).toLowerCase()];
  must(write !== undefined, () => ({
    rule: `Groups are written as ${Object.keys(formats).join(' or ')}`,
    received: path,
    next: 'Give the file one of these endings',
    exitCode: 2,
  }));
  return (groups, ids, known) => write(path, groups, known && new Map(ids.map((id, i) => [id, known.of[i]])));
}
