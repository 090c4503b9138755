import { must } from '../../core/error.ts';
import type { DataType, Node } from '../../graph/node.ts';
import { constant } from '../../graph/ops/constant.ts';
import { type Dimension, type Shape, show } from '../../graph/shape.ts';

/** Values that are known when the model is imported: constants, and sizes, which may be symbols. */
export interface Known {
  readonly shape: readonly number[];
  readonly type: DataType;
  readonly values: readonly Dimension[];
}

/** One tensor of an imported model. */
export interface Value {
  readonly shape: Shape;
  readonly type: DataType;
  readonly known?: Known;
  /** It as a node of the graph. A weight is only declared when it is asked for this. */
  node(): Node;
}

export const computed = (node: Node): Value => ({ shape: node.shape, type: node.type, node: () => node });

export const known = (shape: readonly number[], type: DataType, values: readonly Dimension[]): Value => ({
  shape,
  type,
  known: { shape, type, values },
  node: () => constant(wholeNumbers(values), shape, type),
});

/** A vector of sizes. */
export const sizes = (values: Shape): Value => known([values.length], 'int64', values);

/** The values that a rule must know, such as axes. */
export function valuesOf(value: Value, what: string): readonly Dimension[] {
  must(value.known !== undefined, () => ({
    rule: `${what} must be known when the model is imported`,
    received: `${value.type} ${show(value.shape)}, computed from the inputs`,
    next: 'Export the model with fixed values for it',
  }));
  return value.known.values;
}

/** As {@link valuesOf}, where symbols will not do. */
export const numbersOf = (value: Value, what: string): readonly number[] => wholeNumbers(valuesOf(value, what));

function wholeNumbers(values: readonly Dimension[]): readonly number[] {
  const symbol = values.find((value) => typeof value === 'string');
  must(symbol === undefined, () => ({
    rule: 'A size that is open may shape tensors, but it is no number to compute with',
    received: `"${symbol}"`,
    next: 'Export the model with a fixed size for it',
  }));
  return values as readonly number[];
}

/** What is computed at import are sizes, positions and masks: at most a few million values. */
export function checkFew(count: number): void {
  must(count <= 2 ** 22, () => ({
    rule: 'At most 4 million values are computed when a model is imported',
    received: `${count}`,
    next: 'Check what wrote the file',
  }));
}
