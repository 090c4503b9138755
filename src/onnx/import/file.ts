import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { KindredError, must } from '../../core/error.ts';
import type { DataType } from '../../graph/node.ts';
import {
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from '../onnx_pb.ts';
import { dataTypeOf, typeName } from './tensors.ts';

/** A size that a file declares: a number, a name, or null where it says nothing. */
export type Declared = number | string | null;

/** What a file declares of a tensor. */
export interface Declaration {
  readonly name: string;
  /** Undefined where even the number of axes is open. */
  readonly shape: readonly Declared[] | undefined;
  /** Undefined for what has no counterpart: strings, sequences, half floats. */
  readonly type: DataType | undefined;
  /** ONNX's number of the type, and its name for messages. */
  readonly code: number;
  readonly typeName: string;
}

/** An ONNX file, checked: every tensor is made once, nothing goes in circles. */
export interface OnnxFile {
  /** For messages: the path, or the number of bytes. */
  readonly where: string;
  readonly producer: string;
  /** Notes that the file carries about itself. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly opset: number;
  /** Versions of the other domains. */
  readonly opsets: ReadonlyMap<string, number>;
  /** The IR version. */
  readonly format: number;
  /** Each after those whose results it takes. */
  readonly nodes: readonly NodeProto[];
  readonly functions: readonly FunctionProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  readonly inputs: readonly Declaration[];
  readonly outputs: readonly string[];
  /** What the file says about tensors, by name. */
  readonly declarations: ReadonlyMap<string, Declaration>;
}

/** The op sets whose forms the importer knows. */
const OLDEST = 13;
const NEWEST = 21;

/** Reads a model from bytes or from the path of its file. */
export function readOnnx(model: Uint8Array | string): OnnxFile {
  const where = typeof model === 'string' ? model : `${model.length} bytes`;
  const proto = parse(typeof model === 'string' ? contents(model) : model, where);
  const { graph } = proto;
  must(graph !== undefined && graph.output.length > 0, () => ({
    rule: 'An ONNX file holds a graph with an output',
    received: `${where} holds none`,
    next: 'Check that the file is a complete ONNX model',
  }));
  const opsets = new Map(proto.opsetImport.map((each) => [standard(each.domain), Number(each.version)]));
  const opset = opsets.get('') ?? 0;
  must(opset >= OLDEST && opset <= NEWEST, () => ({
    rule: `Models of op sets ${OLDEST} to ${NEWEST} can be imported`,
    received: `${where} has ${opset === 0 ? 'no standard ops' : opset}`,
    next: 'Export it again with opset_version=17, or convert it with onnx.version_converter in Python',
  }));
  opsets.delete('');
  must(graph.sparseInitializer.length === 0, () => ({
    rule: 'Weights are dense tensors',
    received: `${where} has sparse ones`,
    next: 'Convert them to dense ones',
  }));
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const outside = graph.initializer.find((tensor) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL);
  must(outside === undefined, () => ({
    rule: 'The weights of a model lie in its own file',
    received: `"${outside?.name}" of ${where} lies in another one`,
    next: 'Save it as one file, as onnx.save(model, path) does in Python after onnx.load',
  }));
  const inputs = graph.input.map(declarationOf).filter(({ name }) => !initializers.has(name));
  return {
    where,
    producer: proto.producerName,
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
    opset,
    opsets,
    format: Number(proto.irVersion),
    nodes: sorted(graph, where),
    functions: proto.functions,
    initializers,
    inputs,
    outputs: graph.output.map(({ name }) => name),
    declarations: new Map([...graph.input, ...graph.valueInfo, ...graph.output].map((v) => [v.name, declarationOf(v)])),
  };
}

/** The standard domain goes by two names. */
export const standard = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

function contents(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new KindredError({
      rule: 'An ONNX file is read',
      received: `${path}: ${cause instanceof Error ? cause.message : cause}`,
      next: 'Check the path',
      exitCode: 2,
      cause,
    });
  }
}

function parse(bytes: Uint8Array, where: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new KindredError({
      rule: 'An ONNX file is a protobuf message',
      received: `${where}: ${cause instanceof Error ? cause.message : cause}`,
      next: 'Check that the file is a complete ONNX model',
      cause,
    });
  }
}

function declarationOf({ name, type }: ValueInfoProto): Declaration {
  const value = type?.value;
  if (value?.case !== 'tensorType') {
    return { name, shape: undefined, type: undefined, code: 0, typeName: value?.case ?? 'nothing' };
  }
  const { shape, elemType } = value.value;
  return {
    name,
    type: dataTypeOf(elemType),
    code: elemType,
    typeName: typeName(elemType),
    shape: shape?.dim.map(({ value: dim }) =>
      dim.case === 'dimValue' ? Number(dim.value) : dim.case === 'dimParam' && dim.value !== '' ? dim.value : null,
    ),
  };
}

/** How messages name a node. */
export const label = ({ opType, domain, name, output }: NodeProto): string =>
  `${standard(domain) === '' ? '' : `${domain}.`}${opType}${name === '' ? '' : ` "${name}"`} (it makes "${output[0]}")`;

/** The tensors that a node takes, those that its subgraphs take from outside included. */
export function takenBy(node: NodeProto): string[] {
  const inner = node.attribute.flatMap(({ g, graphs }) => [...(g === undefined ? [] : [g]), ...graphs]);
  return [...node.input.filter((name) => name !== ''), ...inner.flatMap(takenByGraph)];
}

function takenByGraph(graph: GraphProto): string[] {
  const own = new Set([
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
  const taken = [...graph.node.flatMap(takenBy), ...graph.output.map(({ name }) => name)];
  return taken.filter((name) => !own.has(name));
}

/** The nodes, each after those whose results it takes: as they are, where the file keeps ONNX's rule. */
function sorted(graph: GraphProto, where: string): NodeProto[] {
  const known = new Set([...graph.initializer, ...graph.input].map(({ name }) => name));
  const made = new Set(known);
  for (const node of graph.node) {
    for (const name of node.output) {
      must(name === '' || !made.has(name), () => ({
        rule: 'Every tensor of a model is made once',
        received: `${label(node)} makes "${name}" again in ${where}`,
        next: 'Check what wrote the file',
      }));
      made.add(name);
    }
  }
  const check = (name: string, by: string) =>
    must(made.has(name), () => ({
      rule: 'Every tensor of a model is an input, an initializer, or made by a node',
      received: `"${name}", which ${by}, is none of these in ${where}`,
      next: 'Check that the file is complete',
    }));
  for (const node of graph.node) for (const name of takenBy(node)) check(name, `${label(node)} takes`);
  for (const { name } of graph.output) check(name, 'is an output');
  const order: NodeProto[] = [];
  let waiting = graph.node;
  while (waiting.length > 0) {
    const later: NodeProto[] = [];
    for (const node of waiting) {
      if (takenBy(node).every((name) => known.has(name))) {
        order.push(node);
        for (const name of node.output) known.add(name);
      } else later.push(node);
    }
    must(later.length < waiting.length, () => ({
      rule: 'The nodes of a model do not go in circles',
      received: `${label(waiting[0])} takes what is made of its own result in ${where}`,
      next: 'Check what wrote the file',
    }));
    waiting = later;
  }
  return order;
}
