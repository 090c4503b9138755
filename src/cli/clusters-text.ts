import { type LevelMeasure, sizesOf } from '../relations/clustering/measure-tree.ts';
import { type ClusterTree, parents } from '../relations/clustering/tree.ts';
import { nameOf } from '../relations/item-names.ts';
import type { Items } from '../relations/items.ts';
import { counted } from '../runs/page/numbers.ts';
import { table } from './output.ts';

/** A cluster of the level before the last, with some of those below it. */
interface Example {
  readonly level: number;
  readonly cluster: number;
  readonly size: number;
  /** Ids. */
  readonly items: readonly string[];
  /** What these items are called, where they have a short text. */
  readonly names?: readonly string[];
  readonly within: readonly Example[];
}

interface Report {
  readonly method: string;
  readonly items: number;
  readonly clustered: number;
  readonly levels: readonly ({ readonly level: number } & LevelMeasure)[];
  readonly examples: readonly Example[];
  readonly file?: string;
}

/** How many clusters are shown of each. */
const SHOWN = 3;

/** The largest clusters of the coarsest level, and what is within them down to the finest. */
export function examplesOf({ levels }: ClusterTree, all: Items): Example[] {
  const describe = (level: number, cluster: number): Example => {
    const shown: number[] = [];
    levels[level].forEach((of, item) => {
      if (of === cluster && shown.length < SHOWN) shown.push(item);
    });
    const items = shown.map((item) => all.ids[item]);
    const names = shown.map((item) => nameOf(all, item));
    const below = level === 0 ? [] : childrenOf(levels[level - 1], levels[level], cluster);
    return {
      ...{ level, cluster, size: sizesOf(levels[level])[cluster], items },
      ...(names.some((name) => name !== '') && { names }),
      within: below.slice(0, SHOWN).map((child) => describe(level - 1, child)),
    };
  };
  const top = levels.length - 1;
  const bySize = [...sizesOf(levels[top]).entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return bySize.slice(0, SHOWN).map(([cluster]) => describe(top, cluster));
}

/** The clusters below one, the largest first. */
function childrenOf(level: Int32Array, above: Int32Array, cluster: number): number[] {
  const sizes = sizesOf(level);
  return [...parents(level, above).entries()]
    .filter(([, parent]) => parent === cluster)
    .map(([child]) => child)
    .sort((a, b) => sizes[b] - sizes[a] || a - b);
}

export function clustersText({ method, items, clustered, levels, examples, file }: Report): string {
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const rows = levels.map(({ level, clusters, sizes, cut, modularity }) => [
    ...[level, clusters.toLocaleString('en'), sizes.least, sizes.median, sizes.most],
    ...[cut === undefined ? '' : share(cut.share), modularity === undefined ? '' : modularity.toFixed(3)],
  ]);
  const called = ({ items, names }: Example) =>
    items.map((id, i) => (names?.[i] ? `${names[i]} (${id})` : id)).join(' | ');
  const lines = (each: Example, depth: number): string[] => [
    `${'  '.repeat(depth)}level ${each.level}, ${counted(each.size, 'items')}: ${called(each)}${each.size > each.items.length ? ' ...' : ''}`,
    ...each.within.flatMap((inner) => lines(inner, depth + 1)),
  ];
  return [
    `${clustered.toLocaleString('en')} of ${counted(items, 'items')} are in clusters, by ${method}`,
    '',
    table([['level', 'clusters', 'least', 'median', 'most', 'weight cut', 'modularity'], ...rows]),
    '',
    'the largest clusters, and what is within them',
    ...examples.flatMap((each) => lines(each, 1)),
    ...(file === undefined ? [] : ['', `file  ${file}`]),
  ].join('\n');
}
