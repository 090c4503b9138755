import type { Groups } from '../../relations/groups.ts';
import type { Pictures } from '../../relations/items.ts';
import { type Html, html } from './html.ts';
import { metric } from './numbers.ts';
import { leftOut, section } from './section.ts';
import { thumbnail, thumbnailSize } from './thumbnail.ts';

/** A query and what lies nearest to it, by position in `pictures`. */
export interface QueryRow {
  readonly query: number;
  /** How many of the neighbours could be right: fewer than shown where the class is small. */
  readonly possible: number;
  /** Nearest first. */
  readonly neighbours: readonly { readonly item: number; readonly distance: number }[];
}

export interface Neighbours {
  /** Which queries were chosen, and how: `'9 queries at random, then the 3 with the fewest right neighbours'`. */
  readonly caption: string;
  /** Queries and neighbours alike. */
  readonly pictures: Pictures;
  /** The classes of `pictures`: a neighbour is right if it has the query's class. */
  readonly groups: Groups;
  readonly rows: readonly QueryRow[];
}

export async function neighboursSection(data: Neighbours | undefined): Promise<Html> {
  const heading = 'Queries and their nearest neighbours';
  if (data === undefined || data.rows.length === 0) return leftOut(heading, 'no queries were given');
  const { pictures, groups, rows } = data;
  const size = thumbnailSize(pictures);
  const items = [...new Set(rows.flatMap((row) => [row.query, ...row.neighbours.map((n) => n.item)]))];
  const uris = new Map(await Promise.all(items.map(async (item) => [item, await thumbnail(pictures, item)] as const)));
  const name = (item: number) => groups.names[groups.labels[item]];
  const isRight = (row: QueryRow, item: number) => groups.labels[item] === groups.labels[row.query];
  const image = (item: number) =>
    html`<img src="${uris.get(item)}" alt="${pictures.ids[item]}" title="${pictures.ids[item]}" width="${Math.round(size.wide)}" height="${Math.round(size.wide / size.ratio)}">`;
  const query = (row: QueryRow) => {
    const hits = row.neighbours.filter(({ item }) => isRight(row, item)).length;
    return html`<div class="query">${image(row.query)}<div><b>${name(row.query)}</b><span>${hits} of ${row.possible} right</span></div></div>`;
  };
  const neighbour = (item: number, distance: number, right: boolean) =>
    html`<li class="${right ? 'right' : 'wrong'}">${image(item)}<span class="class">${name(item)}</span>${right ? yes : no} <span class="distance">${metric(distance)}</span></li>`;
  return section(heading, [
    html`<p>${data.caption}. <span class="yes">✓</span> and a solid frame: the query’s class; <span class="no">✗</span> and a dashed frame: another. The number is the distance.</p>`,
    html`<ol class="queries${size.exact ? ' exact' : ''}" style="--wide:${Math.round(size.wide)}px;--narrow:${Math.round(size.narrow)}px">${rows.map(
      (row) =>
        html`<li>${query(row)}<ol>${row.neighbours.map((n) => neighbour(n.item, n.distance, isRight(row, n.item)))}</ol></li>\n`,
    )}</ol>`,
  ]);
}

const yes = html`<span class="yes" role="img" aria-label="right">✓</span>`;
const no = html`<span class="no" role="img" aria-label="wrong">✗</span>`;
