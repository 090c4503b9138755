import type { Op } from './op.ts';
import type { Shape } from './shape.ts';

/** What one element is. Gradients exist for float32 only; everything else is a choice, not a quantity. */
export type DataType = 'float32' | 'int64' | 'bool' | 'uint8';

/**
 * One value of a symbolic graph: an op applied to other nodes. Frozen; shape and type are known, and checked, when it
 * is made. Nothing is computed: the float64 reference (`evaluate`) and ONNX Runtime do that.
 */
export interface Node {
  // biome-ignore lint/suspicious/noExplicitAny: a node does not care which attributes its op has
  readonly op: Op<any>;
  readonly inputs: readonly Node[];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly attributes: any;
  readonly shape: Shape;
  readonly type: DataType;
}

/** Everything that `outputs` are computed from, and they themselves, each after its inputs. No recursion: graphs are deep. */
export function topological(outputs: readonly Node[]): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  const stack = [...outputs].reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (!state.has(node)) {
      state.set(node, 'open');
      for (let i = node.inputs.length - 1; i >= 0; i--) {
        if (!state.has(node.inputs[i])) stack.push(node.inputs[i]);
      }
    } else {
      stack.pop();
      if (state.get(node) === 'open') {
        state.set(node, 'done');
        order.push(node);
      }
    }
  }
  return order;
}
