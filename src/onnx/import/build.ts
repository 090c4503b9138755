import { KindredError, must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import { show } from '../../graph/shape.ts';
import { addCarried, missingInput, shown } from './carried.ts';
import type { OnnxFile } from './file.ts';
import { held } from './makers.ts';
import { adviceFor, type Plan } from './plan.ts';
import type { ImportScope, Weight } from './rule.ts';
import { NodeError, type Tensors, translate } from './translate.ts';
import { computed, type Value } from './value.ts';
import type { Weights } from './weights.ts';

/** What a file becomes, before there are inputs. */
export interface Parts {
  readonly file: OnnxFile;
  readonly plan: Plan;
  readonly weights: Weights;
}

/** The graph of the output, from a node for each input. */
export function build({ file, plan, weights }: Parts, scope: ImportScope, given: Readonly<Record<string, Node>>): Node {
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

function initial(file: OnnxFile, weights: Weights, scope: ImportScope, name: string): Value {
  const weight = weights.trained.get(name);
  if (weight !== undefined) return declared(weight, scope);
  const tensor = file.initializers.get(name);
  if (tensor === undefined) throw missingInput(file, name);
  return held(tensor);
}

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
    next: `It takes ${shown(file)}`,
  }));
  return node;
}
