import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';

/** -1, 0 or 1. No gradient: it is flat wherever it has one. */
export const op = unary({
  name: 'sign',
  onnx: 'Sign',
  fill: 'distinct',
  value: Math.sign,
  gradient: () => null,
});

export const sign = (x: Node): Node => applyPlain(op, x);
