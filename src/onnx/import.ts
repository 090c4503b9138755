import { KindredError, must } from '../core/error.ts';
import type { Node } from '../graph/node.ts';
import { input } from '../graph/ops/input.ts';
import { type Dimension, type Shape, show } from '../graph/shape.ts';
import { type Declaration, type OnnxFile, readOnnx } from './import/file.ts';
import { held } from './import/makers.ts';
import { carriedResult, type ModelPart } from './import/part.ts';
import { adviceFor, type Plan, planOf } from './import/plan.ts';
import type { ImportScope, Weight } from './import/rule.ts';
import { dataTypeOf } from './import/tensors.ts';
import { hasRule, NodeError, type Tensors, translate } from './import/translate.ts';
import { computed, type Value } from './import/value.ts';
import { weightsOf } from './import/weights.ts';

export interface ImportOptions {
  /**
   * A tensor of the model, its node, or the module that ends with it (`/layer3`). All that it is computed from is carried
   * verbatim and frozen, whatever its ops. Without a cut everything can be trained.
   */
  readonly cut?: string;
  /** The tensor that is the result; the model's own output unless given. */
  readonly output?: string;
  /**
   * Names of the weights above the cut that are trained, `*` standing for any letters. Unless given: all float tensors of
   * at least one axis whose values are finite, so that scalars and masks of minus infinity stay.
   */
  readonly trainable?: readonly string[];
  /**
   * Where batch norm above the cut takes mean and variance from: `frozen`, the file's, always; or `batch`, those of the
   * batch in training and their running average elsewhere, from the file's on.
   */
  readonly batchNorm?: 'frozen' | 'batch';
}

/** A model that was read from an ONNX file, to be built as a graph. */
export interface ImportedModel {
  /** What the file declares of its inputs. */
  readonly inputs: readonly Declaration[];
  /** The tensor that is the result. */
  readonly output: string;
  /** How many nodes are carried verbatim, and how many are translated. */
  readonly nodes: { readonly carried: number; readonly translated: number };
  /** The op set of a model that is exported with it: 17, or that of the file if a part is carried and it is later. */
  readonly exportOpset: number;
  /**
   * The graph of the result. Weights and statistics are declared in `scope`, by their names in the file.
   *
   * @param given a node for each input that the result needs, by name
   */
  build(scope: ImportScope, given: Readonly<Record<string, Node>>): Node;
}

/**
 * Reads an ONNX model (op sets 13 to 21) from bytes or from the path of its file, as a graph that can be trained above a
 * cut.
 *
 * Arithmetic on shapes is done at import; sizes that are open stay open, and so do products of them.
 *
 * @throws KindredError for a file that is no model, is not complete or contradicts itself; for names that it does not have;
 * for an op above the cut that has no gradient, with the cuts that would leave it below.
 */
export function importOnnx(model: Uint8Array | string, options: ImportOptions = {}): ImportedModel {
  const file = readOnnx(model);
  const plan = planOf(file, options);
  const weights = weightsOf(file, plan.above, options);
  return {
    inputs: file.inputs,
    output: plan.output,
    nodes: { carried: plan.below?.nodes.length ?? 0, translated: plan.above.length },
    exportOpset: Math.max(17, plan.below?.opset ?? 0),
    build: (scope, given) => build({ file, plan, weights }, scope, given),
  };
}

interface Parts {
  readonly file: OnnxFile;
  readonly plan: Plan;
  readonly weights: ReturnType<typeof weightsOf>;
}

function build({ file, plan, weights }: Parts, scope: ImportScope, given: Readonly<Record<string, Node>>): Node {
  const values = new Map<string, Value>(
    Object.entries(given).map(([name, node]) => [name, computed(checkedInput(file, name, node))]),
  );
  if (plan.below !== undefined) addCarried(file, plan.below, values, given);
  const tensors: Tensors = {
    get(name) {
      let value = values.get(name);
      if (value === undefined) {
        value = initial(file, weights, scope, name);
        values.set(name, value);
      }
      return value;
    },
    set: (name, value) => {
      // A weight that is handed on under another name is a weight of its own: see weightsOf.
      const weight = weights.trained.get(name);
      values.set(name, weight === undefined ? value : declared(weight, scope));
    },
    statistic(node, which, current) {
      const weight = weights.statistics.get(node)?.[which];
      return weight === undefined ? undefined : scope.statistic(weight, current);
    },
  };
  for (const node of plan.above) {
    try {
      translate(node, file.opset, tensors);
    } catch (cause) {
      if (!(cause instanceof NodeError)) throw cause;
      throw new KindredError({
        rule: 'Above the cut every node is written with ops that have a gradient',
        received: `${cause.what}, in ${file.where}`,
        next: adviceFor([cause.node], plan.above, plan.output),
        cause,
      });
    }
  }
  return tensors.get(plan.output).node();
}

/** A weight as a value that is declared when, and only if, it is used; once. */
function declared(weight: Weight, scope: ImportScope): Value {
  let node: Node | undefined;
  return {
    shape: weight.shape,
    type: 'float32',
    node: () => {
      node ??= scope.parameter(weight);
      return node;
    },
  };
}

function initial(file: OnnxFile, weights: Parts['weights'], scope: ImportScope, name: string): Value {
  const weight = weights.trained.get(name);
  if (weight !== undefined) return declared(weight, scope);
  const tensor = file.initializers.get(name);
  must(tensor !== undefined, () => ({
    rule: 'A model gets a node for each of its inputs',
    received: `none for "${name}"`,
    next: `It takes ${file.inputs.map((each) => `${each.name} ${shown(each)}`).join(', ')}`,
  }));
  return held(tensor);
}

const shown = ({ shape, typeName }: Declaration): string =>
  `${typeName} [${shape?.map((size) => size ?? '?').join(', ') ?? '...'}]`;

/** The first axis is the batch, and may be of any size whatever the file says. */
function checkedInput(file: OnnxFile, name: string, node: Node): Node {
  const declaration = file.inputs.find((each) => each.name === name);
  const fits =
    declaration !== undefined &&
    declaration.type === node.type &&
    (declaration.shape === undefined ||
      (declaration.shape.length === node.shape.length &&
        declaration.shape.every((size, axis) => axis === 0 || typeof size !== 'number' || size === node.shape[axis])));
  must(fits, () => ({
    rule: 'A model gets inputs of the types and shapes that it declares',
    received: `${node.type} ${show(node.shape)} for "${name}"`,
    next: `It takes ${file.inputs.map((each) => `${each.name} ${shown(each)}`).join(', ')}`,
  }));
  return node;
}

/**
 * The results of the part that is carried. Their shapes come from a translation of the part that nothing else is made of,
 * and where an op of it has none, from what the file declares.
 */
function addCarried(
  file: OnnxFile,
  part: ModelPart,
  values: Map<string, Value>,
  given: Readonly<Record<string, Node>>,
): void {
  const shadow = new Map(values);
  const from = part.inputs.map((name) => {
    const value = values.get(name);
    must(value !== undefined, () => ({
      rule: 'A model gets a node for each of its inputs',
      received: `none for "${name}"`,
      next: `It takes ${file.inputs.map((each) => `${each.name} ${shown(each)}`).join(', ')}`,
    }));
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
