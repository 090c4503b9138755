import type { Random } from '../core/random.ts';
import { type Groups, members } from '../relations/groups.ts';

/**
 * Pairs of one of ours and one of theirs that have a label of the same name: each is in one pair at most, so that what is divided
 * by pairs shares nothing. Of each label as many as the fewer side has; `turns` (speakers, say) take turns, so that each gets as many
 * as the others, to one. Which is paired with which is drawn.
 *
 * @returns positions, ours rising
 */
export function pairsByLabel(
  ours: Groups,
  theirs: Groups,
  turns: Int32Array,
  random: Random,
): { ours: Int32Array; theirs: Int32Array } {
  const candidates = new Map(members(theirs).map((list, label) => [theirs.names[label], list]));
  const pairs: [number, number][] = [];
  for (const [label, list] of members(ours).entries()) {
    const own = random.split(ours.names[label]);
    const others = own.shuffle([...(candidates.get(ours.names[label]) ?? [])]);
    const queues = new Map<number, number[]>();
    for (const item of own.shuffle([...list])) {
      const queue = queues.get(turns[item]);
      if (queue === undefined) queues.set(turns[item], [item]);
      else queue.push(item);
    }
    const most = Math.max(0, ...[...queues.values()].map((queue) => queue.length));
    const order = Array.from({ length: most }, (_, round) =>
      [...queues.values()].flatMap((queue) => (round < queue.length ? [queue[round]] : [])),
    ).flat();
    for (let i = 0; i < Math.min(order.length, others.length); i++) pairs.push([order[i], others[i]]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  return { ours: Int32Array.from(pairs, ([a]) => a), theirs: Int32Array.from(pairs, ([, b]) => b) };
}
