import { z } from 'zod';
import { type KindredError, must } from '../core/error.ts';
import type { Random } from '../core/random.ts';
import { members, takeGroups } from '../relations/groups.ts';
import type { GroupRelations, Tags } from '../relations/relations.ts';
import { tagMembers } from '../relations/tags.ts';
import { Deck } from './deck.ts';
import { defineSampler, withKnown } from './define.ts';

/**
 * Batches of P groups with K items each (P x K sampling): `groups * perGroup` items, the K of a group next to each other.
 *
 * Groups are dealt without replacement in rounds, and so are the items of each group: no group comes twice in a batch, no
 * item twice as long as its group has K, every group is drawn equally often whatever its size, and every item of a group
 * equally often, to within one. In a group of fewer than K items, items repeat within the batch, as evenly as can be.
 * Groups of one item are left out. Tags are drawn like groups; an item with several may come once for each.
 *
 * `random` items more, the last of the batch, are of none of its groups: negatives of all of them, as FaceNet adds them. They are dealt
 * from all items, those of groups of one item too; no item twice in a batch.
 *
 * Throws a `KindredError` when P or K is below 2, fewer than P groups have two items, or there may be fewer than `random` others.
 *
 * Schroff, Kalenichenko and Philbin, "FaceNet", 2015, section 3.2. Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person Re-Identification", 2017.
 */
export const groupsOf = defineSampler({
  name: 'groups-of',
  options: z.strictObject({
    groups: z.int().min(2).describe('groups in a batch'),
    perGroup: z.int().min(2).describe('items of each group'),
    random: z.int().nonnegative().optional().describe('items more, of none of these groups'),
  }),
  kinds: ['groups', 'tags'],
  open(relations, items, { groups: perBatch, perGroup, random: others = 0 }) {
    const usable = usableGroups(relations, items, perBatch).map(({ members }) => members);
    const all = items ?? Int32Array.from({ length: relations.items }, (_, item) => item);
    mustHaveOthers(others, all.length, usable, perBatch);
    return {
      batchSize: perBatch * perGroup + others,
      itemsPerEpoch: usable.reduce((sum, list) => sum + list.length, 0),
      begin(random) {
        const groupDeck = new Deck(Int32Array.from(usable.keys()));
        const itemDecks = usable.map((list) => new Deck(list.slice()));
        const chosen = new Int32Array(perBatch);
        const otherDeck = new Deck(all.slice());
        return () => {
          groupDeck.deal(chosen, random);
          const batch = new Int32Array(perBatch * perGroup + others);
          chosen.forEach((group, i) => {
            itemDecks[group].deal(batch.subarray(i * perGroup, (i + 1) * perGroup), random);
          });
          if (others > 0) {
            const taken = new Set(Array.from(chosen, (group) => [...usable[group]]).flat());
            dealOthers(otherDeck, batch.subarray(perBatch * perGroup), taken, random);
          }
          return batch;
        };
      },
      batch: withKnown(relations),
    };
  },
});

/** Deals items that are not taken, each once. Those that are wait for the next round. */
function dealOthers(deck: Deck, to: Int32Array, taken: Set<number>, random: Random): void {
  const one = new Int32Array(1);
  for (let i = 0; i < to.length; ) {
    deck.deal(one, random);
    if (taken.has(one[0])) continue;
    taken.add(one[0]);
    to[i++] = one[0];
  }
}

function mustHaveOthers(others: number, all: number, usable: readonly Int32Array[], perBatch: number): void {
  const largest = usable.map((list) => list.length).sort((a, b) => b - a);
  const left = Math.max(0, all - largest.slice(0, perBatch).reduce((sum, size) => sum + size, 0));
  must(others <= left, () => ({
    rule: `A batch of ${perBatch} groups takes its random items from the others`,
    received: `random ${others}; ${left} items are left where the ${perBatch} largest groups are drawn`,
    next: `Set random to ${left} or less, or groups to less`,
    exitCode: 2,
  }));
}

/** The groups or tags that have two items or more, each with its number: P of them, or an error. */
export function usableGroups(
  relations: GroupRelations | Tags,
  items: Int32Array | undefined,
  perBatch: number,
): { readonly group: number; readonly members: Int32Array }[] {
  const filled = membersOf(relations, items)
    .map((members, group) => ({ members, group }))
    .filter(({ members }) => members.length > 0);
  const usable = filled.filter(({ members }) => members.length >= 2);
  must(usable.length >= perBatch, () => tooFew(perBatch, usable.length, filled.length));
  return usable;
}

function membersOf(relations: GroupRelations | Tags, items: Int32Array | undefined): Int32Array[] {
  if (relations.kind === 'tags') return tagMembers(relations, items);
  if (items === undefined) return members(relations);
  return members(takeGroups(relations, items)).map((list) => list.map((i) => items[i]));
}

function tooFew(perBatch: number, usable: number, filled: number): ConstructorParameters<typeof KindredError>[0] {
  const single = filled - usable;
  return {
    rule: `A batch of ${perBatch} groups needs as many groups with two items or more`,
    received: `${usable} such groups${single > 0 ? ` (and ${single} with a single item)` : ''}`,
    next:
      usable >= 2
        ? `Set groups to ${usable} or fewer, or add groups`
        : 'Add groups: nothing can be learnt from fewer than two groups of two items',
  };
}
