import { create, toBinary } from '@bufbuild/protobuf';
import { type Node, topological } from '../graph/node.ts';
import { op as inputOp } from '../graph/ops/input.ts';
import { sizeOf } from '../graph/shape.ts';
import { dataTypeCode, GraphEmitter, tensorProto } from './emitter.ts';
import { isCarried, mergedFunctions, mergedOpsets, partOf } from './import/part.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.ts';

/** The standard op set that models use, unless they carry a part of a model that needs a later one. */
const OPSET = 17;

/** The file format that came with a version of the standard ops. */
const formatOf = (opset: number): number => (opset < 19 ? 8 : opset < 21 ? 9 : opset < 23 ? 10 : opset < 24 ? 11 : 12);

export interface Lowering {
  readonly outputs: Readonly<Record<string, Node>>;
  /** Inputs whose values become part of the model: the weights of an exported encoder. */
  readonly weights?: ReadonlyMap<Node, Float32Array>;
  /** Whether ONNX Runtime's own ops may be used. Not for files that others will read. */
  readonly contrib?: boolean;
  /** Written into the model's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A graph as an ONNX model: bytes that ONNX Runtime, or anything else that reads ONNX, can load. Its op set is 17, or that
 * of the parts of imported models that it carries if that is later.
 */
export function lower({ outputs, weights = new Map(), contrib = false, metadata = {} }: Lowering): Uint8Array {
  const order = topological(Object.values(outputs));
  const inputs = order.filter((node) => node.op === inputOp && !weights.has(node));
  const parts = order.filter(isCarried).map(partOf);
  const opset = Math.max(OPSET, ...parts.map((part) => part.opset));
  const taken = new Set(order.filter((node) => node.op === inputOp).map((node) => node.attributes.name as string));
  const emitter = new GraphEmitter({ contrib, inputs, opset, taken });
  const names = new Map<Node, string>();
  for (const node of order) {
    const from = node.inputs.map((input) => names.get(input) as string);
    names.set(node, node.op.lower(emitter, from, node));
  }
  for (const [name, node] of Object.entries(outputs)) emitter.rename(names.get(node) as string, name);
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(Math.max(formatOf(opset), ...parts.map((part) => part.format))),
    producerName: 'kindred',
    opsetImport: [...mergedOpsets(emitter.domains, opset, parts)].map(([domain, version]) =>
      create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
    ),
    functions: mergedFunctions(parts),
    metadataProps: Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
    graph: create(GraphProtoSchema, {
      name: 'kindred',
      node: emitter.nodes,
      initializer: [
        ...emitter.constants,
        ...order
          .filter((node) => weights.has(node))
          .map((node) =>
            tensorProto(
              node.attributes.name,
              node.shape as number[],
              node.type,
              checked(node, weights.get(node) as Float32Array),
            ),
          ),
      ],
      input: inputs.map((node) => valueInfo(node.attributes.name, node)),
      output: Object.entries(outputs).map(([name, node]) => valueInfo(name, node)),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function checked(node: Node, values: Float32Array): Float32Array {
  if (values.length !== sizeOf(node.shape)) {
    throw new RangeError(`"${node.attributes.name}" has ${sizeOf(node.shape)} weights, received ${values.length}`);
  }
  return values;
}

function valueInfo(name: string, node: Node): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: dataTypeCode[node.type],
          shape: create(TensorShapeProtoSchema, {
            dim: node.shape.map((size) =>
              create(TensorShapeProto_DimensionSchema, {
                value:
                  typeof size === 'number'
                    ? { case: 'dimValue', value: BigInt(size) }
                    : { case: 'dimParam', value: size },
              }),
            ),
          }),
        },
      },
    },
  });
}
