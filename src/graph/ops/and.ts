import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** Both, broadcasting. No gradient. */
export const op = binary({
  name: 'and',
  onnx: 'And',
  gives: 'bool',
  takes: ['bool'],
  value: (a, b) => (a && b ? 1 : 0),
  gradient: () => [null, null],
});

export const and = (a: Node, b: Node): Node => applyPlain(op, a, b);
