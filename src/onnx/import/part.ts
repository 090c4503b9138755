import { equals } from '@bufbuild/protobuf';
import { KindredError } from '../../core/error.ts';
import type { DataType, Node } from '../../graph/node.ts';
import { apply, type Op } from '../../graph/op.ts';
import type { Shape } from '../../graph/shape.ts';
import {
  type AttributeProto,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
} from '../onnx_pb.ts';

/**
 * A part of a model that is carried verbatim: its nodes and weights, whatever their ops and types. Only names change when it
 * is written, so that they meet no others.
 */
export interface ModelPart {
  /** Each after those whose results it takes. */
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** Model-local functions that the nodes call. */
  readonly functions: readonly FunctionProto[];
  /** Tensors that come from outside. */
  readonly inputs: readonly string[];
  /** ONNX's numbers of their types. */
  readonly inputTypes: readonly number[];
  /** Tensors that are wanted outside. */
  readonly outputs: readonly string[];
  /** The version of the standard ops; other domains have theirs in `opsets`. */
  readonly opset: number;
  readonly opsets: ReadonlyMap<string, number>;
  /** The IR version of its file. */
  readonly format: number;
}

const onnxType: Record<DataType, number> = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
  uint8: TensorProto_DataType.UINT8,
};

interface Result {
  readonly part: ModelPart;
  /** Which of the part's outputs. */
  readonly index: number;
  readonly shape: Shape;
  readonly type: DataType;
}

/**
 * One result of a part that is carried verbatim. No gradient flows into it, so what lies in it is frozen. ONNX Runtime
 * computes it; the float64 reference cannot.
 */
const op: Op<Result> = {
  name: 'carriedPart',
  infer: (_, { shape, type }) => ({ shape, type }),
  gradient: (node) => node.inputs.map(() => null),
  lower: (emitter, inputs, node) => {
    const { part, index }: Result = node.attributes;
    const cast = (name: string, to: number) => emitter.emit('Cast', [name], { to })[0];
    const given = inputs.map((name, i) =>
      onnxType[node.inputs[i].type] === part.inputTypes[i] ? name : cast(name, part.inputTypes[i]),
    );
    const result = emitter.carry(part, given)[index];
    // What counts as a whole number here may be of a smaller type there.
    return node.type === 'float32' ? result : cast(result, onnxType[node.type]);
  },
  reference: (_, { part, index }) => {
    throw new KindredError({
      rule: 'The float64 reference cannot evaluate a part of a model that is carried verbatim',
      received: `"${part.outputs[index]}"`,
      next: 'Run the model with ONNX Runtime, or import it without a cut',
    });
  },
  samples: () => [],
};

export const carriedResult = (inputs: readonly Node[], result: Result): Node => apply(op, inputs, result);

export const isCarried = (node: Node): boolean => node.op === op;
export const partOf = (node: Node): ModelPart => (node.attributes as Result).part;

/** The versions of all domains; two parts that need different ones of the same domain are refused. */
export function mergedOpsets(
  domains: Iterable<string>,
  opset: number,
  parts: readonly ModelPart[],
): ReadonlyMap<string, number> {
  const merged = new Map([...domains].map((domain) => [domain, domain === '' ? opset : 1]));
  for (const [domain, version] of parts.flatMap((part) => [...part.opsets])) {
    const known = merged.get(domain);
    if (known !== undefined && known !== version) {
      throw new KindredError({
        rule: `One model has one version of the ops of ${domain}`,
        received: `${known} and ${version}`,
        next: 'Convert one of the imported models',
      });
    }
    merged.set(domain, version);
  }
  return merged;
}

/** The functions of all parts; those of the same name must be the same. */
export function mergedFunctions(parts: readonly ModelPart[]): FunctionProto[] {
  const merged = new Map<string, FunctionProto>();
  for (const each of parts.flatMap((part) => part.functions)) {
    const name = `${each.domain}.${each.name}`;
    const known = merged.get(name);
    if (known !== undefined && !equals(FunctionProtoSchema, known, each)) {
      throw new KindredError({
        rule: 'One model has one function of a name',
        received: `two of ${name}, from two imported models`,
        next: 'Rename one of them, or inline it',
      });
    }
    merged.set(name, each);
  }
  return [...merged.values()];
}

/** The same message with other fields. Copies what is set, and the prototype, which holds the defaults. */
const changed = <Message extends object>(message: Message, fields: Partial<Message>): Message =>
  Object.assign(Object.create(Object.getPrototypeOf(message)), message, fields);

export const renamedTensor = (tensor: TensorProto, name: string): TensorProto => changed(tensor, { name });

/** The node with every tensor renamed, in its subgraphs too: these see the names outside. */
export function renamedNode(node: NodeProto, rename: (name: string) => string): NodeProto {
  return changed(node, {
    name: node.name === '' ? '' : rename(node.name),
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.map((each) => renamedAttribute(each, rename)),
  });
}

function renamedAttribute(attribute: AttributeProto, rename: (name: string) => string): AttributeProto {
  if (attribute.g === undefined && attribute.graphs.length === 0) return attribute;
  return changed(attribute, {
    ...(attribute.g !== undefined && { g: renamedGraph(attribute.g, rename) }),
    graphs: attribute.graphs.map((graph) => renamedGraph(graph, rename)),
  });
}

function renamedGraph(graph: GraphProto, rename: (name: string) => string): GraphProto {
  const named = <Message extends { name: string }>(list: Message[]): Message[] =>
    list.map((each) => changed(each, { name: rename(each.name) } as Partial<Message>));
  return changed(graph, {
    node: graph.node.map((node) => renamedNode(node, rename)),
    initializer: named(graph.initializer),
    input: named(graph.input),
    output: named(graph.output),
    valueInfo: named(graph.valueInfo),
  });
}
