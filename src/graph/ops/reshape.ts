import { KindredError } from '../../core/error.ts';
import type { Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { type Dimension, factorsOf, type Shape, sameShape, show } from '../shape.ts';
import { tensor } from '../tensor.ts';

/** The same values, in the same order, under another shape. Symbols must stand on both sides. */
export const op: Op<{ shape: Shape }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    const count = (s: Shape) => s.reduce<number>((product, size) => product * factorsOf(size).count, 1);
    const symbols = (s: Shape) =>
      s
        .flatMap((size) => factorsOf(size).symbols)
        .sort()
        .join();
    if (count(x.shape) !== count(shape) || symbols(x.shape) !== symbols(shape)) {
      throw new KindredError({
        rule: 'reshape keeps the number of values',
        received: `${show(x.shape)} to ${show(shape)}`,
        next: 'Give a shape with the same product, symbols included',
      });
    }
    return { shape, type: x.type };
  },
  gradient: (node, upstream) => [reshape(upstream, node.inputs[0].shape)],
  lower: (emitter, inputs, node) => {
    // One symbol can be left to ONNX's -1, which spares reading the sizes of inputs when the graph runs.
    const shape = node.shape as Dimension[];
    const symbols = shape.filter((size) => typeof size === 'string').length;
    const sizes =
      symbols === 1 && !shape.includes(0)
        ? emitter.constant(
            shape.map((size) => (typeof size === 'string' ? -1 : size)),
            [shape.length],
            'int64',
          )
        : emitter.sizes(shape);
    return emitter.emit('Reshape', [inputs[0], sizes], { allowzero: 1 })[0];
  },
  reference: ([x], _, shape) => tensor(shape, x.data),
  samples: () => [
    { inputs: [{ shape: [2, 6] }], attributes: { shape: [2, 3, 2] } },
    { inputs: [{ shape: [2, 6] }], attributes: { shape: [3, 4] } },
    { inputs: [{ shape: [] }], attributes: { shape: [1, 1] } },
    { inputs: [{ shape: [0, 3] }], attributes: { shape: [3, 0, 2] } },
  ],
};

export const reshape = (x: Node, shape: Shape): Node => (sameShape(x.shape, shape) ? x : apply(op, [x], { shape }));
