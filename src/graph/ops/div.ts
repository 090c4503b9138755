import { applyPlain, binary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

/** `a / b`, broadcasting. Division by 0 gives an infinity or not-a-number, as in float arithmetic. */
export const op = binary({
  name: 'div',
  onnx: 'Div',
  fills: ['normal', 'positive'],
  value: (a, b) => a / b,
  gradient: (_a, b, upstream, y) => [div(upstream, b), neg(div(mul(upstream, y), b))],
});

export const div = (a: Node, b: Node): Node => applyPlain(op, a, b);
