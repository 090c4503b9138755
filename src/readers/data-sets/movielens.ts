import { join } from 'node:path';
import { z } from 'zod';
import { heldBack } from '../../relations/held-back.ts';
import { type DataSet, defineDataSet, type Log, rowOptions, skippedRow } from '../data-set.ts';
import { linksOfLog } from '../links-of-log.ts';
import { readRelations } from '../relation-file.ts';
import { readTable } from '../table.ts';
import { tagWeights } from '../tag-weights.ts';
import { tagsOf } from '../tags-of.ts';

/**
 * Films and what people thought of them (Harper and Konstan 2015). Titles are texts; the labels are `genre`, and `tag`, what people called a
 * film, in lower case. With the options `genreWeights` and `tagWeights` these are vectors too, by tf-idf.
 *
 * The relation: `ratings`, a graded list for each person, 0.5 to 5 stars, with times; or `together`, an undirected graph of the films that
 * the same people gave `least` stars or more.
 */
export const movielens = defineDataSet({
  name: 'movielens',
  about: '100,836 ratings of 9,742 films by 610 people, with titles, genres and tags',
  folders: ['ml-latest-small', 'movielens'],
  source: 'https://grouplens.org/datasets/movielens, ml-latest-small.zip (free for research, not for commerce)',
  options: z.strictObject({
    relation: z
      .enum(['ratings', 'together'])
      .default('ratings')
      .describe('a list for each person, or a graph of films'),
    least: z.number().default(4).describe('together: how many stars make a film liked'),
    weight: z.enum(['lift', 'cosine', 'pmi', 'count']).default('lift').describe('together: how links are weighed'),
    minimum: z.int().positive().default(3).describe('together: how many people must like both films'),
    neighbours: z.int().positive().default(50).describe('together: how many links of each film stay, the strongest'),
    people: heldBack.optional().describe('together: shares of the people that make no links; none by default'),
    genreWeights: z.boolean().default(false).describe('whether genres are also a vector of each film, genreWeights'),
    tagWeights: z
      .int()
      .nonnegative()
      .default(0)
      .describe('how many of the most used tags are also a vector of each film, the modality tagWeights'),
  }),
  async load(folder, { relation, least, weight, minimum, neighbours, people, ...vectors }, how) {
    const options = rowOptions(how);
    const films = await readTable(join(folder, 'movies.csv'), {
      ...options,
      columns: { id: { type: 'id', from: 'movieId' }, title: { type: 'text' }, genres: { type: 'list' } },
    });
    const { id: ids, title, genres } = films.columns;
    const path = join(folder, 'ratings.csv');
    const read =
      relation === 'ratings'
        ? await fromRatings(path, ids, options)
        : await linksOfLog(logOf(path, { least, weight, minimum, neighbours, people }), ids, 'films that were rated');
    const called = await readTable(join(folder, 'tags.csv'), {
      ...options,
      columns: { film: { type: 'text', from: 'movieId' }, tag: { type: 'text' } },
    });
    const position = new Map(ids.map((id, i) => [id, i]));
    const tags = ids.map((): string[] => []);
    for (const [i, film] of called.columns.film.entries()) {
      const at = position.get(film);
      if (at !== undefined) tags[at].push(called.columns.tag[i].toLowerCase());
    }
    const named = genres.map((names) => names.filter((name) => name !== '(no genres listed)'));
    return {
      items: {
        count: films.rows,
        ids,
        modalities: {
          title: { kind: 'text', texts: title },
          ...(vectors.genreWeights && {
            genreWeights: { kind: 'vector' as const, ...tagWeights(named, GENRES, { ranked: false }) },
          }),
          ...(vectors.tagWeights > 0 && {
            tagWeights: { kind: 'vector' as const, ...tagWeights(tags.map(byCount), vectors.tagWeights) },
          }),
        },
      },
      relations: read.relations,
      labels: { genre: tagsOf(named), tag: tagsOf(tags) },
      ...(read.log && { log: read.log }),
      skipped: [...[films, called].flatMap(({ skipped }) => skipped.map(skippedRow)), ...read.skipped],
      notes: read.notes,
    };
  },
});

/** More than there are. */
const GENRES = 64;

type Read = Pick<DataSet, 'relations' | 'log' | 'skipped' | 'notes'>;

async function fromRatings(path: string, ids: readonly string[], options: object): Promise<Read> {
  const { relations, skipped } = await readRelations(path, {
    ...options,
    kind: 'lists',
    columns: { query: 'userId', item: 'movieId', grade: 'rating', user: 'userId', time: 'timestamp' },
    items: ids,
  });
  return { relations, skipped: skipped.map(skippedRow), notes: [] };
}

const logOf = (
  files: string,
  { least, ...limits }: Pick<Log, 'weight' | 'minimum' | 'neighbours' | 'people'> & { readonly least: number },
): Log => ({
  ...{ files, user: 'userId', item: 'movieId', time: 'timestamp', liked: { column: 'rating', least } },
  ...{ link: { by: 'basket' }, ...limits },
});

/** Each tag once, those given most often first. */
function byCount(tags: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([tag]) => tag);
}
