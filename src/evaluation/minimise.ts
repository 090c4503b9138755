import { dot } from '../core/inner-product.ts';

/** A function to minimise: its value at `x`, its gradient written into `gradient`. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => Promise<number>;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether no part of the gradient is larger than the tolerance. */
  readonly converged: boolean;
}

/** Of the weak Wolfe conditions: how much of the promised decrease is asked, and how flat the slope has to become. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 15;

/**
 * The minimum of a smooth function by L-BFGS: steps along `-H g`, where `H` is an inverse Hessian made of the last `memory` steps,
 * with a line search by bisection for the weak Wolfe conditions. Ends where no part of the gradient is larger than `tolerance`, after
 * `iterations` steps, or where rounding leaves no step downhill.
 *
 * Nocedal and Wright: Numerical Optimization (2006), algorithm 7.5; Lewis and Overton: Nonsmooth optimization via quasi-Newton methods
 * (2013), algorithm 2.6.
 */
export async function minimise(
  f: Differentiable,
  start: Float64Array,
  options: { readonly tolerance: number; readonly iterations: number; readonly memory?: number },
): Promise<Minimum> {
  const { tolerance, iterations, memory = 10 } = options;
  const n = start.length;
  let x = start.slice();
  let gradient = new Float64Array(n);
  let value = await f(x, gradient);
  const pairs: Pair[] = [];
  let done = 0;
  const flat = () => gradient.every((g) => Math.abs(g) <= tolerance);
  while (done < iterations && !flat()) {
    const direction = descent(gradient, pairs);
    const slope = dot(direction, gradient);
    // Without a memory nothing is known of the scale: the first step is one of length 1.
    const first = pairs.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
    const found = slope < 0 ? await search(f, { x, value, slope, direction, first }) : undefined;
    if (found === undefined) break;
    const step = found.x.map((each, i) => each - x[i]);
    const turn = found.gradient.map((each, i) => each - gradient[i]);
    const product = dot(step, turn);
    if (product > 1e-12 * dot(turn, turn)) {
      pairs.push({ step, turn, product });
      if (pairs.length > memory) pairs.shift();
    }
    ({ x, value, gradient } = found);
    done++;
  }
  return { x, value, iterations: done, converged: flat() };
}

interface Pair {
  readonly step: Float64Array;
  readonly turn: Float64Array;
  readonly product: number;
}

/** `-H g`, by the two loops. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const result = gradient.map((g) => -g);
  const shares = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, turn, product } = pairs[i];
    shares[i] = dot(step, result) / product;
    addTo(result, turn, -shares[i]);
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : last.product / dot(last.turn, last.turn);
  for (let k = 0; k < result.length; k++) result[k] *= scale;
  for (const [i, { step, turn, product }] of pairs.entries())
    addTo(result, step, shares[i] - dot(turn, result) / product);
  return result;
}

/** The first point along the direction that goes down enough and is flat enough; undefined where none goes down. */
async function search(
  f: Differentiable,
  from: { x: Float64Array; value: number; slope: number; direction: Float64Array; first: number },
): Promise<{ x: Float64Array<ArrayBuffer>; value: number; gradient: Float64Array<ArrayBuffer> } | undefined> {
  const { x, value, slope, direction, first } = from;
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, first];
  let best: Awaited<ReturnType<typeof search>>;
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const at = Float64Array.from(x, (each, i) => each + length * direction[i]);
    const gradient = new Float64Array(x.length);
    const reached = await f(at, gradient);
    if (!(reached <= value + DECREASE * length * slope)) high = length;
    else {
      best = { x: at, value: reached, gradient };
      if (dot(gradient, direction) >= CURVATURE * slope) return best;
      low = length;
    }
    length = high === Number.POSITIVE_INFINITY ? 2 * length : (low + high) / 2;
  }
  return best;
}

function addTo(a: Float64Array, b: Float64Array, weight: number): void {
  for (let i = 0; i < a.length; i++) a[i] += weight * b[i];
}
