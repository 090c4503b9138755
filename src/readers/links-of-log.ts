import { graph } from '../relations/graph.ts';
import type { DataSet, Log } from './data-set.ts';

/**
 * The links that a log makes between the items of a data set.
 *
 * @param things what the items of the log are: `films that were rated`
 */
export async function linksOfLog(
  log: Log,
  ids: readonly string[],
  things: string,
): Promise<Pick<DataSet, 'relations' | 'log' | 'skipped' | 'notes'>> {
  // Here, so that a look at a data set alone does not load a database.
  const { graphFromLog } = await import('../relations/cooccurrence.ts');
  const found = await graphFromLog(log);
  const known = new Map(ids.map((id, i) => [id, i]));
  // The log takes spaces behind an id for a part of it.
  const position = found.ids.map((id) => known.get(id.trim()) ?? -1);
  const strangers = position.filter((at) => at < 0).length;
  const { from, to, weight } = found.relations;
  const rows = Int32Array.from(from.keys()).filter((row) => position[from[row]] >= 0 && position[to[row]] >= 0);
  return {
    relations: graph({
      items: ids.length,
      from: rows.map((row) => position[from[row]]),
      to: rows.map((row) => position[to[row]]),
      ...(weight && { weight: Float32Array.from(rows, (row) => weight[row]) }),
    }),
    log,
    skipped: found.skipped.examples.map(({ file, line, reason }) => ({ path: `${file}, line ${line}`, reason })),
    notes: strangers === 0 ? [] : [`${strangers} ${things} have no name, and were left out`],
  };
}
