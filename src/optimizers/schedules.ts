import { must } from '../core/error.ts';
import { aboveZero, atLeastZero, belowOne, wholeNumber } from './options.ts';

/** Where the training stands. */
export interface Progress {
  /** How many updates have been made: 0 in the first step. */
  readonly step: number;
  /** How many there will be, `Infinity` where nobody knows. */
  readonly steps: number;
}

/** The learning rate of each step. Any function will do; those below say in words what they are. */
export interface Schedule {
  (progress: Progress): number;
  /** For logs and model cards. */
  readonly description?: string;
}

/** A learning rate: the same in all steps, or by schedule. */
export type Rate = number | Schedule;

/** A number as the schedule that it stands for. Throws on a negative or infinite one. */
export function scheduleOf(rate: Rate): Schedule {
  return typeof rate === 'number' ? constant(rate) : rate;
}

/** The rate of this step. Throws where a schedule answers with something that is not a rate. */
export function rateAt(schedule: Schedule, progress: Progress): number {
  const rate = schedule(progress);
  atLeastZero(`the rate in step ${progress.step}`, rate);
  return rate;
}

/** `rate(t) = rate`. */
export function constant(rate: number): Schedule {
  atLeastZero('rate', rate);
  return describe(`${rate}`, () => rate);
}

/**
 * Cosine decay after a linear warm-up, `t` being the step, `W` the warm-up and `T` the steps in all:
 *
 *     t < W:  peak (t + 1) / (W + 1)
 *     t >= W: end + (peak - end) (1 + cos(pi (t - W) / (T - W))) / 2,  and end from step T on
 *
 * The first step does not go to waste with rate 0, and step W is the peak. `T` is the length of the training unless `steps`
 * says otherwise. Loshchilov and Hutter, "SGDR", 2017, without restarts.
 */
export function cosine(peak: number, options: { warmup?: number; end?: number; steps?: number } = {}): Schedule {
  const { warmup = 0, end = 0 } = options;
  atLeastZero('peak', peak);
  atLeastZero('end', end);
  wholeNumber('warmup', warmup, 0);
  const total = totalOf('cosine', options.steps);
  return describe(`cosine from ${peak} to ${end}${warmup > 0 ? `, warm-up ${warmup} steps` : ''}`, (progress) => {
    if (progress.step < warmup) return (peak * (progress.step + 1)) / (warmup + 1);
    const steps = total(progress);
    if (progress.step >= steps) return end;
    return anneal(peak, end, (progress.step - warmup) / (steps - warmup));
  });
}

/**
 * `rate(t) = initial factor^k`, where k is how many of the steps in `at` are at or before t: a staircase. (PyTorch's
 * MultiStepLR.)
 */
export function stepwise(initial: number, { at, factor = 0.1 }: { at: readonly number[]; factor?: number }): Schedule {
  atLeastZero('initial', initial);
  atLeastZero('factor', factor);
  for (const step of at) wholeNumber('each step of at', step, 0);
  return describe(`${initial}, times ${factor} at step ${at.join(', ')}`, ({ step }) =>
    initial * factor ** at.filter((boundary) => boundary <= step).length);
}

/**
 * `rate(t) = initial factor^(t / every)`; with `staircase`, `floor(t / every)`. With `every: 1` it is PyTorch's
 * ExponentialLR, with `staircase` its StepLR.
 */
export function exponential(
  initial: number,
  { factor, every = 1, staircase = false }: { factor: number; every?: number; staircase?: boolean },
): Schedule {
  atLeastZero('initial', initial);
  atLeastZero('factor', factor);
  wholeNumber('every', every, 1);
  return describe(`${initial}, times ${factor} every ${every} steps${staircase ? ', at once' : ''}`, ({ step }) =>
    initial * factor ** (staircase ? Math.floor(step / every) : step / every));
}

/**
 * Up to `peak` and down to almost nothing, each a half cosine, `T` being the steps in all:
 *
 *     t < u = max(0, rise T - 1):  peak / rising ... peak
 *     t >= u:                      peak ... peak / rising / falling, reached in step T - 1 and kept
 *
 * As PyTorch's OneCycleLR (its defaults: rise 0.3, rising 25, falling 1e4), without its cycling of momentum. Smith and
 * Topin, "Super-Convergence", 2018.
 */
export function oneCycle(
  peak: number,
  options: { rise?: number; rising?: number; falling?: number; steps?: number } = {},
): Schedule {
  const { rise = 0.3, rising = 25, falling = 1e4 } = options;
  atLeastZero('peak', peak);
  belowOne('rise', rise);
  aboveZero('rising', rising);
  aboveZero('falling', falling);
  const total = totalOf('oneCycle', options.steps);
  return describe(`one cycle with peak ${peak}`, (progress) => {
    const steps = total(progress);
    const top = Math.max(rise * steps - 1, 0);
    const last = steps - 1;
    const first = peak / rising;
    if (progress.step >= last) return first / falling;
    if (progress.step < top) return anneal(first, peak, progress.step / top);
    return anneal(peak, first / falling, (progress.step - top) / (last - top));
  });
}

/** From `a` at 0 to `b` at 1 along half a cosine. */
function anneal(a: number, b: number, part: number): number {
  return b + ((a - b) * (1 + Math.cos(Math.PI * part))) / 2;
}

/** The steps in all: its own where given, else the training's. */
function totalOf(name: string, own: number | undefined): (progress: Progress) => number {
  if (own !== undefined) wholeNumber('steps', own, 1);
  return ({ steps }) => {
    const total = own ?? steps;
    must(Number.isFinite(total), () => ({
      rule: `${name} needs to know how many steps there are`,
      received: `steps ${total}`,
      next: `Give the optimizer its steps, or write ${name}(peak, { steps: 1000 })`,
    }));
    return total;
  };
}

function describe(description: string, schedule: (progress: Progress) => number): Schedule {
  return Object.assign(schedule, { description });
}
