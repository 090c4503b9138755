import { must } from '../core/error.ts';
import type { GroupRelations, Tags } from '../relations/relations.ts';
import type { RunData } from './run-data.ts';

/**
 * What a probe asks of the items of a run: the label that is named; else the classes, those that are learned or those that are known
 * beside; else the tags.
 */
export function probedOf({ data: { relations, labels } }: RunData, name?: string): GroupRelations | Tags {
  const learned = relations.kind === 'groups' || relations.kind === 'tags' ? [relations] : [];
  const named: [string, GroupRelations | Tags][] = Object.entries(labels);
  if (learned.length > 0 && !named.some(([, label]) => label === relations)) named.unshift(['class', learned[0]]);
  const names = named.map(([each]) => each).join(', ');
  if (name !== undefined) {
    const found = named.find(([each]) => each === name);
    must(found !== undefined, () => ({
      rule: 'A probe asks for a label of the items',
      received: `"${name}"; ${names === '' ? 'they have none' : `the labels are ${names}`}`,
      next: 'Choose one of them',
      exitCode: 2,
    }));
    return found[1];
  }
  const all = [...learned, ...named.map(([, label]) => label)];
  const classes = all.find(({ kind }) => kind === 'groups');
  if (classes !== undefined) return classes;
  must(all.length > 0, () => ({
    rule: 'A probe tells the classes of items, one for each, or their tags',
    received: `relations of the kind ${relations.kind}, and no label`,
    next: 'Give the items a column of labels, or folders; learn: views keeps them from training',
    exitCode: 2,
  }));
  must(learned.length > 0 || named.length === 1, () => ({
    rule: 'A probe asks for one label of the items',
    received: `none was named; the labels are ${names}`,
    next: `Name one: --label ${named[0][0]}`,
    exitCode: 2,
  }));
  return all[0];
}
