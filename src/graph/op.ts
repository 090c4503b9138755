import { KindredError } from '../core/error.ts';
import type { DataType, Node } from './node.ts';
import { type Shape, show } from './shape.ts';
import type { Tensor } from './tensor.ts';

/**
 * An op, whole: a facet that is missing is a compile error. Each op lives in a file of its own under `ops/`, exports
 * its definition as `op`, and is checked by `test/laws/ops.test.ts` for nothing more than being there.
 */
export interface Op<Attributes> {
  readonly name: string;
  /** The shape rule: what comes out for these inputs, or an error that names the op, the shapes and what to do. */
  infer(inputs: readonly Node[], attributes: Attributes): { readonly shape: Shape; readonly type: DataType };
  /**
   * The vector-Jacobian product: for each input the gradient of a scalar with respect to it, given `upstream`, the
   * gradient with respect to `node`. Null where no gradient flows. Built eagerly; what nobody asks for is never lowered.
   */
  gradient(node: Node, upstream: Node): readonly (Node | null)[];
  /** Writes the op as ONNX nodes and returns the name of the result. */
  lower(emitter: Emitter, inputs: readonly string[], node: Node): string;
  /** The definition in float64, as plain as possible: what the lowering is compared with. */
  reference(inputs: readonly Tensor[], attributes: Attributes, shape: readonly number[]): Tensor;
  /** Inputs that show every corner: size 0, size 1, odd sizes, broadcasting, ties. A function, because ops import each other. */
  samples(): readonly Sample<Attributes>[];
}

export interface Sample<Attributes> {
  readonly inputs: readonly SampleInput[];
  readonly attributes: Attributes;
}

/**
 * Values for one input of a sample. `normal`: standard normal. `positive`: 0.5 to 2. `distinct`: a shuffled grid with
 * steps of 0.1 that avoids 0, so that no finite difference crosses a kink. `bits`: 0 or 1. A list: those values.
 */
export interface SampleInput {
  readonly shape: readonly number[];
  readonly type?: DataType;
  readonly fill?: 'normal' | 'positive' | 'distinct' | 'bits' | readonly number[];
}

export type AttributeValue = number | string | readonly number[];

/** What an op's lowering may write. Equal nodes are written once, so an op can ask again for what another one made. */
export interface Emitter {
  /** Whether ONNX Runtime's own ops may be used (training graphs) or only standard ones (exported encoders). */
  readonly contrib: boolean;
  /**
   * Adds an ONNX node and returns the names of its first `outputs` results (1 unless given). Whole-number attributes
   * are ints; wrap a float attribute in `float()`.
   */
  emit(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue | FloatAttribute>>,
    options?: { readonly outputs?: number; readonly domain?: string },
  ): string[];
  /** A constant; equal constants are written once. */
  constant(values: ArrayLike<number>, shape: readonly number[], type: DataType): string;
  /** An int64 vector with the sizes of `shape`; symbols are read from the graph's inputs when it runs. */
  sizes(shape: Shape): string;
  /** Writes a part of another model as it is, once for the same inputs, and returns the names of its results. */
  carry(part: Carried, inputs: readonly string[]): readonly string[];
}

/** Nodes of another model, which the emitter knows how to read and the graph does not. */
export type Carried = object;

export interface FloatAttribute {
  readonly float: number;
}
export const float = (value: number): FloatAttribute => ({ float: value });

/** Applies an op: infers the shape, and freezes the node. */
export function apply<Attributes>(op: Op<Attributes>, inputs: readonly Node[], attributes: Attributes): Node {
  const { shape, type } = op.infer(inputs, attributes);
  return Object.freeze({
    op,
    inputs: Object.freeze([...inputs]),
    attributes: Object.freeze(attributes),
    shape: Object.freeze([...shape]),
    type,
  });
}

/** Throws unless every input has one of the types that the op takes. */
export function expectTypes(op: string, inputs: readonly Node[], ...allowed: DataType[]): void {
  for (const input of inputs) {
    if (!allowed.includes(input.type)) {
      throw new KindredError({
        rule: `${op} takes ${allowed.join(' or ')}`,
        received: `${input.type} ${show(input.shape)}`,
        next: `Put cast(x, '${allowed[0]}') in front of it`,
      });
    }
  }
}
