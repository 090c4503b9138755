import { Command, Option } from 'commander';
import { must } from '../core/error.ts';
import { type Matrix, matrix, row } from '../core/matrix.ts';
import { type Likes, readLikes } from '../readers/people-table.ts';
import { readTextLines } from '../readers/text-corpus.ts';
import type { Texts } from '../relations/items.ts';
import { openRun, runFiles } from '../runs/files.ts';
import { counted } from '../runs/page/numbers.ts';
import { choose, profile, scoresBy, scoresByPeople, unitRows } from '../search/recommend.ts';
import { latest } from '../search/recommenders.ts';
import { openIndex } from '../search/saved.ts';
import { listed, positionsOf } from './known-item.ts';
import { countOption, diversityOption, jsonOption, shareOf } from './options.ts';
import { calledAs, printResult, table, whyMixed } from './output.ts';

interface Options {
  readonly history: string;
  readonly k: number;
  readonly decay: number;
  readonly recent?: number;
  readonly diversity: number;
  readonly people?: string;
  readonly neighbours: number;
  readonly liked?: number;
  readonly only?: string;
  readonly without?: string;
  readonly json?: boolean;
}

export const recommendCommand = (): Command =>
  new Command('recommend')
    .description('recommend items of a run to somebody, by what they have seen')
    .argument('<run>', 'a folder that `kindred train` wrote')
    .requiredOption('--history <ids>', 'what they have seen, the oldest first: a,b,c')
    .addOption(countOption('-k <n>', 'how many', 10))
    .addOption(
      new Option('--decay <share>', 'what each item of the history weighs beside the one after it')
        .argParser(shareOf('above 0, up to 1', (value) => value > 0 && value <= 1))
        .default(1),
    )
    .addOption(countOption('--recent <n>', 'only the last so many items of the history count; all by default'))
    .addOption(diversityOption())
    .option('--people <file>', 'a table of user and item: recommend what people of similar taste liked')
    .addOption(countOption('--neighbours <n>', 'how many such people are asked', 20))
    .addOption(
      new Option('--liked <grade>', 'of that table: rows with a smaller grade are no likes').argParser(
        shareOf('', Number.isFinite),
      ),
    )
    .option('--only <file>', 'recommend nothing but these, one id a line')
    .option('--without <ids>', 'never recommend these: a,b,c')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ kindred recommend runs/cdml-lastfm --history 65,227,190 --decay 0.9 -k 20 --json',
    )
    .action(recommend);

async function recommend(run: string, options: Options): Promise<void> {
  const { k, decay, recent, diversity } = options;
  const { folder } = openRun(run);
  const index = await openIndex(runFiles(folder).index, { exact: true });
  const { ids, called } = await index.items();
  const history = positionsOf(listed(options.history), ids);
  const vectors = unitRows(await index.vectors());
  const mine = profile(vectors, latest(history, recent), decay);
  const asked = options.people === undefined ? undefined : await tastes(options.people, ids, vectors, options.liked);
  const scores =
    asked === undefined
      ? scoresBy(vectors, mine)
      : scoresByPeople(mine, ids.length, { people: options.neighbours, ...asked });
  const never = new Set([...history, ...positionsOf(listed(options.without ?? ''), ids)]);
  const only = options.only === undefined ? undefined : new Set(positionsOf(await linesOf(options.only), ids));
  // Of what nobody of similar taste liked there is nothing to say.
  const hasFans = (item: number) => options.people === undefined || scores[item] > 0;
  const found = choose(scores, (item) => !never.has(item) && (only === undefined || only.has(item)) && hasFans(item), {
    k,
    diversity,
    vectors,
  }).map((position) => ({ id: ids[position], ...calledAs(called, position), score: scores[position] }));
  const by = options.people === undefined ? 'items' : 'people';
  const people = asked && { columns: asked.columns, people: asked.liked.length };
  printResult(
    options.json,
    { history: history.map((place) => ids[place]), by, ...(people && { asked: people }), recommended: found },
    () =>
      [
        ...(people ? [inWords(people, options.people as string), ''] : []),
        found.length === 0
          ? 'nothing: all that may be recommended was seen, or nobody of similar taste liked it'
          : table([
              ['', 'score', 'item', ...(called ? ['name'] : [])],
              ...found.map(({ id, score, name = '' }, i) => [i + 1, score.toFixed(4), id, ...(called ? [name] : [])]),
            ]),
        ...whyMixed(diversity),
      ].join('\n'),
  );
}

/** What each person of a table liked of the run's items, and their profiles. Items that the run does not have are passed over. */
async function tastes(path: string, ids: readonly string[], vectors: Matrix, least: number | undefined) {
  const places = new Map(ids.map((id, place) => [id, place]));
  const read = await readLikes(path, least === undefined ? {} : { least });
  const liked = read.liked.map((own) => own.flatMap((id) => places.get(id) ?? [])).filter((own) => own.length > 0);
  must(liked.length > 0, () => ({
    rule: 'People of similar taste liked items of the run',
    received: `${path}, which names none of them`,
    next: 'Give a table of user and item, with the ids of the run',
    exitCode: 2,
  }));
  const profiles = matrix(liked.length, vectors.columns);
  liked.forEach((own, person) => {
    row(profiles, person).set(profile(vectors, own));
  });
  return { liked, profiles, columns: read.columns };
}

function inWords({ columns, people }: { readonly columns: Likes['columns']; readonly people: number }, path: string) {
  const { user, item, grade, time } = columns;
  const beside = [
    ...(grade === undefined ? [] : [`grades by ${grade}`]),
    ...(time === undefined ? [] : [`in order of ${time}`]),
  ].join(', ');
  return `${counted(people, 'people')} of ${path}: users by ${user}, items by ${item}${beside && `, ${beside}`}`;
}

async function linesOf(path: string): Promise<readonly string[]> {
  const { items } = await readTextLines(path);
  return (items.modalities.text as Texts).texts;
}
