import { KindredError } from '../../core/error.ts';
import { lowerAs } from '../composed.ts';
import type { Node } from '../node.ts';
import { apply, expectTypes, type Op } from '../op.ts';
import { reduction } from '../reduction.ts';
import { broadcastShapes, sameShape, show } from '../shape.ts';
import { broadcastOffset, everyIndex, type Tensor, tensor } from '../tensor.ts';
import { add } from './add.ts';
import { scalar } from './constant.ts';
import { div } from './div.ts';
import { mean } from './mean.ts';
import { mul } from './mul.ts';
import { reshape } from './reshape.ts';
import { sqrt } from './sqrt.ts';
import { sub } from './sub.ts';
import { sum, sumTo } from './sum.ts';

interface Standard {
  readonly axes: readonly number[];
  readonly epsilon: number;
}

/** `x - mean`, and `sqrt(variance + epsilon)` with the axes kept. */
function parts(x: Node, { axes, epsilon }: Standard): { centred: Node; deviation: Node } {
  const centred = sub(x, mean(x, axes, { keep: true }));
  const variance = mean(mul(centred, centred), axes, { keep: true });
  return { centred, deviation: sqrt(add(variance, scalar(epsilon))) };
}

/**
 * `scale * (x - mean) / sqrt(variance + epsilon)`, mean and variance (divided by the count) being taken over `axes`.
 * `scale` broadcasts to what is left when those axes have size 1. The heart of batch norm and layer norm.
 *
 * The gradient is written out, because it takes half as many passes over x as that of the definition: with u from
 * upstream, `scale / deviation * (u - mean(u) - centred * mean(u * centred) / deviation^2)`.
 */
export const op: Op<Standard> = {
  name: 'standardize',
  infer: (inputs, { axes }) => {
    expectTypes('standardize', inputs, 'float32');
    const [x, scale] = inputs;
    const kept = reduction.infer('standardize', x, { axes, keep: true }).shape;
    if (!sameShape(broadcastShapes('standardize', scale.shape, kept), kept)) {
      throw new KindredError({
        rule: 'standardize needs a scale that broadcasts to its input with the axes reduced to 1',
        received: `scale ${show(scale.shape)} for ${show(kept)}`,
        next: 'Reshape the scale, or multiply by it afterwards',
      });
    }
    return { shape: x.shape, type: 'float32' };
  },
  gradient: (node, upstream) => {
    const [x, scale] = node.inputs;
    const { axes }: Standard = node.attributes;
    const { centred, deviation } = parts(x, node.attributes);
    // As sumTo writes it, so that the gradient of an offset that is added afterwards is the same node.
    const total = (value: Node) => reshape(sum(value, axes), deviation.shape);
    const share = div(scalar(1), reduction.count(x, axes));
    const factor = div(scale, deviation);
    const along = div(total(mul(upstream, centred)), deviation);
    const slope = mul(mul(factor, share), div(along, deviation));
    const level = mul(mul(factor, share), total(upstream));
    const toX = sub(mul(upstream, factor), add(mul(centred, slope), level));
    return [toX, sumTo(along, scale.shape)];
  },
  lower: (emitter, inputs, node) =>
    lowerAs(emitter, inputs, node, (x, scale) => {
      const { centred, deviation } = parts(x, node.attributes);
      return mul(centred, div(scale, deviation));
    }),
  reference: ([x, scale], { axes, epsilon }, shape) => {
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const total = (value: Tensor) => reduction.reference(value, axes, kept, 0, (a, b) => a + b);
    const less = (value: Tensor, other: Tensor): Tensor => {
      const result = tensor(shape);
      everyIndex(shape, (offset, index) => {
        result.data[offset] = value.data[offset] - other.data[broadcastOffset(kept, index)];
      });
      return result;
    };
    const means = total(x);
    const count = x.data.length / means.data.length;
    const centred = less(
      x,
      tensor(
        kept,
        means.data.map((sum) => sum / count),
      ),
    );
    const squares = total(
      tensor(
        shape,
        centred.data.map((value) => value * value),
      ),
    );
    const result = tensor(shape);
    everyIndex(shape, (offset, index) => {
      const variance = squares.data[broadcastOffset(kept, index)] / count;
      const factor = scale.data[broadcastOffset(scale.shape, index)] / Math.sqrt(variance + epsilon);
      result.data[offset] = factor * centred.data[offset];
    });
    return result;
  },
  samples: () => [
    { inputs: [{ shape: [4, 3] }, { shape: [1, 3] }], attributes: { axes: [0], epsilon: 1e-5 } },
    { inputs: [{ shape: [3, 2, 2, 3] }, { shape: [2, 1, 1] }], attributes: { axes: [0, 2, 3], epsilon: 1e-3 } },
    { inputs: [{ shape: [2, 3, 5] }, { shape: [] }], attributes: { axes: [2], epsilon: 1e-5 } },
    { inputs: [{ shape: [2, 4] }, { shape: [2, 1] }], attributes: { axes: [1], epsilon: 0.1 } },
    { inputs: [{ shape: [1, 2] }, { shape: [1, 2] }], attributes: { axes: [0], epsilon: 0.01 } },
    { inputs: [{ shape: [0, 3] }, { shape: [] }], attributes: { axes: [1], epsilon: 1e-5 } },
  ],
};

export const standardize = (x: Node, scale: Node, axes: readonly number[], epsilon: number): Node =>
  apply(op, [x, scale], { axes: reduction.axes('standardize', x.shape, axes), epsilon });
