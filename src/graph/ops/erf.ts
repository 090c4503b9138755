import { applyPlain, unary } from '../elementwise.ts';
import type { Node } from '../node.ts';
import { scalar } from './constant.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

const SLOPE = 2 / Math.sqrt(Math.PI);

/** The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to x. */
export const op = unary({
  name: 'erf',
  onnx: 'Erf',
  fill: 'normal',
  value: series,
  gradient: (y, upstream) => {
    const [x] = y.inputs;
    return mul(upstream, mul(scalar(SLOPE), exp(neg(mul(x, x)))));
  },
});

/** `2 / sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!` (Abramowitz and Stegun 7.1.6): no term cancels another. */
function series(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = 0;
  for (let n = 1; total + term !== total; n++) {
    total += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return SLOPE * Math.exp(-x * x) * total;
}

export const erf = (x: Node): Node => applyPlain(op, x);
