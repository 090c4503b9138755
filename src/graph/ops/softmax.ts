import { alongAxis, axisSamples } from '../along.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf } from '../shape.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';

/**
 * `e^x / sum of e^x` along `axis`. Shifted by the largest value, so nothing overflows. Minus infinity gets 0; where all
 * values are minus infinity the result is not-a-number, so mask with -1e30 what may mask a whole row.
 */
export const op: Op<{ axis: number }> = {
  name: 'softmax',
  infer: ([x], { axis }) => {
    expectTypes('softmax', [x], 'float32');
    axisOf('softmax', x.shape, axis);
    return { shape: x.shape, type: x.type };
  },
  gradient: (y, upstream) => {
    const arrived = sum(mul(upstream, y), [y.attributes.axis], { keep: true });
    return [mul(y, sub(upstream, arrived))];
  },
  lower: (emitter, inputs, node) => emitter.emit('Softmax', inputs, { axis: node.attributes.axis })[0],
  reference: ([x], { axis }) =>
    alongAxis(x, axis, (row) => {
      const largest = Math.max(...row);
      const terms = row.map((value) => Math.exp(value - largest));
      const total = terms.reduce((a, b) => a + b, 0);
      return terms.map((term) => term / total);
    }),
  samples: () => axisSamples,
};

export const softmax = (x: Node, axis = -1): Node => apply(op, [x], { axis: axisOf('softmax', x.shape, axis) });
