import { z } from 'zod';
import { cooccurrenceOptions } from '../../relations/cooccurrence.ts';

const share = z.number().min(0).max(0.9);
const side = z.int().min(8).max(512);
const path = z.string().min(1);
const paths = z.union([path, z.array(path).min(1)]).describe('a file, several, or patterns such as logs/*.csv');
const column = z.union([z.string().min(1), z.int().nonnegative()]);
const shares = {
  validation: share.default(0.15).describe('share for choosing'),
  test: share.default(0.15).describe('share for reporting'),
};
const pictureShape = {
  height: side.describe('pixels; pictures are cut and scaled to it'),
  width: side,
  channels: z.union([z.literal(1), z.literal(3)]).describe('1: grey, 3: colour'),
};
const soundShape = {
  rate: z.int().min(1000).max(192_000).default(16_000).describe('samples a second that sounds are brought to'),
  seconds: z.number().positive().optional().describe('at most so much of each, from its beginning'),
};

const idx = z.strictObject({
  reader: z.literal('idx'),
  folder: path.describe('holds {train,validation,test}-{images-idx3,labels-idx1}-ubyte.gz'),
  names: z.array(z.string()).optional().describe('what the classes are called, in order of their number'),
});
const folders = z.strictObject({
  reader: z.literal('folders'),
  folder: path.describe('one subfolder of pictures for each class'),
  ...pictureShape,
  split: z.strictObject({
    by: z
      .enum(['item', 'group'])
      .describe('item: classes are in all three parts; group: test classes are never trained on'),
    ...shares,
  }),
  limit: z.int().positive().optional().describe('at most so many pictures of each class'),
  crop: z
    .union([z.number().min(0.1).max(1), z.literal('detect')])
    .optional()
    .describe(
      'the share of rows and columns, in the middle, that is looked at; detect: the largest face, turned upright',
    ),
});
const omniglot = z.strictObject({
  reader: z.literal('omniglot').describe('the data set of that name, found below KINDRED_DATA'),
  size: z.int().min(8).max(105).default(28).describe('rows and columns that the drawings are scaled to'),
  rotations: z
    .boolean()
    .default(true)
    .describe('characters turned by 90, 180, 270 degrees become new training classes'),
  validationAlphabets: z.int().positive().default(5).describe('background alphabets held out for choosing'),
});

/** What holds for any relation. */
const learning = {
  learn: z
    .string()
    .optional()
    .describe('relations: as given; views: only other looks of each item; or the name of a label of the items'),
  policy: z
    .enum(['error', 'drop', 'majority', 'keep'])
    .default('error')
    .describe('what becomes of contradictions, cycles, duplicates and self-relations'),
  notion: z.string().optional().describe('the one notion of similarity to learn, where rows speak of several'),
  split: z
    .strictObject({
      by: z.enum(['item', 'component', 'group', 'row', 'user', 'time', 'query']).describe('what is divided'),
      group: z.string().optional().describe('by group: the label whose groups are divided'),
      ...shares,
    })
    .optional(),
};

const itemColumns = z.strictObject({
  id: column.optional().describe('the name of each item; its line unless given'),
  texts: z.record(z.string(), column).optional().describe('columns of text, by the name of the modality'),
  vectors: z
    .record(z.string(), z.union([column, z.array(column).min(1), z.strictObject({ prefix: z.string().min(1) })]))
    .optional()
    .describe('columns of numbers or of lists, by the name of the modality'),
  image: z
    .strictObject({ from: column, ...pictureShape })
    .optional()
    .describe('a column of picture files'),
  sound: z
    .strictObject({ from: column, ...soundShape })
    .optional()
    .describe('a column of sound files'),
  group: column.optional().describe('a column of labels'),
  tags: z
    .strictObject({ from: column, separator: z.string().min(1).optional() })
    .optional()
    .describe('a column of tags'),
});

const items = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pictures'), path, ...pictureShape, limit: z.int().positive().optional() }),
  z.strictObject({ kind: z.literal('sounds'), path, ...soundShape }),
  z.strictObject({ kind: z.literal('texts'), path: paths, per: z.enum(['line', 'file', 'words']).default('line') }),
  z.strictObject({
    kind: z.literal('vectors'),
    path,
    labels: z
      .strictObject({ path, column: column.default(0), header: z.boolean().optional() })
      .optional()
      .describe('a table with the label of each row, in the same order'),
  }),
  z.strictObject({ kind: z.literal('svmlight'), path, query: path.optional() }),
  z.strictObject({ kind: z.literal('table'), path: paths, columns: itemColumns, header: z.boolean().optional() }),
  z
    .strictObject({
      kind: z.literal('from-relations'),
      folder: path
        .optional()
        .describe('where the files lie that the relations name; beside the relations unless given'),
      image: z.strictObject(pictureShape).optional().describe('what the relations name are picture files'),
      sound: z.strictObject(soundShape).optional().describe('what the relations name are sound files'),
      features: z.literal('none').optional().describe('what the relations name are nothing but ids'),
    })
    .describe('the items are what the relations name: texts, unless image or sound says that these are files'),
]);

const rows = {
  path: paths,
  columns: z.record(z.string(), column.nullable()).optional().describe('which column says what'),
  header: z.boolean().optional().describe('whether the first line names the columns; found out unless given'),
};
const relations = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pairs'),
    ...rows,
    others: z.enum(['unknown', 'different']).optional().describe('what pairs are that no row names'),
  }),
  z.strictObject({ kind: z.literal('triplets'), ...rows }),
  z.strictObject({ kind: z.literal('graph'), ...rows, directed: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('preferences'), ...rows }),
  z.strictObject({ kind: z.literal('lists'), ...rows }),
  cooccurrenceOptions.omit({ strict: true, threads: true }).extend({ kind: z.literal('log') }),
]);

const files = z.strictObject({
  reader: z.literal('files'),
  items: items.describe('what is embedded'),
  relations: relations.optional().describe('what is known of it; the labels of the items unless given'),
  ...learning,
});

const dataSet = z.strictObject({
  reader: z.literal('data-set'),
  name: z.string().min(1).describe('one of `kindred inspect`, found below KINDRED_DATA'),
  options: z.record(z.string(), z.unknown()).default({}).describe('its own options'),
  ...learning,
});

/** What a recipe learns from. */
export const dataSchema = z.discriminatedUnion('reader', [idx, folders, omniglot, files, dataSet]);

export type DataRecipe = z.output<typeof dataSchema>;
export type FilesRecipe = z.output<typeof files>;
/** The same as people write it: what has a default may be left out. */
export type FilesInput = z.input<typeof files>;
export type DataInput = z.input<typeof dataSchema>;
