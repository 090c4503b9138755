import { must } from '../../core/error.ts';
import { broadcastTo } from '../../graph/ops/broadcast-to.ts';
import { constant } from '../../graph/ops/constant.ts';
import { productOf } from '../../graph/shape.ts';
import type { Call, Rule, Rules } from './rule.ts';
import { contentsOf } from './tensors.ts';
import { checkFew, known, sizes, type Value } from './value.ts';

/** Known values may be so many; larger constants are only handed through. */
const MOST_KNOWN = 65_536;

/** The values of a tensor of the file, known if they are few. */
export function held(tensor: Parameters<typeof contentsOf>[0]): Value {
  const { shape, type, values } = contentsOf(tensor);
  if (values.length <= MOST_KNOWN) return known(shape, type, Array.from(values));
  return { shape, type, node: () => constant(values, shape, type) };
}

function constantOf({ attributes }: Call): Value {
  const tensor = attributes.tensor('value');
  if (tensor !== undefined) return held(tensor);
  if (attributes.has('value_int')) return known([], 'int64', [attributes.int('value_int', 0)]);
  if (attributes.has('value_float')) return known([], 'float32', [attributes.float('value_float', 0)]);
  const ints = attributes.ints('value_ints');
  if (attributes.has('value_ints') && ints !== undefined) return known([ints.length], 'int64', ints);
  const floats = attributes.floats('value_floats');
  must(attributes.has('value_floats') && floats !== undefined, () => ({
    rule: 'Constants are numbers',
    received: 'a constant of strings, or a sparse one',
    next: 'Move the cut above what uses it',
  }));
  return known([floats.length], 'float32', floats);
}

/** The same value everywhere; the shape may be open. */
function constantOfShape(call: Call): ReturnType<Rule> {
  const shape = call.sizes(0, 'The shape of a constant');
  const tensor = call.attributes.tensor('value');
  const { type, values } = tensor === undefined ? { type: 'float32' as const, values: [0] } : contentsOf(tensor);
  const size = productOf(shape);
  if (typeof size === 'number' && size <= MOST_KNOWN) {
    return known(shape as number[], type, new Array<number>(size).fill(values[0]));
  }
  return broadcastTo(constant([values[0]], [], type), shape);
}

function range(call: Call): Value {
  const [start, limit, step] = [0, 1, 2].map((input) => call.numbers(input, 'The bounds of a Range')[0]);
  const length = Math.max(0, Math.ceil((limit - start) / step));
  checkFew(length);
  return known(
    [length],
    call.value(0).type,
    Array.from({ length }, (_, i) => start + i * step),
  );
}

/** Sizes, from `start` to `end` (op set 15). */
function shapeOf(call: Call): Value {
  const { shape } = call.value(0);
  return sizes(shape.slice(call.attributes.int('start', 0), call.attributes.int('end', shape.length)));
}

/** Ops that make values of nothing, or of a shape. */
export const makers: Rules = {
  Constant: constantOf,
  ConstantOfShape: constantOfShape,
  Range: range,
  Shape: shapeOf,
  Size: (call) => known([], 'int64', [productOf(call.value(0).shape)]),
};
