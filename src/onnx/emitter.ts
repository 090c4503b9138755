import { create } from '@bufbuild/protobuf';
import type { DataType, Node } from '../graph/node.ts';
import type { AttributeValue, Emitter, FloatAttribute } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from './onnx_pb.ts';

export const dataTypeCode: Record<DataType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
  uint8: TensorProto_DataType.UINT8,
};

const bytesOf: Record<DataType, (values: ArrayLike<number>) => Uint8Array> = {
  float32: (values) => bytes(Float32Array.from(values)),
  int64: (values) => bytes(BigInt64Array.from(Array.from(values, (value) => BigInt(value)))),
  bool: (values) => Uint8Array.from(values, (value) => (value ? 1 : 0)),
  uint8: (values) => Uint8Array.from(values),
};

const bytes = (array: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** An ONNX tensor of these values, little-endian as ONNX stores them. */
export function tensorProto(
  name: string,
  shape: readonly number[],
  type: DataType,
  values: ArrayLike<number>,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map((size) => BigInt(size)),
    dataType: dataTypeCode[type],
    rawData: bytesOf[type](values),
  });
}

/** Collects ONNX nodes and constants; equal ones are written once. */
export class GraphEmitter implements Emitter {
  readonly contrib: boolean;
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly domains = new Set(['']);
  readonly #written = new Map<string, NodeProto>();
  readonly #constants = new Map<string, string>();
  readonly #symbols = new Map<string, { input: string; axis: number }>();
  readonly #outputs = new Set<string>();
  readonly #renamed = new Map<string, string>();
  #count = 0;

  constructor(options: { contrib: boolean; inputs: readonly Node[] }) {
    this.contrib = options.contrib;
    for (const node of options.inputs) {
      node.shape.forEach((size, axis) => {
        if (typeof size === 'string' && !this.#symbols.has(size)) {
          this.#symbols.set(size, { input: node.attributes.name, axis });
        }
      });
    }
  }

  emit(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue | FloatAttribute>> = {},
    options: { readonly outputs?: number; readonly domain?: string } = {},
  ): string[] {
    const { outputs = 1, domain = '' } = options;
    const key = JSON.stringify([domain, type, inputs, attributes]);
    let node = this.#written.get(key);
    if (node === undefined) {
      node = create(NodeProtoSchema, {
        name: `${type}_${this.#count++}`,
        opType: type,
        domain,
        input: [...inputs],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      });
      this.#written.set(key, node);
      this.nodes.push(node);
      this.domains.add(domain);
    }
    while (node.output.length < outputs) node.output.push(`${node.name}:${node.output.length}`);
    return node.output.slice(0, outputs);
  }

  /** Gives a result the name of an output. An input, a constant, or what already is an output, is copied to it. */
  rename(result: string, to: string): void {
    const from = this.#renamed.get(result) ?? result;
    const maker = this.nodes.find((node) => node.output.includes(from));
    if (maker === undefined || this.#outputs.has(from)) {
      this.nodes.push(
        create(NodeProtoSchema, { name: `output_${to}`, opType: 'Identity', input: [from], output: [to] }),
      );
    } else {
      maker.output[maker.output.indexOf(from)] = to;
      this.#renamed.set(result, to);
      for (const node of this.nodes) {
        node.input.forEach((name, i) => {
          if (name === from) node.input[i] = to;
        });
      }
    }
    this.#outputs.add(to);
  }

  constant(values: ArrayLike<number>, shape: readonly number[], type: DataType): string {
    const proto = tensorProto(`constant_${this.constants.length}`, shape, type, values);
    const key = `${type} ${shape} ${Buffer.from(proto.rawData).toString('latin1')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    this.#constants.set(key, proto.name);
    this.constants.push(proto);
    return proto.name;
  }

  sizes(shape: Shape): string {
    if (shape.every((size) => typeof size === 'number')) return this.constant(shape, [shape.length], 'int64');
    const parts = shape.map((size) => {
      if (typeof size === 'number') return this.constant([size], [1], 'int64');
      const place = this.#symbols.get(size);
      if (place === undefined) throw new RangeError(`no input of the graph says how large "${size}" is`);
      const [shapeOfInput] = this.emit('Shape', [place.input]);
      return this.emit('Gather', [shapeOfInput, this.constant([place.axis], [1], 'int64')], { axis: 0 })[0];
    });
    return parts.length === 1 ? parts[0] : this.emit('Concat', parts, { axis: 0 })[0];
  }
}

function attribute(name: string, value: AttributeValue | FloatAttribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map((each) => BigInt(each)) });
}
