import { type KindredError, must } from '../core/error.ts';
import { Random } from '../core/random.ts';
import { members, takeGroups } from '../relations/groups.ts';
import { Deck } from './deck.ts';
import type { Batch, Sampler, Source } from './sampler.ts';

/** A {@link Sampler} of P groups by K items. */
export interface GroupSampler extends Sampler {
  /** Groups with a single item, which has nothing to be compared as the same with; they are not drawn. */
  readonly leftOut: number;
}

interface State {
  readonly batches: number;
  readonly random: ReturnType<Random['save']>;
  readonly items: number;
  readonly groups: number;
  readonly perGroup: number;
}

/**
 * Batches of P groups with K items each (P x K sampling): `groups * perGroup` items, the K of a group next to each other.
 *
 * Groups are dealt without replacement in rounds, and so are the items of each group: no group comes twice in a batch, no
 * item twice as long as its group has K, every group is drawn equally often and every item of a group equally often, to
 * within one. In a group of fewer than K items, items repeat within the batch, as evenly as can be. Groups of one item are left out and
 * counted in `leftOut`.
 *
 * `save` is small whatever the data: how many batches were drawn; `restore` draws them again (a million batches of 256 take about ten seconds).
 *
 * Throws a `KindredError` when P or K is below 2, or fewer than P groups have two items.
 *
 * Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person Re-Identification", 2017.
 */
export function groupsOf({
  groups: perBatch,
  perGroup,
}: {
  groups: number;
  perGroup: number;
}): (source: Source, random: Random) => GroupSampler {
  must(
    [perBatch, perGroup].every((n) => Number.isInteger(n) && n >= 2),
    () => ({
      rule: 'A batch has two groups or more, with two items or more of each',
      received: `groups ${perBatch}, perGroup ${perGroup}`,
      next: 'Give whole numbers from 2 on',
      exitCode: 2,
    }),
  );
  return ({ groups, items = Int32Array.from(groups.labels.keys()) }, random) => {
    const filled = members(takeGroups(groups, items)).filter((list) => list.length > 0);
    const usable = filled.filter((list) => list.length >= 2).map((list) => list.map((i) => items[i]));
    must(usable.length >= perBatch, () => tooFew(perBatch, usable.length, filled.length));

    let drawn = 0;
    let start = random.save();
    let own = Random.restore(start);
    let groupDeck: Deck;
    let itemDecks: Deck[];
    const begin = () => {
      own = Random.restore(start);
      groupDeck = new Deck(Int32Array.from(usable.keys()));
      itemDecks = usable.map((list) => new Deck(list.slice()));
      drawn = 0;
    };
    const next = (): Batch => {
      const chosen = new Int32Array(perBatch);
      groupDeck.deal(chosen, own);
      const batch = new Int32Array(perBatch * perGroup);
      chosen.forEach((group, i) => {
        itemDecks[group].deal(batch.subarray(i * perGroup, (i + 1) * perGroup), own);
      });
      drawn++;
      return { items: batch, labels: batch.map((item) => groups.labels[item]) };
    };
    begin();

    const itemsPerEpoch = usable.reduce((sum, list) => sum + list.length, 0);
    const save = (): State => ({ batches: drawn, random: start, items: itemsPerEpoch, groups: perBatch, perGroup });
    const restore = (state: unknown): void => {
      const saved = state as State;
      must(saved.items === itemsPerEpoch && saved.groups === perBatch && saved.perGroup === perGroup, () => ({
        rule: 'A run continues with the data and the batches that it began with',
        received: `${saved.groups} x ${saved.perGroup} of ${saved.items} items, now ${perBatch} x ${perGroup} of ${itemsPerEpoch}`,
        next: 'Continue with the same data and recipe, or start a new run',
      }));
      start = saved.random;
      begin();
      while (drawn < saved.batches) next();
    };
    return {
      next,
      save,
      restore,
      batchSize: perBatch * perGroup,
      itemsPerEpoch,
      leftOut: filled.length - usable.length,
    };
  };
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
