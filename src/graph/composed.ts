import { type Node, topological } from './node.ts';
import type { Emitter } from './op.ts';
import { input } from './ops/input.ts';

/**
 * Lowers an op as the graph that `build` makes of its inputs: for ops that are other ops put together, but know a
 * shorter gradient than those would give. What the gradient asks for again (equal nodes) is written once.
 */
export function lowerAs(
  emitter: Emitter,
  names: readonly string[],
  node: Node,
  build: (...inputs: Node[]) => Node,
): string {
  const places = node.inputs.map((each, i) => input(names[i], each.shape, each.type));
  const result = build(...places);
  const written = new Map<Node, string>();
  for (const part of topological([result])) {
    const from = part.inputs.map((each) => written.get(each) as string);
    written.set(part, part.op.lower(emitter, from, part));
  }
  return written.get(result) as string;
}
