import { join } from 'node:path';
import { z } from 'zod';
import { readCells } from '../cells.ts';
import { defineDataSet, rowOptions, skippedRow } from '../data-set.ts';
import { readRelations } from '../relation-file.ts';
import { tagWeights } from '../tag-weights.ts';
import { tagsOf } from '../tags-of.ts';
import { readTextLines } from '../text-corpus.ts';

/**
 * Music videos and which ones the site showed as related to which, throughout two months (Wu, Rizoiu and Xie 2019): a
 * directed graph; `title` is a text. The label `artist` is what stands before ` - ` in the title, in lower case; `tag` are the
 * artist's tags of MusicBrainz. Both are known of some videos only. With the option `tagWeights` these tags, and the artist's country, are
 * vectors too.
 */
export const vevo = defineDataSet({
  name: 'vevo',
  about: '60,740 music videos with titles and 52,758 links between related ones',
  folders: ['vevo-youtube-network', 'vevo'],
  source:
    'https://github.com/avalanchesiqi/networked-popularity, data (MIT licence): vevo_en_embeds_60k.txt, persistent_network.csv and artist_details.json',
  options: z.strictObject({
    tagWeights: z
      .int()
      .nonnegative()
      .default(0)
      .describe('how many of the most used tags are also a vector of each video, the modality tagWeights'),
  }),
  async load(folder, { tagWeights: most }, how) {
    const options = rowOptions(how);
    const table = { separator: ',', cells: 3, header: false };
    const videos = await readCells(join(folder, 'vevo_en_embeds_60k.txt'), table, options);
    const links = await readRelations(join(folder, 'persistent_network.csv'), {
      ...options,
      kind: 'graph',
      directed: true,
      items: videos.rows.map(([number]) => number),
    });
    const details = await detailsOfArtists(join(folder, 'artist_details.json'));
    const titles = videos.rows.map(([, , title]) => title);
    const artists = titles.map((title) => {
      const end = title.indexOf(' - ');
      return end > 0 ? [title.slice(0, end).trim().toLowerCase()] : [];
    });
    return {
      items: {
        count: videos.rows.length,
        ids: videos.rows.map(([, id]) => id),
        modalities: {
          title: { kind: 'text', texts: titles },
          ...(most > 0 && {
            tagWeights: {
              kind: 'vector' as const,
              ...tagWeights(
                artists.map(([artist]) => said(details.get(artist))),
                most,
              ),
            },
          }),
        },
      },
      relations: links.relations,
      labels: { artist: tagsOf(artists), tag: tagsOf(artists.map(([artist]) => details.get(artist)?.tags ?? [])) },
      skipped: [...videos.skipped, ...links.skipped].map(skippedRow),
      notes: [],
    };
  },
});

interface Artist {
  readonly query: string;
  readonly country?: string | null;
  readonly 'tag-dict'?: Readonly<Record<string, number>>;
}

interface Details {
  readonly tags: readonly string[];
  /** How often each was given. */
  readonly counts: readonly number[];
  readonly country?: string;
}

/** The country and the tags of an artist, those given most often first. */
function said(details?: Details): string[] {
  if (details === undefined) return [];
  const order = [...details.tags.keys()].sort((a, b) => details.counts[b] - details.counts[a] || a - b);
  return [...(details.country ? [`from ${details.country}`] : []), ...order.map((i) => details.tags[i])];
}

/** By the name that titles have. Artists that cannot be read have none. */
async function detailsOfArtists(path: string): Promise<Map<string, Details>> {
  const { items } = await readTextLines(path);
  const { texts } = items.modalities.text as { texts: readonly string[] };
  return new Map(
    texts.flatMap((line) => {
      try {
        const artist = JSON.parse(line) as Artist;
        const given = artist['tag-dict'] ?? {};
        const { country } = artist;
        const details = { tags: Object.keys(given), counts: Object.values(given), ...(country && { country }) };
        return [[artist.query.toLowerCase(), details]];
      } catch {
        return [];
      }
    }),
  );
}
