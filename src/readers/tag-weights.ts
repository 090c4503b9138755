import { type Matrix, matrix, row, toUnitLength } from '../core/matrix.ts';

/**
 * The tags of items as vectors: a column for each of the `most` that the most items have, others are left out. The weight of an
 * item's r-th tag, from 0, is `log(items with tags / items with this tag) / sqrt(1 + r)`, and rows are scaled to length 1. So products
 * are cosines of tf-idf, by rank instead of count. A row of NaN is an item without any of these tags.
 *
 * @param named the tags of each item, the most important first, each once
 * @param ranked whether their order says so; without it every `r` is 0
 */
export function tagWeights(named: readonly (readonly string[])[], most: number, { ranked = true } = {}): Matrix {
  const counts = new Map<string, number>();
  for (const list of named) for (const name of list) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = named.reduce((sum, list) => sum + Number(list.length > 0), 0);
  const used = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most);
  const column = new Map(used.map(([name, count], i) => [name, { i, rarity: Math.log(all / count) }]));
  const weights = matrix(named.length, used.length);
  named.forEach((list, item) => {
    const own = row(weights, item);
    list.forEach((name, rank) => {
      const known = column.get(name);
      if (known !== undefined) own[known.i] = known.rarity / Math.sqrt(1 + (ranked ? rank : 0));
    });
    if (toUnitLength(own) === 0) own.fill(Number.NaN);
  });
  return weights;
}
