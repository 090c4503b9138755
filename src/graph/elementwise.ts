import type { DataType, Node } from './node.ts';
import { apply, expectTypes, type Op, type Sample, type SampleInput } from './op.ts';
import { sumTo } from './ops/sum.ts';
import { binaryShapes, unaryShapes } from './sample-shapes.ts';
import { broadcastShapes } from './shape.ts';
import { broadcastOffset, everyIndex, tensor } from './tensor.ts';

/** An op on each value by itself: `y = value(x)`, with `derivative` giving dL/dx from the node and dL/dy. */
export function unary(definition: {
  readonly name: string;
  readonly onnx: string;
  readonly fill: NonNullable<SampleInput['fill']>;
  value(x: number): number;
  gradient(y: Node, upstream: Node): Node | null;
}): Op<Record<never, never>> {
  const { name, onnx } = definition;
  return {
    name,
    infer: ([x]) => {
      expectTypes(name, [x], 'float32');
      return { shape: x.shape, type: 'float32' };
    },
    gradient: (node, upstream) => [definition.gradient(node, upstream)],
    lower: (emitter, inputs) => emitter.emit(onnx, inputs)[0],
    reference: ([x], _, shape) => tensor(shape, x.data.map(definition.value)),
    samples: () => unaryShapes.map((shape) => ({ inputs: [{ shape, fill: definition.fill }], attributes: {} })),
  };
}

/** An op on pairs of values under broadcasting, with its two partial derivatives before they are summed back. */
export function binary(definition: {
  readonly name: string;
  readonly onnx: string;
  readonly takes?: readonly DataType[];
  readonly gives?: DataType;
  readonly fills?: readonly [SampleInput['fill'], SampleInput['fill']];
  value(a: number, b: number): number;
  gradient(a: Node, b: Node, upstream: Node, y: Node): readonly [Node | null, Node | null];
}): Op<Record<never, never>> {
  const { name, onnx, takes = ['float32'] } = definition;
  return {
    name,
    infer: (inputs) => {
      expectTypes(name, inputs, ...takes);
      const [a, b] = inputs;
      expectTypes(name, [b], a.type);
      return { shape: broadcastShapes(name, a.shape, b.shape), type: definition.gives ?? a.type };
    },
    gradient: (node, upstream) => {
      const [a, b] = node.inputs;
      return definition
        .gradient(a, b, upstream, node)
        .map((part, i) => (part === null ? null : sumTo(part, node.inputs[i].shape)));
    },
    lower: (emitter, inputs) => emitter.emit(onnx, inputs)[0],
    reference: ([a, b], _, shape) => {
      const result = tensor(shape);
      everyIndex(shape, (offset, index) => {
        result.data[offset] = definition.value(
          a.data[broadcastOffset(a.shape, index)],
          b.data[broadcastOffset(b.shape, index)],
        );
      });
      return result;
    },
    samples: () => takes.flatMap((type) => binaryShapes.map((shapes) => binarySample(shapes, type, definition.fills))),
  };
}

function binarySample(
  shapes: readonly [readonly number[], readonly number[]],
  type: DataType,
  fills: readonly [SampleInput['fill'], SampleInput['fill']] | undefined,
): Sample<Record<never, never>> {
  const otherwise = type === 'float32' ? 'normal' : 'bits';
  return {
    inputs: shapes.map((shape, i) => ({ shape, type, fill: (type === 'float32' && fills?.[i]) || otherwise })),
    attributes: {},
  };
}

/** `apply` for an op without attributes. */
export const applyPlain = (op: Op<Record<never, never>>, ...inputs: Node[]): Node => apply(op, inputs, {});
