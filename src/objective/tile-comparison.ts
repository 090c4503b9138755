import { must } from '../core/error.ts';
import type { Node } from '../graph/node.ts';
import { constant } from '../graph/ops/constant.ts';
import { equal } from '../graph/ops/equal.ts';
import { input } from '../graph/ops/input.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { sizeOf } from '../graph/shape.ts';
import { type Comparison, comparison, type Declare } from './comparison.ts';
import { besideOf, type KnownForm, onlyTriplets, withoutPairs } from './known.ts';
import { groupMasks } from './related.ts';

/**
 * Some anchors of a batch against all candidates: the batch, then what a memory lends. What is known of them are inputs of the
 * graph, which `tileFeeds` makes.
 */
export function tileComparison(
  form: KnownForm,
  parts: {
    /** `[size, D]` and `[C, D]`, of sizes that are known. */
    readonly anchors: Node;
    readonly candidates: Node;
    readonly parameter?: Declare | undefined;
  },
): Comparison {
  must(form.ranked === undefined, () => ({
    rule: 'The items of a list are ranked against each other, all in one piece',
    received: 'gradient caching, or a memory',
    next: 'Leave objective.cached and objective.memory out, and give batches fewer lists',
    exitCode: 2,
  }));
  const { anchors, candidates, parameter } = parts;
  const size = sizeOf(anchors.shape.slice(0, 1));
  const all = sizeOf(candidates.shape.slice(0, 1));
  const positions = input('positions', [size], 'int64');
  const places = [size, form.places];
  const common = {
    anchors,
    candidates,
    positives: input('positives', places, 'int64'),
    filled: input('filled', places, 'bool'),
    positions,
    ...(parameter && { parameter }),
    ...(form.classes !== undefined && { classes: form.classes }),
    beside: besideOf(form, (name, width) => ({
      anchors: input(`beside-anchors:${name}`, [size, width]),
      candidates: input(`beside:${name}`, [all, width]),
    })),
  };
  if (form.kind === 'labels') {
    const labels = { anchors: input('anchor-labels', [size], 'int64'), candidates: input('labels', [all], 'int64') };
    const each = constant(
      Float64Array.from({ length: all }, (_, i) => i),
      [1, all],
      'int64',
    );
    const self = equal(reshape(positions, [size, 1]), each);
    return comparison({ ...common, labels, ...groupMasks(labels, self) });
  }
  if (form.kind === 'lists') {
    const mask = (name: string): Node => input(name, [size, all], 'bool');
    return comparison({
      ...{ ...common, same: mask('same-pairs'), different: mask('different-pairs') },
      ...(form.assigned && { assigned: input('assigned', places, 'int64') }),
    });
  }
  const triplets = {
    ...common,
    given: input('negatives', places, 'int64'),
    ...(form.weighted && { weights: input('weights', places) }),
  };
  return comparison(withoutPairs(triplets, onlyTriplets));
}
