import { Random } from '../../src/core/random.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { type Node, topological } from '../../src/graph/node.ts';
import { input } from '../../src/graph/ops/input.ts';
import { sub } from '../../src/graph/ops/sub.ts';
import { sameShape, show, sizeOf } from '../../src/graph/shape.ts';
import { type Tensor, tensor } from '../../src/graph/tensor.ts';
import { fill } from './compare.ts';
import { type Context, rules } from './rules.ts';

/** One step of a random graph, as plain numbers: they choose the op, the value it works on, its axes and sizes. */
export interface Step {
  readonly rule: number;
  /** How far back the value lies that the step works on. */
  readonly back: number;
  readonly choices: readonly number[];
}

export interface RandomGraph {
  /** Values that no other step uses. */
  readonly ends: readonly Node[];
  readonly inputs: readonly Node[];
  readonly feeds: ReadonlyMap<Node, Tensor>;
  /** Names of the rules that made it. */
  readonly used: readonly string[];
}

/** No value has more elements, so that a graph is a matter of milliseconds. */
const MOST_ELEMENTS = 250;
/** No value is larger, so that float32 has digits left for the small ones. */
const LARGEST = 30;
/** No choice is closer: what float32 rounds away must not decide which value is the largest, or on which side of 0. */
const CLOSEST = 1e-3;

/**
 * The graph that the steps describe, computed in float64 as it grows. A step is left out where its rule does not fit,
 * where its value would be too large, or where it would have to decide between values that are too close: so all
 * graphs are well-conditioned by construction, and any part of a list of steps is a graph too, which is how it shrinks.
 */
export function randomGraph(shape: readonly number[], steps: readonly Step[]): RandomGraph {
  const inputs: Node[] = [];
  const values = new Map<Node, Tensor>();
  const leaf = (size: readonly number[]): Node => {
    const node = input(`x${inputs.length}`, size);
    values.set(node, fill({ shape: size }, Random.seeded(1000 + inputs.length)));
    inputs.push(node);
    return node;
  };
  const results = [leaf(shape)];
  const used: string[] = [];
  const names = Object.keys(rules);
  for (const step of steps) {
    const name = names[step.rule % names.length];
    const x = results[Math.max(0, results.length - 1 - step.back)];
    const before = inputs.length;
    const y = rules[name](x, contextOf(x, step.choices, results, leaf));
    if (y !== null && sizeOf(y.shape) <= MOST_ELEMENTS && computed(y, values)) {
      results.push(y);
      used.push(name);
    } else {
      for (const unused of inputs.splice(before)) values.delete(unused);
    }
  }
  const taken = new Set(topological(results).flatMap((node) => [...node.inputs]));
  const feeds = new Map(inputs.map((node) => [node, values.get(node) as Tensor]));
  return { ends: results.filter((node) => !taken.has(node)), inputs, feeds, used };
}

function contextOf(
  x: Node,
  choices: readonly number[],
  results: readonly Node[],
  leaf: (shape: readonly number[]) => Node,
): Context {
  let next = 0;
  const choose = (below: number) => choices[next++ % choices.length] % below;
  const flag = () => choose(2) === 1;
  const shape = x.shape as number[];
  const other = (wanted: readonly number[]) => {
    const fitting = results.filter((each) => sameShape(each.shape, wanted));
    const at = choose(fitting.length + 1);
    return fitting[at] ?? leaf(wanted);
  };
  return {
    shape,
    rank: shape.length,
    choose,
    flag,
    axis: () => choose(shape.length),
    axes: () => shape.flatMap((_, axis) => (flag() ? [axis] : [])),
    other,
    partner: () => other(flag() ? shape : shape.slice(choose(shape.length + 1)).map((size) => (flag() ? size : 1))),
  };
}

/** Computes what is new in `y`; false, with nothing kept, where that is not well-conditioned. */
function computed(y: Node, values: Map<Node, Tensor>): boolean {
  const fresh = new Map(values);
  for (const node of topological([y])) {
    if (fresh.has(node)) continue;
    if (!(distanceToJump(node, fresh) >= CLOSEST)) return false;
    const [value] = evaluate([node], fresh);
    if (node.type === 'float32' && !value.data.every((each) => Math.abs(each) <= LARGEST)) return false;
    fresh.set(node, value);
  }
  for (const [node, value] of fresh) values.set(node, value);
  return true;
}

/** How far the inputs of a node are from a place where it, or its gradient, jumps. An exact 0 stays one in float32. */
function distanceToJump(node: Node, values: ReadonlyMap<Node, Tensor>): number {
  const closest = (list: Float64Array) => list.reduce((least, each) => Math.min(least, Math.abs(each)), Infinity);
  switch (node.op.name) {
    case 'relu':
    case 'abs':
    case 'safeSqrt':
      return closest((values.get(node.inputs[0]) as Tensor).data.filter((each) => each !== 0));
    case 'maximum':
    case 'greater':
      return closest(evaluate([sub(node.inputs[0], node.inputs[1])], values)[0].data);
    case 'max':
    case 'min':
    case 'topK':
    case 'maxPool': {
      const sorted = (values.get(node.inputs[0]) as Tensor).data.slice().sort();
      return closest(sorted.subarray(1).map((value, i) => value - sorted[i]));
    }
    default:
      return Infinity;
  }
}

/** Every node with its value rounded to float32: how far that is from float64 says how much rounding matters here. */
export function evaluateRounded(outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>): Tensor[] {
  const values = new Map(feeds);
  for (const node of topological(outputs)) {
    if (values.has(node)) continue;
    const { shape, data } = node.op.reference(
      node.inputs.map((each) => values.get(each) as Tensor),
      node.attributes,
      node.shape as number[],
    );
    values.set(node, tensor(shape, data.map(Math.fround)));
  }
  return outputs.map((node) => values.get(node) as Tensor);
}

/** The graph as lines that a person can read, and rebuild. */
export function listing(outputs: readonly Node[]): string {
  const names = new Map<Node, string>();
  return topological(outputs)
    .map((node, i) => {
      names.set(node, node.op.name === 'input' ? node.attributes.name : `v${i}`);
      const from = node.inputs.map((each) => names.get(each)).join(', ');
      return `${names.get(node)} ${show(node.shape)} = ${node.op.name}(${from}) ${JSON.stringify(node.attributes)}`;
    })
    .join('\n');
}
