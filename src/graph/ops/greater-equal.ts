import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** Whether `a >= b`, broadcasting. No gradient. */
export const op = binary({
  name: 'greaterEqual',
  onnx: 'GreaterOrEqual',
  gives: 'bool',
  takes: ['float32', 'int64'],
  value: (a, b) => (a >= b ? 1 : 0),
  gradient: () => [null, null],
});

export const greaterEqual = (a: Node, b: Node): Node => applyPlain(op, a, b);
