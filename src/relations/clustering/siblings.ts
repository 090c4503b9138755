import { isLinked } from '../adjacency.ts';
import type { Neighbourhood, Strangers } from '../neighbourhood.ts';
import type { ClusterTree } from './tree.ts';

/**
 * The items of sibling clusters: those of other clusters of the finest level under the same ancestor, `level + 1` levels up, that are not
 * linked with the item in either direction. Above the last level all clusters have one ancestor. An item that has none on this
 * level has those of the next one that has some; an item in no cluster has none.
 */
export function siblingsOf(
  { items, levels }: ClusterTree,
  { from, to }: Neighbourhood,
  { level, candidates }: { readonly level: number; readonly candidates: Int32Array },
): Strangers {
  const [own] = levels;
  const inside = candidates.filter((item) => own[item] >= 0);
  const root = new Int32Array(items);
  // Each ancestor as a range of the candidates in an order of its own.
  const lists = Array.from({ length: Math.max(1, levels.length - level) }, (_, up) =>
    membersBy(levels[level + 1 + up] ?? root, inside),
  );
  const fits = (item: number, other: number) =>
    own[other] !== own[item] && !isLinked(from, item, other) && (to === from || !isLinked(to, item, other));
  const heights = new Int8Array(items).fill(-2);
  /** How far up the first sibling is found: -1 where there is none at all. */
  const heightOf = (item: number): number => {
    if (heights[item] === -2) {
      heights[item] =
        own[item] < 0 ? -1 : lists.findIndex(({ of, members }) => members[of[item]].some((other) => fits(item, other)));
    }
    return heights[item];
  };
  return {
    has: (item) => heightOf(item) >= 0,
    draw(item, random) {
      const { of, members } = lists[heightOf(item)];
      const list = members[of[item]];
      for (let attempt = 0; attempt < 64; attempt++) {
        const other = list[random.integer(list.length)];
        if (fits(item, other)) return other;
      }
      const rest = list.filter((other) => fits(item, other));
      return rest[random.integer(rest.length)];
    },
  };
}

function membersBy(of: Int32Array, candidates: Int32Array) {
  const members: number[][] = [];
  for (const item of candidates) {
    while (members.length <= of[item]) members.push([]);
    members[of[item]].push(item);
  }
  return { of, members: members.map((list) => Int32Array.from(list)) };
}
