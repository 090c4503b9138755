import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';

/** The same value, through which no gradient flows: for choices (a miner's, a teacher's). */
export const op: Op<Record<never, never>> = {
  name: 'stopGradient',
  infer: ([x]) => ({ shape: x.shape, type: x.type }),
  gradient: () => [null],
  lower: (_emitter, inputs) => inputs[0],
  reference: ([x]) => x,
  samples: () => [],
};

export const stopGradient = (x: Node): Node => apply(op, [x], {});
