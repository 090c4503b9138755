import type { Spread } from '../readers/describe.ts';
import type { ModalityFacts } from '../readers/describe-items.ts';
import type { RelationFacts } from '../readers/describe-relations.ts';
import { count, counted, decimal } from '../runs/page/numbers.ts';
import type { Report } from './inspect-report.ts';
import { definitions, wrapped } from './wrapped.ts';

/** How many items, of what. */
export function itemLines({ count: items, modalities, examples, idsOnly }: Report['items']): string[] {
  const shown = examples.map((id) => brief(id)).join(', ');
  const head = wrapped(`${counted(items, 'items')}: ${shown}${items > examples.length ? ', ...' : ''}`, 2);
  if (idsOnly) return [head, '  known by their ids alone: name them with --items'];
  return [head, ...definitions(Object.entries(modalities).map(([name, facts]) => [name, modalityWords(facts)]))];
}

function modalityWords(facts: ModalityFacts): string {
  switch (facts.kind) {
    case 'image':
      return `pictures, read at ${facts.width} x ${facts.height}, ${facts.channels === 1 ? 'grey' : 'in colour'}`;
    case 'vector': {
      const constant =
        facts.constantColumns > 0 ? `; ${count(facts.constantColumns)} of them the same in all items` : '';
      return `vectors of ${count(facts.columns)} ${facts.columns === 1 ? 'number' : 'numbers'}${constant}`;
    }
    case 'text': {
      const empty = facts.empty > 0 ? `; ${count(facts.empty)} are empty` : '';
      return `texts of ${rangeOf(facts.characters, 'characters')}${empty}`;
    }
    case 'audio':
      return `sounds of ${rangeOf(facts.seconds, 's')}, ${count(facts.rate)} samples a second`;
  }
}

/** `3 to 90 rows (median 12)`; a single number where they are all the same. */
function rangeOf(spread: Spread | undefined, unit: string): string {
  if (spread === undefined) return `no ${unit}`.trim();
  const { min, median, max } = spread;
  const shown = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 });
  // `1 rows an item` is `1 row an item`.
  return min === max
    ? `${shown(min)} ${min === 1 ? unit.replace(/^(\w+)s\b/, '$1') : unit}`.trim()
    : `${`${shown(min)} to ${shown(max)} ${unit}`.trim()} (median ${shown(median)})`;
}

/** What relations hold, in one sentence. */
export function relationWords(facts: RelationFacts): string {
  const rowsOf = (things: string) => counted(facts.rows, things);
  const more = [
    facts.rowsPerItem && rangeOf(facts.rowsPerItem, 'rows an item'),
    facts.weights && `weights ${rangeOf(facts.weights, '')}`,
    facts.notions &&
      `notions ${Object.entries(facts.notions)
        .map(([name, times]) => `${name} (${count(times)})`)
        .join(', ')}`,
    facts.users !== undefined && `by ${counted(facts.users, 'users')}`,
    facts.times && `from ${moment(facts.times.first)} to ${moment(facts.times.last)}`,
  ].filter(Boolean);
  const tail = more.length === 0 ? '' : `; ${more.join('; ')}`;
  const { groups, queries } = facts;
  const sizes = groups && `${count(groups.count)} of ${rangeOf(groups.sizes, 'items')}`;
  switch (facts.kind) {
    case 'groups':
      return `classes: ${sizes}${groups?.single ? `; ${count(groups.single)} have one item only` : ''}`;
    case 'tags':
      return `tags: ${sizes}; ${count(facts.untagged)} items have none`;
    case 'views':
      return 'nothing relates the items: each goes only with other looks of itself';
    case 'pairs': {
      const others =
        facts.others === 'different' ? 'all other pairs count as different' : 'of all other pairs nothing is known';
      return `${rowsOf('pairs')}: ${count(facts.same)} the same, ${count(facts.different)} different; ${others}${tail}`;
    }
    case 'triplets':
      return `${rowsOf('triplets')}${tail}`;
    case 'graph':
      return `${rowsOf('links')}, ${facts.directed ? 'with' : 'without'} a direction; what is not linked counts as different${tail}`;
    case 'preferences':
      return `${rowsOf('preferences')} for ${counted(queries?.count, 'queries')}, ${rangeOf(queries?.rows, 'each')}${tail}`;
    case 'lists': {
      const few = [
        queries?.single ? `; ${count(queries.single)} with one item only, which ranks nothing` : '',
        queries?.empty ? `; ${count(queries.empty)} with nothing relevant` : '',
      ].join('');
      return `${rowsOf('grades')}, ${rangeOf(facts.grades, '')}, for ${counted(queries?.count, 'queries')} with ${rangeOf(queries?.rows, 'items each')}${few}${tail}`;
    }
  }
}

/** A date where it can be one. */
const moment = (seconds: number): string =>
  seconds > 1e8 && seconds < 1e10 ? new Date(1000 * seconds).toISOString().slice(0, 10) : decimal(seconds, 0);

/** A share as a percentage, also where it is small. */
export function shareOf(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.01) return 'below 0.01 %';
  return `${decimal(percent, percent === 0 || percent >= 9.95 ? 0 : percent >= 1 ? 1 : 2)} %`;
}

/** An id in at most so many columns: what tells ids apart stands at their ends. */
export function brief(id: string, columns = 40): string {
  const half = Math.max(4, Math.floor((columns - 1) / 2));
  return id.length > 2 * half + 1 ? `${id.slice(0, half)}…${id.slice(-half)}` : id;
}
