import { create, toBinary } from '@bufbuild/protobuf';
import type { DataType } from '../../src/graph/node.ts';
import { dataTypeCode, tensorProto } from '../../src/onnx/emitter.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../src/onnx/onnx_pb.ts';

/** A tensor of a file that a test writes. */
export interface Held {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  readonly type?: DataType;
}

type Attribute = number | string | readonly number[] | { float: number } | { graph: GraphParts } | { tensor: Held };

/** One node: `['Softmax', ['x'], ['y'], { axis: 1 }]`, with a domain where it has one. */
export type NodeParts = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, Attribute>>,
  domain?: string,
];

export interface GraphParts {
  readonly inputs?: Readonly<Record<string, { shape: readonly (number | string)[] | undefined; type?: DataType }>>;
  /** Names, with shapes where a shape is declared. */
  readonly outputs: Readonly<Record<string, { shape: readonly (number | string)[] | undefined; type?: DataType }>>;
  readonly initializers?: Readonly<Record<string, Held>>;
  readonly nodes: readonly NodeParts[];
  readonly declared?: Readonly<Record<string, { shape: readonly (number | string)[]; type?: DataType }>>;
}

/** An ONNX file as the tests want it, right or wrong. */
export const onnxModel = (
  parts: GraphParts & {
    opset: number;
    domains?: Readonly<Record<string, number>>;
    functions?: readonly {
      domain: string;
      name: string;
      input: string[];
      output: string[];
      nodes: readonly NodeParts[];
    }[];
  },
): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: parts.opset < 19 ? 8n : parts.opset < 21 ? 9n : 10n,
      producerName: 'a test',
      functions: (parts.functions ?? []).map(({ nodes, ...each }) =>
        create(FunctionProtoSchema, {
          ...each,
          node: nodes.map(node),
          opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(parts.opset) })],
        }),
      ),
      opsetImport: Object.entries({ '': parts.opset, ...parts.domains }).map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      graph: graph(parts),
    }),
  );

const graph = ({ inputs = {}, outputs, initializers = {}, nodes, declared = {} }: GraphParts): GraphProto =>
  create(GraphProtoSchema, {
    name: 'graph',
    node: nodes.map(node),
    initializer: Object.entries(initializers).map(([name, { shape, values, type = 'float32' }]) =>
      tensorProto(name, shape, type, values),
    ),
    input: Object.entries(inputs).map(([name, each]) => info(name, each)),
    output: Object.entries(outputs).map(([name, each]) => info(name, each)),
    valueInfo: Object.entries(declared).map(([name, each]) => info(name, each)),
  });

const node = ([opType, input, output, attributes = {}, domain = '']: NodeParts): NodeProto =>
  create(NodeProtoSchema, {
    name: `node of ${output[0]}`,
    opType,
    domain,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });

function attribute(name: string, value: Attribute): AttributeProto {
  const of = (fields: Parameters<typeof create<typeof AttributeProtoSchema>>[1]) =>
    create(AttributeProtoSchema, { name, ...fields } as object);
  if (typeof value === 'number') return of({ type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === 'string') return of({ type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ('float' in value) return of({ type: AttributeType.FLOAT, f: value.float });
  if ('graph' in value) return of({ type: AttributeType.GRAPH, g: graph(value.graph) });
  if ('tensor' in value) {
    const { shape, values, type = 'float32' } = value.tensor;
    return of({ type: AttributeType.TENSOR, t: tensorProto(name, shape, type, values) });
  }
  return of({ type: AttributeType.INTS, ints: value.map((each) => BigInt(each)) });
}

const info = (
  name: string,
  { shape, type = 'float32' }: { shape: readonly (number | string)[] | undefined; type?: DataType },
): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: dataTypeCode[type],
          ...(shape !== undefined && {
            shape: create(TensorShapeProtoSchema, {
              dim: shape.map((size) =>
                create(TensorShapeProto_DimensionSchema, {
                  value:
                    typeof size === 'number'
                      ? { case: 'dimValue', value: BigInt(size) }
                      : { case: 'dimParam', value: size },
                }),
              ),
            }),
          }),
        },
      },
    },
  });
