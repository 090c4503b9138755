import { must } from '../../core/error.ts';
import { type LoadOptions, type Log, rowOptions, skippedRow } from '../../readers/data-set.ts';
import type { Skipped } from '../../readers/decode.ts';
import { readRelations } from '../../readers/relation-file.ts';
import { shown } from '../../readers/table-row.ts';
import { graphFromLog, type LogGraph } from '../../relations/cooccurrence.ts';
import { graph } from '../../relations/graph.ts';
import type { RowRelations } from '../../relations/relations.ts';
import type { FilesRecipe } from './schema.ts';

interface ReadRelations {
  readonly relations: RowRelations;
  /** The ids of the items, by position. */
  readonly ids: readonly string[];
  readonly skipped: readonly Skipped[];
  readonly notes: readonly string[];
  readonly log?: Log;
}

/** Relations between the items of `ids`; without it, between whatever they name. */
export async function readRelationsOf(
  recipe: NonNullable<FilesRecipe['relations']>,
  ids: readonly string[] | undefined,
  how: LoadOptions,
): Promise<ReadRelations> {
  if (recipe.kind === 'log') {
    const { kind: _, ...log } = recipe;
    const made = await graphFromLog({ ...log, strict: how.strict ?? false });
    return { ...fromLog(made, ids, linkInWords(recipe, made.dates), how.strict ?? false), log };
  }
  const { path, kind, columns, header } = recipe;
  const read = await readRelations(path, {
    ...rowOptions(how),
    kind,
    ...(ids && { items: ids }),
    ...(columns && { columns }),
    ...(header !== undefined && { header }),
    ...('directed' in recipe && { directed: recipe.directed }),
    ...('others' in recipe && recipe.others && { others: recipe.others }),
  });
  return { relations: read.relations, ids: read.ids, skipped: read.skipped.map(skippedRow), notes: [] };
}

type LogRecipe = Extract<NonNullable<FilesRecipe['relations']>, { kind: 'log' }>;

/** What links two items of a log; `dates`: whether its times are. */
function linkInWords({ link, time }: LogRecipe, dates: boolean): string {
  const lasting = (time = 0) => (dates ? secondsInWords(time) : `${time} of the time's unit`);
  const unused = time !== undefined && link.by === 'basket' ? ', whenever (the time is not used)' : '';
  return {
    next: () => 'items are linked that follow each other',
    window: (seconds?: number) => `items are linked that a user had to do with within ${lasting(seconds)}`,
    session: (gap?: number) =>
      `items are linked that a user had to do with in one session, which ends after ${lasting(gap)}`,
    basket: () => `items are linked that the same user had to do with${unused}`,
  }[link.by]('seconds' in link ? link.seconds : 'gap' in link ? link.gap : undefined);
}

/** `30 minutes`, `1.5 hours`: in the largest unit of which there is one. */
function secondsInWords(seconds: number): string {
  const units = { day: 86_400, hour: 3600, minute: 60, second: 1 };
  const [name, size] = Object.entries(units).find(([, size]) => seconds >= size) ?? ['second', 1];
  const number = seconds / size;
  return `${number.toLocaleString('en')} ${name}${number === 1 ? '' : 's'}`;
}

/** A graph from a log, over the items that there are; what the log says of others is left out and told. */
function fromLog(made: LogGraph, known: readonly string[] | undefined, linked: string, strict: boolean): ReadRelations {
  const ids = known ?? made.ids;
  const positions = new Map(ids.map((id, i) => [id, i]));
  const places = made.ids.map((id) => positions.get(id) ?? -1);
  const { from, to, weight, directed } = made.relations;
  const kept = Int32Array.from(from.keys()).filter((row) => places[from[row]] >= 0 && places[to[row]] >= 0);
  const unknown = made.ids.filter((_, i) => places[i] < 0);
  const others =
    unknown.length === 1 ? '1 item of the log is' : `${unknown.length.toLocaleString('en')} items of the log are`;
  const first = [...unknown.slice(0, 3).map(shown), ...(unknown.length > 3 ? ['...'] : [])].join(', ');
  must(!strict || unknown.length === 0, () => ({
    rule: 'With strict, a log speaks of no item but those that are given',
    received: `${others} none of these: ${first}`,
    next: 'Add them to the items, or read without strict, which leaves them out',
  }));
  const { rows, examples } = made.skipped;
  const notes = [
    `${made.events.toLocaleString('en')} events of ${made.users.toLocaleString('en')} users; ${linked}`,
    ...(unknown.length > 0 ? [`${others} none of these, and left out: ${first}`] : []),
    ...(made.shortened > 0 ? [`${made.shortened.toLocaleString('en')} long histories were shortened`] : []),
    ...(rows > examples.length
      ? [`${(rows - examples.length).toLocaleString('en')} more rows of the log were left out`]
      : []),
  ];
  return {
    relations: graph({
      items: ids.length,
      from: kept.map((row) => places[from[row]]),
      to: kept.map((row) => places[to[row]]),
      directed,
      ...(weight && { weight: Float32Array.from(kept, (row) => weight[row]) }),
    }),
    ids,
    skipped: examples.map((bad) => skippedRow({ ...bad, column: undefined })),
    notes,
  };
}
