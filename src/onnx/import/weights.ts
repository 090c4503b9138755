import { KindredError } from '../../core/error.ts';
import type { NodeProto } from '../onnx_pb.ts';
import { type OnnxFile, takenBy } from './file.ts';
import type { Weight } from './rule.ts';
import { type Contents, contentsOf, dataTypeOf } from './tensors.ts';

/** The weights of the nodes above a cut. */
export interface Weights {
  /** Those that are trained, by the tensor's name. */
  readonly trained: ReadonlyMap<string, Weight>;
  /** Mean and variance of the batch norms that keep a running average of their batches. */
  readonly statistics: ReadonlyMap<NodeProto, readonly [Weight, Weight]>;
}

/** Ops whose second and third inputs are weights, whatever their size. */
const layers: Readonly<Record<string, readonly string[][]>> = {
  BatchNormalization: [['norm'], ['norm', 'bias']],
  Conv: [[], ['bias']],
  Gemm: [[], ['bias']],
  GroupNormalization: [['norm'], ['norm', 'bias']],
  InstanceNormalization: [['norm'], ['norm', 'bias']],
  LayerNormalization: [['norm'], ['norm', 'bias']],
  MatMul: [[]],
};

/**
 * What is trained, and what batch norms average.
 *
 * Exporters that find two equal tensors write one, and the other as an Identity of it. PyTorch's does so for tensors that
 * only happen to be equal, such as all biases that are still 0. So each name is a weight of its own.
 */
export function weightsOf(
  file: OnnxFile,
  above: readonly NodeProto[],
  options: { readonly trainable?: readonly string[]; readonly batchNorm?: 'frozen' | 'batch' },
): Weights {
  const read = reader(file, above);
  const measured = new Set<string>(ownStatistics(file));
  const statistics = new Map<NodeProto, readonly [Weight, Weight]>();
  const names = new Set<string>();
  for (const node of above) {
    if (node.opType !== 'BatchNormalization') continue;
    const pair = node.input.slice(3, 5).map((name) => {
      measured.add(name);
      const contents = read(name);
      const own = names.has(name) ? `${name}:${names.size}` : name;
      names.add(own);
      return contents === undefined ? undefined : asWeight(own, contents, []);
    });
    if (options.batchNorm === 'batch' && pair[0] !== undefined && pair[1] !== undefined) {
      statistics.set(node, [pair[0], pair[1]]);
    }
  }
  const chosen = options.trainable?.map(pattern);
  const trained = new Map<string, Weight>();
  for (const node of above) {
    if (node.opType === 'Identity') continue;
    takenBy(node).forEach((name, position) => {
      if (measured.has(name) || trained.has(name)) return;
      const contents = read(name);
      if (contents === undefined) return;
      const byDefault = isWeight(file, name, contents, node, position);
      if (chosen === undefined ? byDefault : chosen.some((each) => each.test(name))) {
        trained.set(name, asWeight(name, contents, tagsOf(node, position, contents)));
      }
    });
  }
  return { trained, statistics };
}

/** The running averages in a file that this project wrote, where batch norm is written with simpler ops. */
function ownStatistics({ producer, metadata, where }: OnnxFile): string[] {
  const names = producer === 'kindred' ? metadata.get('statistics') : undefined;
  if (names === undefined) return [];
  try {
    return JSON.parse(names);
  } catch (cause) {
    throw new KindredError({
      rule: 'The metadata "statistics" of a model is a JSON list of names',
      received: `${names} in ${where}`,
      next: 'Export the model again',
      cause,
    });
  }
}

const asWeight = (name: string, { shape, values }: Contents, tags: readonly string[]): Weight => ({
  name,
  shape,
  values: Float32Array.from(values),
  tags,
});

/** Reads a float tensor of the file, by its own name or that of an Identity of it. */
function reader(file: OnnxFile, above: readonly NodeProto[]): (name: string) => Contents | undefined {
  const sources = new Map(
    above.flatMap((node) => (node.opType === 'Identity' ? [[node.output[0], node.input[0]] as const] : [])),
  );
  return (name) => {
    let source = name;
    for (let next = sources.get(source); next !== undefined; next = sources.get(source)) source = next;
    const tensor = file.initializers.get(source);
    return tensor !== undefined && dataTypeOf(tensor.dataType) === 'float32' ? contentsOf(tensor) : undefined;
  };
}

/** What is a weight, and no number that the model was written with. */
function isWeight(
  file: OnnxFile,
  name: string,
  { shape, values }: Contents,
  node: NodeProto,
  position: number,
): boolean {
  // Constants of the graphs that this project writes.
  if (file.producer === 'kindred' && /^constant_\d+'*$/.test(name)) return false;
  if (Object.hasOwn(layers, node.opType) && position > 0) return true;
  return shape.length > 0 && values.length > 1 && Array.from(values).every(Number.isFinite);
}

function tagsOf(node: NodeProto, position: number, { shape }: Contents): readonly string[] {
  if (Object.hasOwn(layers, node.opType)) return layers[node.opType][position - 1] ?? [];
  if (shape.length !== 1) return [];
  // The offset of a linear layer, and the scale of a norm, when they are written as ops of their own.
  if (node.opType === 'Add') return ['bias'];
  return node.opType === 'Mul' ? ['norm'] : [];
}

/** `*` stands for any letters. */
const pattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
