import { must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import { broadcastTo } from '../../graph/ops/broadcast-to.ts';
import { concat } from '../../graph/ops/concat.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { transpose } from '../../graph/ops/transpose.ts';
import { axisOf, broadcastShapes, type Dimension, factorsOf, productOf, type Shape, show } from '../../graph/shape.ts';
import type { Call, Rules } from './rule.ts';

/** ONNX's shapes: 0 keeps the size of the input unless `allowzero`, one -1 is what is left. */
function reshaped(call: Call): Node {
  const x = call.node(0);
  const keepZero = call.attributes.int('allowzero', 0) === 1;
  const wanted = call.sizes(1, 'The shape of a Reshape');
  const shape = wanted.map((size, axis) => (size === 0 && !keepZero ? x.shape[axis] : size));
  const open = shape.indexOf(-1);
  return reshape(x, open < 0 ? shape : shape.with(open, missing(x.shape, shape.toSpliced(open, 1))));
}

/** What `rest` must be multiplied by to become `whole`. */
function missing(whole: Shape, rest: Shape): Dimension {
  const [all, known] = [factorsOf(productOf(whole)), factorsOf(productOf(rest))];
  const symbols = [...all.symbols];
  const spare = known.symbols.filter((symbol) => {
    const at = symbols.indexOf(symbol);
    if (at >= 0) symbols.splice(at, 1);
    return at < 0;
  });
  const count = known.count === 0 ? 0 : all.count / known.count;
  must(Number.isInteger(count) && spare.length === 0, () => ({
    rule: 'A Reshape keeps the number of values',
    received: `${show(whole)} to ${show(rest)} and -1`,
    next: 'Export the model with an open batch (dynamic_axes)',
  }));
  return productOf([count, ...symbols]);
}

function flattened(call: Call): Node {
  const x = call.node(0);
  const axis = call.attributes.int('axis', 1);
  const at = axis === x.shape.length ? axis : axisOf('Flatten', x.shape, axis);
  return reshape(x, [productOf(x.shape.slice(0, at)), productOf(x.shape.slice(at))]);
}

function squeezed(call: Call): Node {
  const x = call.node(0);
  const given = call.numbersOrAttribute(1, 'axes');
  const gone = given?.map((axis) => axisOf('Squeeze', x.shape, axis));
  return reshape(
    x,
    x.shape.filter((size, axis) => (gone === undefined ? size !== 1 : !gone.includes(axis))),
  );
}

function unsqueezed(call: Call): Node {
  const x = call.node(0);
  const axes = call.numbersOrAttribute(1, 'axes') ?? [];
  const rank = x.shape.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  const sizes = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (sizes.shift() as Dimension))),
  );
}

function transposed(call: Call): Node {
  const x = call.node(0);
  return transpose(x, call.attributes.ints('perm') ?? x.shape.map((_, axis) => axis).reverse());
}

function expanded(call: Call): Node {
  const x = call.node(0);
  return broadcastTo(x, broadcastShapes('Expand', x.shape, call.sizes(1, 'The shape of an Expand')));
}

/** Repeats: each axis gets one in front of it, which is broadcast and joined with it. */
function tiled(call: Call): Node {
  const x = call.node(0);
  const repeats = call.sizes(1, 'The repeats of a Tile');
  const apart = x.shape.flatMap((size) => [1, size]);
  const wide = x.shape.flatMap((size, axis) => [repeats[axis], size]);
  return reshape(
    broadcastTo(reshape(x, apart), wide),
    x.shape.map((size, axis) => productOf([repeats[axis], size])),
  );
}

/** Ops that move values, along axes that stay whole. */
export const shapes: Rules = {
  Concat: (call) => concat(call.nodes(), call.attributes.int('axis', 0)),
  Expand: expanded,
  Flatten: flattened,
  Reshape: reshaped,
  Squeeze: squeezed,
  Tile: tiled,
  Transpose: transposed,
  Unsqueeze: unsqueezed,
};
