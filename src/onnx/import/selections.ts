import { must } from '../../core/error.ts';
import type { Node } from '../../graph/node.ts';
import { broadcastTo } from '../../graph/ops/broadcast-to.ts';
import { constant, scalar } from '../../graph/ops/constant.ts';
import { gather } from '../../graph/ops/gather.ts';
import { greater } from '../../graph/ops/greater.ts';
import { pad } from '../../graph/ops/pad.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { slice } from '../../graph/ops/slice.ts';
import { take } from '../../graph/ops/take.ts';
import { transpose } from '../../graph/ops/transpose.ts';
import { where } from '../../graph/ops/where.ts';
import { axisOf, show } from '../../graph/shape.ts';
import type { Call, Rules } from './rule.ts';
import { checkFew } from './value.ts';

/** The size of an axis, which must be a number for parts of it to be taken. */
function sizeAt(op: string, x: Node, axis: number): number {
  const size = x.shape[axis];
  must(typeof size === 'number', () => ({
    rule: `${op} needs to know the size of the axis that it goes along`,
    received: `axis ${axis} of ${show(x.shape)}`,
    next: 'Export the model with a fixed size for it',
  }));
  return size;
}

/** `y[.., i, ..] = x[.., positions[i], ..]`. */
function pick(x: Node, axis: number, positions: readonly number[]): Node {
  const [first] = positions;
  const run = positions.every((at, i) => at === first + i);
  if (run && positions.length > 0) return slice(x, { [axis]: { start: first, end: first + positions.length } });
  if (x.type === 'float32') return take(x, axis, positions);
  return alongFront(x, axis, (rows) => gather(rows, constant(positions, [positions.length], 'int64')));
}

/** Exchanges `axis` with the first one for what `change` does. */
function alongFront(x: Node, axis: number, change: (x: Node) => Node): Node {
  const order = x.shape.map((_, i) => (i === 0 ? axis : i === axis ? 0 : i));
  return transpose(change(transpose(x, order)), order);
}

function gathered(call: Call): Node {
  const x = call.node(0);
  const axis = axisOf('Gather', x.shape, call.attributes.int('axis', 0));
  const indices = call.value(1);
  if (indices.known === undefined) {
    if (axis === 0) return gather(x, indices.node());
    // [.., rows, ..]: rows to the front, then what the indices give back to where the rows were.
    const rest = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const rows = gather(transpose(x, [axis, ...rest]), indices.node());
    const found = indices.shape.map((_, i) => i);
    const others = rest.map((_, i) => found.length + i);
    return transpose(rows, [...others.slice(0, axis), ...found, ...others.slice(axis)]);
  }
  const size = sizeAt('Gather', x, axis);
  const positions = call.numbers(1, 'Positions').map((at) => (at < 0 ? at + size : at));
  return reshape(pick(x, axis, positions), [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
}

function sliced(call: Call): Node {
  const [starts, ends] = [call.numbers(1, 'The starts of a Slice'), call.sizes(2, 'The ends of a Slice')];
  const axes = call.has(3) ? call.numbers(3, 'The axes of a Slice') : starts.map((_, i) => i);
  const steps = call.has(4) ? call.numbers(4, 'The steps of a Slice') : starts.map(() => 1);
  return axes.reduce((x, each, i) => {
    const axis = axisOf('Slice', x.shape, each);
    const [start, end, step] = [starts[i], ends[i], steps[i]];
    // An axis whose size is open may be taken whole.
    const whole = start === 0 && step === 1 && (end === x.shape[axis] || Number(end) >= 2 ** 31 - 1);
    if (whole) return x;
    const size = sizeAt('Slice', x, axis);
    const [from, to] = [start, Number(end)].map((at) => (at < 0 ? at + size : at));
    if (step > 0) {
      const first = Math.min(Math.max(from, 0), size);
      const last = Math.min(Math.max(to, first), size);
      return slice(x, { [axis]: { start: first, end: last, step } });
    }
    const positions: number[] = [];
    for (let at = Math.min(from, size - 1); at > Math.max(to, -1); at += step) positions.push(at);
    return pick(x, axis, positions);
  }, call.node(0));
}

function split(call: Call): readonly Node[] {
  const x = call.node(0);
  const axis = axisOf('Split', x.shape, call.attributes.int('axis', 0));
  const size = sizeAt('Split', x, axis);
  const parts = call.attributes.int('num_outputs', call.outputs);
  checkFew(parts);
  const each = Math.ceil(size / parts);
  const lengths =
    call.numbersOrAttribute(1, 'split') ??
    Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(each, size - i * each)));
  let start = 0;
  return lengths.map((length) => {
    const from = start;
    start += length;
    return slice(x, { [axis]: { start: from, end: start } });
  });
}

/** Padding by a value, by the edge, or mirrored; negative counts cut off. */
function padded(call: Call): Node {
  const x = call.node(0);
  const mode = call.attributes.string('mode', 'constant');
  const axes = call.has(3) ? call.numbers(3, 'The axes of a Pad') : x.shape.map((_, axis) => axis);
  const pads = call.numbers(1, 'The pads of a Pad');
  const sides = x.shape.map(() => [0, 0]);
  axes.forEach((each, i) => {
    sides[axisOf('Pad', x.shape, each)] = [pads[i], pads[i + axes.length]];
  });
  if (mode === 'constant' && pads.every((count) => count >= 0)) {
    const [before, after] = [sides.map(([first]) => first), sides.map(([, last]) => last)];
    const value = call.has(2) ? call.numbers(2, 'The value of a Pad')[0] : 0;
    if (value === 0) return pad(x, before, after);
    const inside = greater(pad(broadcastTo(scalar(1), x.shape), before, after), scalar(0));
    return where(inside, pad(x, before, after), scalar(value));
  }
  return sides.reduce((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const size = sizeAt('Pad', y, axis);
    const positions = Array.from({ length: before + size + after }, (_, i) => place(mode, i - before, size));
    return pick(y, axis, positions);
  }, x);
}

/** Where a place outside of the axis takes its value from; -1 for nothing. */
function place(mode: string, at: number, size: number): number {
  if (at >= 0 && at < size) return at;
  if (mode === 'edge') return at < 0 ? 0 : size - 1;
  if (mode === 'wrap') return ((at % size) + size) % size;
  if (mode !== 'reflect') return -1;
  const period = Math.max(1, 2 * (size - 1));
  const inside = ((at % period) + period) % period;
  return inside < size ? inside : period - inside;
}

/** Ops that take parts of an axis. */
export const selections: Rules = { Gather: gathered, Pad: padded, Slice: sliced, Split: split };
