import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** `a + b`, broadcasting. */
export const op = binary({
  name: 'add',
  onnx: 'Add',
  value: (a, b) => a + b,
  gradient: (_a, _b, upstream) => [upstream, upstream],
});

export const add = (a: Node, b: Node): Node => applyPlain(op, a, b);
