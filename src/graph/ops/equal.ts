import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** Whether `a = b`, broadcasting; for class labels, positions and masks. No gradient. */
export const op = binary({
  name: 'equal',
  onnx: 'Equal',
  gives: 'bool',
  takes: ['int64', 'bool', 'float32'],
  value: (a, b) => (a === b ? 1 : 0),
  gradient: () => [null, null],
});

export const equal = (a: Node, b: Node): Node => applyPlain(op, a, b);
