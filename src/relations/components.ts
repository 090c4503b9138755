import { itemColumns, type Relations, rowCount } from './relations.ts';
import { UnionFind } from './union-find.ts';

/** Items that hang together through relations. */
export interface Components {
  /** The component of each item, numbered by their first items; -1 for items that nothing relates to any other. */
  readonly of: Int32Array;
  /** How many items each component has. */
  readonly sizes: Int32Array;
}

/**
 * Connected components: two items hang together where a row has both, whatever it says of them, or where both belong to
 * one query, share a group or share a tag. Of views each item stands alone.
 *
 * Memory: 12 bytes an item or query. Near linear in rows.
 */
export function components(relations: Relations): Components {
  const { items } = relations;
  const queries = 'queryIds' in relations ? relations.queryIds.length : 0;
  const sets = new UnionFind(items + queries);
  const alone = new Uint8Array(items).fill(1);
  join(relations, (a, b) => {
    if (a === b) return;
    sets.join(a, b);
    alone[a] = 0;
    if (b < items) alone[b] = 0;
  });
  const of = new Int32Array(items).fill(-1);
  // Sets are numbered by their lowest members, and queries come after items, so a set's number is its first item.
  const sizes: number[] = [];
  for (let item = 0; item < items; item++) {
    if (alone[item] === 1) continue;
    const root = sets.find(item);
    if (root === item) of[item] = sizes.push(0) - 1;
    else of[item] = of[root];
    sizes[of[item]]++;
  }
  return { of, sizes: Int32Array.from(sizes) };
}

/** Calls `link` with two items, or with an item and a query (which is numbered after the items). */
function join(relations: Relations, link: (item: number, other: number) => void): void {
  const { items } = relations;
  switch (relations.kind) {
    case 'views':
      return;
    case 'groups':
      joinMembers(relations.names.length, items, (item) => relations.labels.subarray(item, item + 1), link);
      return;
    case 'tags': {
      const { offsets, tags } = relations;
      joinMembers(relations.names.length, items, (item) => tags.subarray(offsets[item], offsets[item + 1]), link);
      return;
    }
  }
  const [first, ...others] = itemColumns(relations);
  if ('queryIds' in relations) {
    for (let row = 0; row < first.length; row++) link(first[row], items + relations.query[row]);
  }
  for (const other of others) {
    for (let row = 0; row < rowCount(relations); row++) link(first[row], other[row]);
  }
}

function joinMembers(
  names: number,
  items: number,
  namesOf: (item: number) => Int32Array,
  link: (item: number, other: number) => void,
): void {
  const first = new Int32Array(names).fill(-1);
  for (let item = 0; item < items; item++) {
    for (const name of namesOf(item)) {
      if (first[name] === -1) first[name] = item;
      else link(first[name], item);
    }
  }
}
