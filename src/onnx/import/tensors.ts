import { must } from '../../core/error.ts';
import type { DataType } from '../../graph/node.ts';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from '../onnx_pb.ts';

const code = TensorProto_DataType;

/** What ONNX's types become: smaller and larger numbers are computed in float32 and int64. */
const types: Readonly<Record<number, DataType>> = {
  [code.FLOAT]: 'float32',
  [code.DOUBLE]: 'float32',
  [code.INT8]: 'int64',
  [code.UINT16]: 'int64',
  [code.INT16]: 'int64',
  [code.INT32]: 'int64',
  [code.UINT32]: 'int64',
  [code.INT64]: 'int64',
  [code.UINT64]: 'int64',
  [code.BOOL]: 'bool',
  [code.UINT8]: 'uint8',
};

/** The type that stands for ONNX's, or undefined: strings, half floats, complex and packed numbers have none. */
export const dataTypeOf = (onnx: number): DataType | undefined => types[onnx];

/** What ONNX calls a type, for messages. */
export const typeName = (onnx: number): string => code[onnx] ?? `type ${onnx}`;

/** The values of a tensor that a file holds. */
export interface Contents {
  readonly shape: readonly number[];
  readonly type: DataType;
  readonly values: ArrayLike<number>;
}

export function contentsOf(tensor: TensorProto): Contents {
  const what = `"${tensor.name}"`;
  const type = dataTypeOf(tensor.dataType);
  must(type !== undefined, () => ({
    rule: 'Tensors that are differentiated hold float32, double, whole numbers or booleans',
    received: `${what} holds ${typeName(tensor.dataType)}`,
    next: 'Convert the model to float32, or move the cut above what uses it',
  }));
  must(tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL, () => ({
    rule: 'The weights of a model lie in its own file',
    received: `${what} lies in another one`,
    next: 'Save it as one file, as onnx.save(model, path) does in Python after onnx.load',
  }));
  const shape = tensor.dims.map(Number);
  const values = tensor.rawData.length > 0 ? fromBytes(tensor) : fromFields(tensor);
  const size = shape.reduce((a, b) => a * b, 1);
  must(values.length === size, () => ({
    rule: 'A tensor has as many values as its shape says',
    received: `${what} of [${shape.join(', ')}] has ${values.length}`,
    next: 'Get the file again: this one is not complete',
  }));
  return { shape, type, values };
}

function fromFields(tensor: TensorProto): ArrayLike<number> {
  switch (tensor.dataType) {
    case code.FLOAT:
      return Float32Array.from(tensor.floatData);
    case code.DOUBLE:
      return Float32Array.from(tensor.doubleData);
    case code.INT64:
      return tensor.int64Data.map(Number);
    case code.UINT32:
    case code.UINT64:
      return tensor.uint64Data.map(Number);
    default:
      return tensor.int32Data;
  }
}

function fromBytes(tensor: TensorProto): ArrayLike<number> {
  // A copy of its own, because arrays start at multiples of their element's size.
  const { buffer } = Uint8Array.from(tensor.rawData);
  const whole = (bytes: number) => buffer.slice(0, buffer.byteLength - (buffer.byteLength % bytes));
  switch (tensor.dataType) {
    case code.FLOAT:
      return new Float32Array(whole(4));
    case code.DOUBLE:
      return Float32Array.from(new Float64Array(whole(8)));
    case code.INT8:
      return new Int8Array(buffer);
    case code.UINT16:
      return new Uint16Array(whole(2));
    case code.INT16:
      return new Int16Array(whole(2));
    case code.INT32:
      return new Int32Array(whole(4));
    case code.UINT32:
      return new Uint32Array(whole(4));
    case code.INT64:
      return Array.from(new BigInt64Array(whole(8)), Number);
    case code.UINT64:
      return Array.from(new BigUint64Array(whole(8)), Number);
    default:
      return new Uint8Array(buffer);
  }
}
