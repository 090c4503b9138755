import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { div } from './div.ts';

/** Natural logarithm; not-a-number below 0, minus infinity at 0. */
export const op = unary({
  name: 'log',
  onnx: 'Log',
  fill: 'positive',
  value: Math.log,
  gradient: (y, upstream) => div(upstream, y.inputs[0]),
});

export const log = (x: Node): Node => applyPlain(op, x);
