import { KindredError } from '../../core/error.ts';
import type { DataType } from '../../graph/node.ts';
import { broadcastShapes, type Dimension, factorsOf, productOf } from '../../graph/shape.ts';
import { broadcastOffset, everyIndex } from '../../graph/tensor.ts';
import { checkFew, type Known, known, type Value } from './value.ts';

/** What an op makes of single values. Undefined where a size that is open leaves it undecided. */
type Scalar = (...values: Dimension[]) => Dimension | undefined;

const numeric =
  (compute: (...values: number[]) => number | boolean): Scalar =>
  (...values) =>
    values.every((value) => typeof value === 'number') ? Number(compute(...(values as number[]))) : undefined;

/** The first that applies. */
const either =
  (...ways: Scalar[]): Scalar =>
  (...values) => {
    for (const way of ways) {
      const found = way(...values);
      if (found !== undefined) return found;
    }
    return undefined;
  };

/** a / b as sizes: exact, or undefined. */
function quotient(a: Dimension, b: Dimension): Dimension | undefined {
  const [over, under] = [factorsOf(a), factorsOf(b)];
  const symbols = [...over.symbols];
  for (const symbol of under.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  const count = over.count / under.count;
  return Number.isInteger(count) ? productOf([count, ...symbols]) : undefined;
}

/** An open size is at least 0, so it never equals a negative number. */
const equalSizes: Scalar = (a, b) => (a === b ? 1 : Number(a) < 0 || Number(b) < 0 ? 0 : undefined);

const scalars: Readonly<Record<string, { compute: Scalar; gives?: DataType }>> = {
  Add: {
    compute: either(
      numeric((a, b) => a + b),
      (a, b) => (a === 0 ? b : b === 0 ? a : undefined),
    ),
  },
  Sub: {
    compute: either(
      numeric((a, b) => a - b),
      (a, b) => (b === 0 ? a : a === b ? 0 : undefined),
    ),
  },
  Mul: {
    compute: either(
      numeric((a, b) => a * b),
      (a, b) => (Number(a) < 0 || Number(b) < 0 ? undefined : productOf([a, b])),
    ),
  },
  Div: {
    compute: either(
      numeric((a, b) => a / b),
      quotient,
    ),
  },
  Mod: { compute: numeric((a, b) => a - b * Math.floor(a / b)) },
  Pow: { compute: numeric((a, b) => a ** b) },
  Min: { compute: either(numeric(Math.min), (...all) => (all.every((each) => each === all[0]) ? all[0] : undefined)) },
  Max: { compute: either(numeric(Math.max), (...all) => (all.every((each) => each === all[0]) ? all[0] : undefined)) },
  Neg: { compute: numeric((a) => -a) },
  Abs: { compute: either(numeric(Math.abs), (a) => a) },
  Sqrt: { compute: numeric(Math.sqrt) },
  Reciprocal: { compute: numeric((a) => 1 / a) },
  Exp: { compute: numeric(Math.exp) },
  Log: { compute: numeric(Math.log) },
  Floor: { compute: either(numeric(Math.floor), (a) => a) },
  Ceil: { compute: either(numeric(Math.ceil), (a) => a) },
  Equal: {
    compute: either(
      numeric((a, b) => a === b),
      equalSizes,
    ),
    gives: 'bool',
  },
  Greater: { compute: numeric((a, b) => a > b), gives: 'bool' },
  GreaterOrEqual: { compute: numeric((a, b) => a >= b), gives: 'bool' },
  Less: { compute: numeric((a, b) => a < b), gives: 'bool' },
  LessOrEqual: { compute: numeric((a, b) => a <= b), gives: 'bool' },
  And: { compute: numeric((a, b) => a !== 0 && b !== 0), gives: 'bool' },
  Or: { compute: numeric((a, b) => a !== 0 || b !== 0), gives: 'bool' },
  Not: { compute: numeric((a) => a === 0), gives: 'bool' },
  Where: { compute: (condition, a, b) => (typeof condition === 'number' ? (condition === 0 ? b : a) : undefined) },
};

/** The value of an elementwise op whose inputs are all known; undefined for other ops. */
export function fold(opType: string, inputs: readonly Known[]): Value | undefined {
  const op = Object.hasOwn(scalars, opType) ? scalars[opType] : undefined;
  if (op === undefined) return undefined;
  const shape = inputs.map((each) => each.shape).reduce((a, b) => broadcastShapes(opType, a, b) as number[]);
  const type = op.gives ?? inputs[inputs.length - 1].type;
  checkFew(shape.reduce((a, b) => a * b, 1));
  const values: Dimension[] = [];
  everyIndex(shape, (_, index) => {
    const given = inputs.map((each) => each.values[broadcastOffset(each.shape, index)]);
    const value = op.compute(...given);
    if (value === undefined) {
      throw new KindredError({
        rule: 'Of sizes that are open, such as the batch, only products are computed',
        received: `${opType} of ${given.join(' and ')}`,
        next: 'Export the model with a fixed size for it',
      });
    }
    values.push(typeof value === 'string' ? value : as(type, value));
  });
  return known(shape, type, values);
}

/** A number as a value of the type: whole numbers are cut towards 0. */
export function as(type: DataType, value: number): number {
  if (type === 'float32') return Math.fround(value);
  return type === 'bool' ? Number(value !== 0) : Math.trunc(value);
}
