import { KindredError, must } from '../../core/error.ts';
import { nearest } from '../../core/nearest.ts';
import type { NodeProto } from '../onnx_pb.ts';
import { label, type OnnxFile, standard, takenBy } from './file.ts';
import type { ModelPart } from './part.ts';
import { hasRule } from './translate.ts';

/** What becomes of each node of a file. */
export interface Plan {
  readonly output: string;
  /** Carried verbatim: all that the cut is computed from. Undefined without a cut. */
  readonly below: ModelPart | undefined;
  /** Translated: what else the output is computed from. */
  readonly above: readonly NodeProto[];
}

/** @throws KindredError for names that do not exist, and for an op above the cut that cannot be differentiated. */
export function planOf(file: OnnxFile, options: { readonly cut?: string; readonly output?: string }): Plan {
  const makers = new Map(file.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const output = options.output === undefined ? onlyOutput(file) : tensorNamed('output', options.output, file, makers);
  const needed = ancestors(output, makers);
  if (options.cut === undefined) {
    const above = file.nodes.filter((node) => needed.has(node));
    refuseWithoutRule(file, above, output);
    return { output, below: undefined, above };
  }
  const cut = tensorNamed('cut', options.cut, file, makers);
  const cone = ancestors(cut, makers);
  must(cut === output || [...needed].some((node) => takenBy(node).includes(cut)), () => ({
    rule: 'The cut lies below the output',
    received: `"${output}" is not computed from "${cut}"`,
    next: 'Name a tensor that the output needs, or another output',
  }));
  const above = file.nodes.filter((node) => needed.has(node) && !cone.has(node));
  refuseWithoutRule(file, above, output);
  const nodes = file.nodes.filter((node) => cone.has(node));
  const made = new Set(nodes.flatMap((node) => node.output));
  const taken = new Set(nodes.flatMap(takenBy));
  const wanted = new Set([output, ...above.flatMap(takenBy)].filter((name) => made.has(name)));
  return { output, below: partOf(file, nodes, taken, [...wanted]), above };
}

function partOf(
  file: OnnxFile,
  nodes: readonly NodeProto[],
  taken: ReadonlySet<string>,
  outputs: readonly string[],
): ModelPart {
  for (const node of nodes) refuseOldForms(node, file.opset);
  const domains = new Set(nodes.flatMap(everyNode).map((node) => standard(node.domain)));
  const calls = file.functions.some((each) => domains.has(standard(each.domain)));
  const inputs = file.inputs.filter(({ name }) => taken.has(name));
  return {
    nodes,
    initializers: [...file.initializers.values()].filter(({ name }) => taken.has(name)),
    functions: calls ? file.functions : [],
    inputs: inputs.map(({ name }) => name),
    inputTypes: inputs.map(({ code }) => code),
    outputs,
    opset: file.opset,
    opsets: new Map([...file.opsets].filter(([domain]) => calls || domains.has(domain))),
    format: file.format,
  };
}

/** A node and all those in its subgraphs. */
const everyNode = (node: NodeProto): NodeProto[] => [
  node,
  ...node.attribute.flatMap(({ g, graphs }) =>
    [...(g === undefined ? [] : [g]), ...graphs].flatMap((graph) => graph.node.flatMap(everyNode)),
  ),
];

/** What is carried is declared as op set 17 at least. Between 13 and 17 two ops changed what they mean. */
function refuseOldForms(node: NodeProto, opset: number): void {
  for (const each of everyNode(node)) {
    if (standard(each.domain) !== '') continue;
    const changed =
      (each.opType === 'BatchNormalization' && opset < 14 && each.output.filter((name) => name !== '').length > 1) ||
      (each.opType === 'RoiAlign' && opset < 16);
    must(!changed, () => ({
      rule: 'What is carried verbatim means the same in op set 17',
      received: `${label(each)} of op set ${opset}`,
      next: 'Convert the model to op set 17 with onnx.version_converter in Python',
    }));
  }
}

function onlyOutput(file: OnnxFile): string {
  must(file.outputs.length === 1, () => ({
    rule: 'An encoder has one output',
    received: `${file.where} has ${file.outputs.join(', ')}`,
    next: 'Say which with output',
    exitCode: 2,
  }));
  return file.outputs[0];
}

/** A tensor by its name, or that of its node, or the last one of a module (`/layer1`). */
function tensorNamed(role: string, name: string, file: OnnxFile, makers: ReadonlyMap<string, NodeProto>): string {
  if (makers.has(name)) return name;
  const node = file.nodes.find((each) => each.name === name) ?? inModule(file, name);
  if (node !== undefined) return node.output[0];
  const names = [...makers.keys()].filter((each) => each !== '' && makers.get(each)?.opType !== 'Constant');
  const close = names.filter((each) => each.toLowerCase().includes(name.toLowerCase()));
  const meant = nearest(name, names);
  const suggested = [...new Set([...(meant === undefined ? [] : [meant]), ...close, ...names.slice(-3)])].slice(0, 5);
  throw new KindredError({
    rule: `The ${role} names a tensor that a node of the model makes`,
    received: `there is no "${name}" in ${file.where}`,
    next: `Name one such as ${suggested.map((each) => `"${each}"`).join(', ')}`,
    exitCode: 2,
  });
}

const inModule = (file: OnnxFile, name: string): NodeProto | undefined =>
  name.startsWith('/') ? file.nodes.findLast((each) => each.name.startsWith(`${name}/`)) : undefined;

/** The nodes that a tensor is computed from. */
function ancestors(tensor: string, makers: ReadonlyMap<string, NodeProto>): Set<NodeProto> {
  const found = new Set<NodeProto>();
  const waiting = [tensor];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || found.has(maker)) continue;
    found.add(maker);
    waiting.push(...takenBy(maker));
  }
  return found;
}

function refuseWithoutRule(file: OnnxFile, above: readonly NodeProto[], output: string): void {
  const without = above.filter((node) => !hasRule(node));
  if (without.length === 0) return;
  const more = without.length === 1 ? '' : ` and ${without.length - 1} more`;
  throw new KindredError({
    rule: 'Above the cut every op has a gradient',
    received: `${label(without[0])}${more} of ${file.where} has none`,
    next: adviceFor(without, above, output),
  });
}

/** Which cuts would leave these nodes below. */
export function adviceFor(nodes: readonly NodeProto[], above: readonly NodeProto[], output: string): string {
  const reached = new Map<string, Set<NodeProto>>();
  for (const node of above) {
    const behind = new Set(takenBy(node).flatMap((name) => [...(reached.get(name) ?? [])]));
    if (nodes.includes(node)) behind.add(node);
    for (const name of node.output) reached.set(name, behind);
  }
  const cuts = [...reached]
    .filter(([name, behind]) => name !== '' && behind.size === nodes.length)
    .map(([name]) => name);
  const some = cuts.length > 4 ? [...cuts.slice(0, 3), output] : cuts;
  return `Move the cut above it, to ${some.map((name) => `"${name}"`).join(' or ')}, so that it is carried as it is`;
}
