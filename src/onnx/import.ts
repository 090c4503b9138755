import type { Node } from '../graph/node.ts';
import { build } from './import/build.ts';
import { type Declaration, readOnnx } from './import/file.ts';
import { planOf } from './import/plan.ts';
import type { ImportScope } from './import/rule.ts';
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
