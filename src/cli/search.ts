import { existsSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { KindredError } from '../core/error.ts';
import { type Matrix, takeRows } from '../core/matrix.ts';
import { nearest } from '../core/nearest.ts';
import { Embedder } from '../encoders/embedder.ts';
import { imageFeed } from '../encoders/feeds/image.ts';
import { readPictures } from '../readers/folders.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { openIndex } from '../search/saved.ts';
import { countOption, cropOption, jsonOption, threadsOption } from './options.ts';
import { calledAs, printResult, table } from './output.ts';
import { pictureSize } from './pictures.ts';

interface Options {
  readonly k: number;
  readonly exact?: boolean;
  readonly crop?: 'detect';
  readonly threads: number;
  readonly json?: boolean;
}

export const searchCommand = (): Command =>
  new Command('search')
    .description('find the items of a run that are nearest to a picture')
    .argument('<run>', 'a folder that `kindred train` wrote')
    .argument('<query>', 'a picture file, or the id of an item of the run')
    .addOption(countOption('-k <n>', 'how many', 10))
    .option('--exact', 'compare with every item instead of following the index')
    .addOption(cropOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred search runs/photos ./new.jpg -k 5 --json')
    .action(search);

async function search(run: string, query: string, options: Options): Promise<void> {
  const { folder } = openRun(run);
  const index = await openIndex(runFiles(folder).index, { ...(options.exact && { exact: true }) });
  const { ids, labels, names, called } = await index.items();
  const self = isFile(query) ? -1 : ids.indexOf(query);
  const vector = self >= 0 ? takeRows(await index.vectors(), [self]) : await embedded(folder, query, ids, options);
  // An item of the index is its own nearest neighbour, which nobody wants to be told.
  const hits = (await index.search(vector, self >= 0 ? options.k + 1 : options.k))[0].filter(
    ({ position }) => position !== self,
  );
  const neighbours = hits.slice(0, options.k).map(({ id, position, distance }) => ({
    id,
    ...calledAs(called, position),
    distance,
    ...(labels && names && { class: names[labels[position]] }),
  }));
  printResult(options.json, { query, metric: index.metric, neighbours }, () =>
    table([
      ['', 'distance', ...(labels ? ['class'] : []), 'item', ...(called ? ['name'] : [])],
      ...neighbours.map(({ id, distance, name = '', class: group = '' }, i) => [
        i + 1,
        distance.toFixed(4),
        ...(labels ? [group] : []),
        id,
        ...(called ? [name] : []),
      ]),
    ]),
  );
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile();

async function embedded(
  folder: string,
  query: string,
  ids: readonly string[],
  { threads, crop }: Options,
): Promise<Matrix> {
  if (!isFile(query)) {
    const meant = nearest(query, ids.slice(0, 10_000));
    throw new KindredError({
      rule: 'A query is a picture file or the id of an item of the run',
      received: `${query}, which is neither`,
      next: meant === undefined ? `Ids look like "${ids[0]}"` : `Did you mean "${meant}"`,
      exitCode: 2,
    });
  }
  const embedder = await Embedder.open(runFiles(folder).model, { threads });
  try {
    const { pictures } = await readPictures(query, {
      ...pictureSize(embedder.input, runFiles(folder).model, crop),
      strict: true,
    });
    return await embedder.embed(imageFeed(pictures));
  } finally {
    await embedder.release();
  }
}
