import type { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import { cooccurrenceOptions } from './cooccurrence.ts';
import { Duck, type Progress } from './graph-building/duck.ts';
import { readEvents } from './graph-building/read-events.ts';
import * as sql from './graph-building/sql.ts';

/** Who had to do with what. */
export interface Histories {
  /** Ids, in order. */
  readonly people: readonly string[];
  /** Of each person: the positions of items, the earliest first, each once. */
  readonly items: readonly Int32Array[];
  /** Whether the log has times: without, the order says nothing. */
  readonly timed: boolean;
}

/**
 * What each person of a log had to do with, of the items that `ids` names; people who had to do with none of these are left out. A log whose
 * links need no time is read with it where it has the column, and rows whose time cannot be used are left out.
 *
 * @param log as {@link graphFromLog} takes it, those that it holds back included
 * @throws KindredError for what `graphFromLog` refuses, but for a graph without links
 */
export async function historiesFromLog(
  log: z.input<typeof cooccurrenceOptions>,
  ids: readonly string[],
  onProgress?: (progress: Progress) => void,
): Promise<Histories> {
  const options = parseOptions('graph', cooccurrenceOptions, log);
  const duck = await Duck.open({ ...options, temporary: options.temporary, onProgress });
  try {
    const { timed } = await readEvents({ ...options, optionalTime: options.link.by === 'basket' }, duck);
    const positions = new Map(ids.map((id, i) => [id, i]));
    const places: number[] = [];
    await duck.stream(sql.ids, (_, [names]) => {
      for (const id of names) places.push(positions.get(id as string) ?? positions.get((id as string).trim()) ?? -1);
    });
    const names = new Map<number, string>();
    await duck.stream(sql.userIds, (_, [users, numbers]) => {
      users.forEach((id, i) => {
        names.set(Number(numbers[i]), id as string);
      });
    });
    const own = new Map<string, number[]>();
    await duck.stream(sql.firstEvents, (_, [persons, items]) => {
      persons.forEach((person, i) => {
        const at = places[items[i] as number];
        if (at < 0) return;
        const name = names.get(Number(person)) as string;
        const list = own.get(name);
        if (list === undefined) own.set(name, [at]);
        else list.push(at);
      });
    });
    const people = [...own.keys()].sort();
    return { people, items: people.map((name) => Int32Array.from(own.get(name) as number[])), timed };
  } finally {
    duck.close();
  }
}
