import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { heldBack } from '../../relations/held-back.ts';
import { readCells } from '../cells.ts';
import { type DataSet, defineDataSet, type Log, rowOptions, skippedRow } from '../data-set.ts';
import { linksOfLog } from '../links-of-log.ts';
import { readRelations } from '../relation-file.ts';
import { lookAtTable, readTable } from '../table.ts';
import { tagWeights } from '../tag-weights.ts';
import { tagsOf } from '../tags-of.ts';

/**
 * What people listened to (HetRec 2011, from Last.fm): artists, by `name` and, in one text, the `tags` that people gave them; with
 * the option `tagWeights` these as tf-idf too.
 *
 * The relation: `listens`, a list for each listener, graded by `log10(1 + plays)`; or `together`, an undirected graph of artists
 * that the same people listen to, by lift. The label `tag` holds the tags given to an artist `minimumTag` times or more.
 */
export const lastfm = defineDataSet({
  name: 'lastfm',
  about: '17,632 artists with tags, and 92,834 times that one of 1,892 people listened to one',
  folders: ['lastfm-hetrec2011', 'hetrec2011-lastfm-2k', 'lastfm'],
  source: 'https://grouplens.org/datasets/hetrec-2011, hetrec2011-lastfm-2k.zip (for research, not for commerce)',
  options: z.strictObject({
    relation: z
      .enum(['listens', 'together'])
      .default('listens')
      .describe('a list for each listener, or a graph of artists'),
    minimum: z.int().positive().default(3).describe('together: how many listeners two artists must share'),
    neighbours: z.int().positive().default(50).describe('together: how many links of each artist stay, the strongest'),
    people: heldBack.optional().describe('together: shares of the listeners that make no links; none by default'),
    tagWeights: z
      .int()
      .nonnegative()
      .default(0)
      .describe('how many of the most used tags are also a vector of each artist, the modality tagWeights'),
    minimumTag: z.int().positive().default(2).describe('how often an artist must have been given a tag'),
  }),
  async load(folder, { relation, minimum, neighbours, people, tagWeights: most, minimumTag }, how) {
    const options = rowOptions(how);
    const table = { separator: '\t', cells: 3, header: true };
    const artists = await readCells(join(folder, 'artists.dat'), table, options);
    const ids = artists.rows.map(([id]) => id);
    const listens = join(folder, 'user_artists.dat');
    const read =
      relation === 'listens'
        ? await fromListens(listens, ids, options)
        : await linksOfLog(await logOf(listens, { minimum, neighbours, people }), ids, 'artists that were listened to');
    const tags = await tagsOfArtists(folder, ids, minimumTag, options);
    return {
      items: {
        count: ids.length,
        ids,
        modalities: {
          name: { kind: 'text', texts: artists.rows.map(([, name]) => name) },
          tags: { kind: 'text', texts: tags.map((names) => names.join(', ')) },
          ...(most > 0 && { tagWeights: { kind: 'vector' as const, ...tagWeights(tags, most) } }),
        },
      },
      relations: read.relations,
      labels: { tag: tagsOf(tags) },
      ...(read.log && { log: read.log }),
      skipped: [...artists.skipped.map(skippedRow), ...read.skipped],
      notes: read.notes,
    };
  },
});

type Read = Pick<DataSet, 'relations' | 'log' | 'skipped' | 'notes'>;

async function fromListens(path: string, ids: readonly string[], options: object): Promise<Read> {
  const { relations, skipped } = await readRelations(path, {
    ...options,
    kind: 'lists',
    columns: { query: 0, item: 1, grade: 2, user: 0, weight: null },
    items: ids,
  });
  const grade = relations.grade.map((plays) => Math.log10(1 + plays));
  return { relations: { ...relations, grade }, skipped: skipped.map(skippedRow), notes: [] };
}

/** The log, whose copies without the line of names go around. */
async function logOf(path: string, limits: Pick<Log, 'minimum' | 'neighbours' | 'people'>): Promise<Log> {
  const { header, names } = await lookAtTable(path);
  const [user, item] = header ? names : ['column0', 'column1'];
  return { files: path, format: 'csv', header, user, item, link: { by: 'basket' }, weight: 'lift', ...limits };
}

/** The tags of each artist, the most often given first; from the original list of who gave which, or from one of counts. */
async function tagsOfArtists(folder: string, ids: readonly string[], minimum: number, options: object) {
  // In Latin-1, unlike the other files.
  const lines = readFileSync(join(folder, 'tags.dat'), 'latin1').split(/\r?\n/).slice(1);
  const names = new Map(lines.map((line) => line.split('\t') as [string, string]));
  const counted = join(folder, 'artist_tags.tsv');
  const hasCounts = existsSync(counted);
  const { rows, columns } = await readTable(hasCounts ? counted : join(folder, 'user_taggedartists.dat'), {
    ...options,
    columns: {
      artist: { type: 'text', from: 'artistID' },
      tag: { type: 'text', from: 'tagID' },
      ...(hasCounts && { count: { type: 'number' as const } }),
    },
  });
  const counts = new Map(ids.map((id) => [id, new Map<string, number>()]));
  for (let row = 0; row < rows; row++) {
    const name = names.get(columns.tag[row]);
    const of = counts.get(columns.artist[row]);
    if (name !== undefined)
      of?.set(name, (of.get(name) ?? 0) + ((columns as { count?: Float64Array }).count?.[row] ?? 1));
  }
  return ids.map((id) =>
    [...(counts.get(id) ?? [])]
      .filter(([, count]) => count >= minimum)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([name]) => name),
  );
}
