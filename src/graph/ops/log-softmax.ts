import { alongAxis, axisSamples } from '../along.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { axisOf } from '../shape.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';

/** `x - log(sum of e^x)` along `axis`: the logarithm of softmax, exact also where softmax underflows to 0. */
export const op: Op<{ axis: number }> = {
  name: 'logSoftmax',
  infer: ([x], { axis }) => {
    expectTypes('logSoftmax', [x], 'float32');
    axisOf('logSoftmax', x.shape, axis);
    return { shape: x.shape, type: x.type };
  },
  gradient: (y, upstream) => [sub(upstream, mul(exp(y), sum(upstream, [y.attributes.axis], { keep: true })))],
  lower: (emitter, inputs, node) => emitter.emit('LogSoftmax', inputs, { axis: node.attributes.axis })[0],
  reference: ([x], { axis }) =>
    alongAxis(x, axis, (row) => {
      const largest = Math.max(...row);
      const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
      return row.map((value) => value - largest - Math.log(total));
    }),
  samples: () => axisSamples,
};

export const logSoftmax = (x: Node, axis = -1): Node => apply(op, [x], { axis: axisOf('logSoftmax', x.shape, axis) });
