import { KindredError, must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import { input } from '../../graph/ops/input.ts';
import type { Dimension, Shape } from '../../graph/shape.ts';
import type { Declaration, OnnxFile } from './file.ts';
import { held } from './makers.ts';
import { carriedResult, type ModelPart } from './part.ts';
import { dataTypeOf } from './tensors.ts';
import { hasRule, type Tensors, translate } from './translate.ts';
import { computed, type Value } from './value.ts';

/**
 * The results of the part that is carried. Their shapes come from a translation of the part that nothing else is made of,
 * and where an op of it has none, from what the file declares.
 */
export function addCarried(
  file: OnnxFile,
  part: ModelPart,
  values: Map<string, Value>,
  given: Readonly<Record<string, Node>>,
): void {
  const shadow = new Map(values);
  const from = part.inputs.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw missingInput(file, name);
    return value.node();
  });
  const tensors: Tensors = {
    get(name) {
      const value = shadow.get(name) ?? weightShape(file, name);
      if (value === undefined) throw new Unknown(name);
      return value;
    },
    set: (name, value) => shadow.set(name, value),
    statistic: () => undefined,
  };
  for (const node of part.nodes) {
    try {
      if (!hasRule(node)) throw new Unknown(node.opType);
      translate(node, file.opset, tensors);
    } catch (error) {
      // Only shapes are wanted here. What has none is asked for by its name below.
      if (!(error instanceof KindredError || error instanceof Unknown)) throw error;
      for (const name of node.output) {
        const declaration = file.declarations.get(name);
        const shape = declaration && boundShape(file, declaration, given);
        if (declaration?.type !== undefined && shape !== undefined) {
          shadow.set(name, computed(input(name, shape, declaration.type)));
        }
      }
    }
  }
  part.outputs.forEach((name, index) => {
    const found = shadow.get(name);
    must(found !== undefined, () => ({
      rule: 'The shape of what comes out of a carried part is known',
      received: `nothing says it of "${name}" in ${file.where}`,
      next: 'Add it with onnx.shape_inference.infer_shapes in Python, or move the cut',
    }));
    const { shape, type } = found;
    values.set(name, found.known === undefined ? computed(carriedResult(from, { part, index, shape, type })) : found);
  });
}

/** Vectors of sizes are short. */
const MOST_KNOWN_SIZES = 64;

/** Thrown where a carried tensor is not known: it ends the translation of one node. */
class Unknown extends Error {}

/** An initializer as far as shapes go: what is large is only a shape. */
function weightShape(file: OnnxFile, name: string): Value | undefined {
  const tensor = file.initializers.get(name);
  if (tensor === undefined) return undefined;
  const shape = tensor.dims.map(Number);
  if (shape.reduce((a, b) => a * b, 1) <= MOST_KNOWN_SIZES) return held(tensor);
  return computed(input(name, shape, dataTypeOf(tensor.dataType) ?? 'float32'));
}

/** A declared shape with the sizes that the inputs have. What is open on the first axis is taken for the batch. */
function boundShape(file: OnnxFile, { shape }: Declaration, given: Readonly<Record<string, Node>>): Shape | undefined {
  const symbols = new Map<string, Dimension>();
  for (const each of file.inputs) {
    each.shape?.forEach((size, axis) => {
      if (typeof size === 'string' && given[each.name] !== undefined) symbols.set(size, given[each.name].shape[axis]);
    });
  }
  const [batch] = Object.values(given).map((node) => node.shape[0]);
  const bound = shape?.map((size, axis) => {
    if (typeof size === 'number') return size;
    return (size === null ? undefined : symbols.get(size)) ?? (axis === 0 ? batch : undefined);
  });
  return bound?.every((size) => size !== undefined) ? bound : undefined;
}

/** The inputs that a file declares, for messages. */
export const shown = ({ inputs }: OnnxFile): string =>
  inputs
    .map(
      ({ name, typeName, shape }) => `${name} ${typeName} [${shape?.map((size) => size ?? '?').join(', ') ?? '...'}]`,
    )
    .join(', ');

export const missingInput = (file: OnnxFile, name: string): KindredError =>
  new KindredError({
    rule: 'A model gets a node for each of its inputs',
    received: `none for "${name}"`,
    next: `It takes ${shown(file)}`,
  });
