import { KindredError, must } from '../../core/error.ts';
import type { Duck } from './duck.ts';
import { type EventLog, openLog } from './log-files.ts';
import { findSkipped, refuseSkipped, type Skipped } from './skipped.ts';
import * as sql from './sql.ts';

/**
 * Reads the log into the tables `events`, `users` and `items`, in numbers.
 *
 * @param log.after users whose hash lies below it are left out: see {@link trainedFrom}
 * @throws KindredError for what {@link openLog} refuses, a log without a usable row, and bad rows where `strict`
 */
export async function readEvents(
  log: EventLog & { readonly strict: boolean; readonly after?: string | undefined },
  duck: Duck,
): Promise<{ skipped: Skipped; dates: boolean; timed: boolean }> {
  const source = await openLog(log, duck);
  const [{ dated }] = await duck.rows(sql.dated(source));
  await duck.run('read', sql.read(source));
  const [{ total, bad, ...filled }] = await duck.rows(sql.countRows);
  for (const what of ['user', 'item', 'time'] as const) {
    must(total === 0 || filled[`${what}s`] !== 0, () => ({
      rule: `No row has a usable ${what}`,
      received: `${total} rows with nothing usable as "${source[what]}", in ${source.files[0]}`,
      next: 'Name the column that holds it',
    }));
  }
  const skipped = await findSkipped(source, Number(bad), duck);
  if (log.strict) refuseSkipped(skipped);
  if (total === bad || total === 0) {
    const [first] = skipped.examples;
    throw new KindredError({
      rule: 'A log has at least one usable row',
      received: `${source.files[0]} and ${source.files.length - 1} others have none${
        first === undefined ? '' : `; line ${first.line}: ${first.reason.replace(/\.$/, '')}`
      }`,
      next: 'Check the files',
    });
  }
  await duck.run('number items', sql.numberItems);
  await duck.run('number users', sql.numberUsers(log.after));
  await duck.run('number events', sql.numberEvents);
  await duck.run('number events', sql.drop('log'));
  return { skipped, dates: dated === 1, timed: source.time !== undefined };
}
