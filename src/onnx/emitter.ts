import { create } from '@bufbuild/protobuf';
import type { DataType, Node } from '../graph/node.ts';
import type { AttributeValue, Carried, Emitter, FloatAttribute } from '../graph/op.ts';
import { type Dimension, factorsOf, type Shape } from '../graph/shape.ts';
import { type ModelPart, renamedNode, renamedTensor } from './import/part.ts';
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
  readonly #opset: number;
  readonly #taken: ReadonlySet<string>;
  readonly #parts = new Map<ModelPart, { readonly prefix: string; readonly results: Map<string, string[]> }>();
  readonly #carried = new Set<string>();
  readonly #written = new Map<string, NodeProto>();
  readonly #constants = new Map<string, string>();
  readonly #symbols = new Map<string, { input: string; axis: number }>();
  readonly #outputs = new Set<string>();
  readonly #renamed = new Map<string, string>();
  #count = 0;

  /**
   * @param options.opset the version of the standard ops that is written: 17 unless given, or a later one
   * @param options.taken names that the model has already, such as those of its weights
   */
  constructor(options: { contrib: boolean; inputs: readonly Node[]; opset?: number; taken?: ReadonlySet<string> }) {
    this.contrib = options.contrib;
    this.#opset = options.opset ?? 17;
    this.#taken = options.taken ?? new Set();
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
    if (this.#opset >= 18 && domain === '' && axesMoved.has(type) && 'axes' in attributes) {
      const { axes, ...others } = attributes;
      const list = axes as readonly number[];
      return this.emit(type, [...inputs, this.constant(list, [list.length], 'int64')], others, options);
    }
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
    while (node.output.length < outputs) node.output.push(this.#free(`${node.name}:${node.output.length}`));
    return node.output.slice(0, outputs);
  }

  /** Gives a result the name of an output. An input, a constant, or what already is an output, is copied to it. */
  rename(result: string, to: string): void {
    const from = this.#renamed.get(result) ?? result;
    const maker = this.nodes.find((node) => node.output.includes(from));
    if (maker === undefined || this.#outputs.has(from) || this.#carried.has(from)) {
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
    const proto = tensorProto(this.#free(`constant_${this.constants.length}`), shape, type, values);
    const key = `${type} ${shape} ${Buffer.from(proto.rawData).toString('latin1')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    this.#constants.set(key, proto.name);
    this.constants.push(proto);
    return proto.name;
  }

  sizes(shape: Shape): string {
    if (shape.every((size) => typeof size === 'number')) return this.constant(shape, [shape.length], 'int64');
    const parts = shape.map((size) => this.#size(size));
    return parts.length === 1 ? parts[0] : this.emit('Concat', parts, { axis: 0 })[0];
  }

  /** One size as an int64 vector of one value. */
  #size(size: Dimension): string {
    const { count, symbols } = factorsOf(size);
    const factors = symbols.map((symbol) => {
      const place = this.#symbols.get(symbol);
      if (place === undefined) throw new RangeError(`no input of the graph says how large "${symbol}" is`);
      const [shapeOfInput] = this.emit('Shape', [place.input]);
      return this.emit('Gather', [shapeOfInput, this.constant([place.axis], [1], 'int64')], { axis: 0 })[0];
    });
    if (count !== 1 || factors.length === 0) factors.push(this.constant([count], [1], 'int64'));
    return factors.reduce((product, factor) => this.emit('Mul', [product, factor])[0]);
  }

  carry(carried: Carried, inputs: readonly string[]): readonly string[] {
    const part = carried as ModelPart;
    let known = this.#parts.get(part);
    if (known === undefined) {
      known = { prefix: this.#parts.size === 0 ? 'frozen/' : `frozen${this.#parts.size}/`, results: new Map() };
      this.#parts.set(part, known);
      for (const tensor of part.initializers) this.constants.push(renamedTensor(tensor, known.prefix + tensor.name));
    }
    const { prefix, results } = known;
    const key = JSON.stringify(inputs);
    const written = results.get(key);
    if (written !== undefined) return written;
    const weights = new Set(part.initializers.map(({ name }) => name));
    const again = results.size === 0 ? prefix : `${prefix}${results.size}/`;
    const rename = (name: string): string => {
      const at = part.inputs.indexOf(name);
      if (at >= 0) return inputs[at];
      return name === '' ? '' : (weights.has(name) ? prefix : again) + name;
    };
    for (const node of part.nodes) {
      const copy = renamedNode(node, rename);
      for (const name of copy.output) this.#carried.add(name);
      this.nodes.push(copy);
    }
    const names = part.outputs.map(rename);
    results.set(key, names);
    return names;
  }

  /** The parts of other models that were written. */
  get parts(): readonly ModelPart[] {
    return [...this.#parts.keys()];
  }

  /** A name that nothing of the model has. */
  #free(name: string): string {
    return this.#taken.has(name) ? this.#free(`${name}'`) : name;
  }
}

/** Reductions whose axes are an attribute up to version 17 of the standard ops, and an input afterwards. */
const axesMoved = new Set(['ReduceMean', 'ReduceMax', 'ReduceMin']);

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
