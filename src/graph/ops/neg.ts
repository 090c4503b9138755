import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** `-x`. */
export const op = unary({
  name: 'neg',
  onnx: 'Neg',
  fill: 'normal',
  value: (x) => -x,
  gradient: (_y, upstream) => neg(upstream),
});

export const neg = (x: Node): Node => applyPlain(op, x);
