import { z } from 'zod';
import { members, takeGroups } from '../../relations/groups.ts';
import { itemsOf, takePictures } from '../../relations/items.ts';
import { defineDataSet } from '../data-set.ts';
import { readFolders } from '../folders.ts';

/**
 * Faces of people in the news (Huang et al. 2007): groups by person. Pictures are 250 x 250; those of the aligned variant
 * (LFW-a) are grey. The whole set may lie there too: people with few pictures are left out.
 */
export const lfw10 = defineDataSet({
  name: 'lfw10',
  about: 'faces of 158 people in the news with at least ten pictures each',
  folders: ['lfw10', 'lfw'],
  source:
    'http://vis-www.cs.umass.edu/lfw (Labeled Faces in the Wild; for research), a folder of pictures for each person',
  options: z.strictObject({
    size: z.int().min(8).max(250).default(96).describe('rows and columns that the pictures are scaled to'),
    crop: z
      .union([z.number().min(0.1).max(1), z.literal('detect')])
      .default(1)
      .describe(
        'the share of rows and columns, in the middle, that is looked at: 0.5 is little more than the face; detect: the face, found and turned upright',
      ),
    channels: z
      .union([z.literal(1), z.literal(3)])
      .default(1)
      .describe('1: grey, 3: colour'),
    minimum: z.int().positive().default(10).describe('people with fewer pictures are left out'),
  }),
  async load(folder, { size, crop, channels, minimum }, { strict = false, progress }) {
    const read = await readFolders(folder, { height: size, width: size, channels, crop, strict, progress });
    const people = members(read.groups);
    const enough = people.filter((items) => items.length >= minimum).length;
    const kept = Int32Array.from(read.groups.labels.keys()).filter(
      (item) => people[read.groups.labels[item]].length >= minimum,
    );
    const all = kept.length === read.pictures.count;
    const few = people.length - enough;
    return {
      items: itemsOf(all ? read.pictures : takePictures(read.pictures, kept)),
      relations: { kind: 'groups', items: kept.length, ...takeGroups(read.groups, kept) },
      skipped: read.skipped,
      notes: few === 0 ? [] : [`${few} people with fewer than ${minimum} pictures were left out`],
    };
  },
});
