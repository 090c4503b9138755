import { KindredError } from '../core/error.ts';
import { nearest } from '../core/nearest.ts';

/** The positions of items of a run, by their ids. */
export function positionsOf(asked: readonly string[], ids: readonly string[]): number[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  return asked.map((id) => {
    const place = places.get(id);
    if (place !== undefined) return place;
    const meant = nearest(id, ids.slice(0, 10_000));
    throw new KindredError({
      rule: 'An item is named by its id in the run',
      received: `"${id}", which the run of ${ids.length.toLocaleString('en')} items does not know`,
      next: meant === undefined ? `Ids look like "${ids[0]}"` : `Did you mean "${meant}"`,
      exitCode: 2,
    });
  });
}

/** Ids from a comma-separated list, without what is empty. */
export const listed = (text: string): string[] =>
  text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
