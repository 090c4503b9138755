import { Command } from 'commander';
import { row } from '../core/matrix.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { choose, scoresBy, unitRows } from '../search/recommend.ts';
import { openIndex } from '../search/saved.ts';
import { positionsOf } from './known-item.ts';
import { countOption, diversityOption, jsonOption } from './options.ts';
import { calledAs, printResult, table, whyMixed } from './output.ts';

interface Options {
  readonly k: number;
  readonly diversity: number;
  readonly json?: boolean;
}

export const relatedCommand = (): Command =>
  new Command('related')
    .description('list the items of a run that are most like one of them, for "people also watched"')
    .argument('<run>', 'a folder that `kindred train` wrote')
    .argument('<item>', 'the id of an item of the run')
    .addOption(countOption('-k <n>', 'how many', 10))
    .addOption(diversityOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ kindred related runs/cdml-lastfm 65 -k 20 --diversity 0.2 --json')
    .action(related);

async function related(run: string, item: string, { k, diversity, json }: Options): Promise<void> {
  const { folder } = openRun(run);
  const index = await openIndex(runFiles(folder).index, { exact: true });
  const { ids, called } = await index.items();
  const [self] = positionsOf([item], ids);
  const vectors = unitRows(await index.vectors());
  const scores = scoresBy(vectors, row(vectors, self));
  const found = choose(scores, (other) => other !== self, { k, diversity, vectors }).map((position) => ({
    id: ids[position],
    ...calledAs(called, position),
    cosine: scores[position],
  }));
  printResult(json, { item, related: found }, () =>
    [
      table([
        ['', 'cosine', 'item', ...(called ? ['name'] : [])],
        ...found.map(({ id, cosine, name = '' }, i) => [i + 1, cosine.toFixed(4), id, ...(called ? [name] : [])]),
      ]),
      ...whyMixed(diversity),
    ].join('\n'),
  );
}
