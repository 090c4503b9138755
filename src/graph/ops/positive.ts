import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { float } from '../op.ts';

/** So steep that every normal float32 above 0 reaches 1. */
const STEEPEST = 2 ** 127;

/**
 * 1 where `x > 0`, else 0: the mask of a ReLU. No gradient: it is flat wherever it has one.
 *
 * Written as a hard sigmoid, `min(1, max(0, 2^127 x))`, which ONNX Runtime computes several times faster than Sign, or
 * than a comparison and a cast.
 */
export const op = {
  ...unary({
    name: 'positive',
    onnx: 'HardSigmoid',
    fill: 'distinct',
    value: (x) => (x > 0 ? 1 : 0),
    gradient: () => null,
  }),
  lower: (emitter, inputs) => emitter.emit('HardSigmoid', inputs, { alpha: float(STEEPEST), beta: float(0) })[0],
} satisfies ReturnType<typeof unary>;

export const positive = (x: Node): Node => applyPlain(op, x);
