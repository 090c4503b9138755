import type { DataType, Node } from '../node.ts';
import { apply, type Op } from '../op.ts';
import { tensor } from '../tensor.ts';

/** ONNX's numbers for the types (TensorProto.DataType). */
const code: Record<DataType, number> = { float32: 1, uint8: 2, int64: 7, bool: 9 };

/** The same values as another type: booleans become 0 and 1, numbers are truncated towards 0, anything but 0 is true. */
export const op: Op<{ type: DataType }> = {
  name: 'cast',
  infer: ([x], { type }) => ({ shape: x.shape, type }),
  gradient: (node, upstream) => [node.type === 'float32' ? upstream : null],
  lower: (emitter, inputs, node) => emitter.emit('Cast', inputs, { to: code[node.type] })[0],
  reference: ([x], { type }, shape) =>
    tensor(
      shape,
      x.data.map((value) => (type === 'bool' ? (value ? 1 : 0) : type === 'float32' ? value : Math.trunc(value))),
    ),
  samples: () => [
    { inputs: [{ shape: [2, 3], type: 'bool', fill: 'bits' }], attributes: { type: 'float32' } },
    { inputs: [{ shape: [4], type: 'uint8', fill: [0, 1, 128, 255] }], attributes: { type: 'float32' } },
    { inputs: [{ shape: [4], fill: [-1.5, 0, 0.4, 2.9] }], attributes: { type: 'int64' } },
    { inputs: [{ shape: [0], type: 'int64', fill: [] }], attributes: { type: 'bool' } },
  ],
};

export const cast = (x: Node, type: DataType): Node => (x.type === type ? x : apply(op, [x], { type }));
