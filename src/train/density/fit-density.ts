import { must } from '../../core/error.ts';
import { type Matrix, matrix } from '../../core/matrix.ts';
import { Random } from '../../core/random.ts';
import { type Encoder, type Initializer, type Parameter, trace } from '../../encoders/encoder.ts';
import { gradients } from '../../graph/gradient.ts';
import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { input } from '../../graph/ops/input.ts';
import { mean } from '../../graph/ops/mean.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { slice } from '../../graph/ops/slice.ts';
import { sub } from '../../graph/ops/sub.ts';
import { show, sizeOf } from '../../graph/shape.ts';
import { noiseContrast } from '../../objective/noise-contrast.ts';
import { lower } from '../../onnx/lower.ts';
import { Program } from '../../onnx/program.ts';
import { layoutOf, type ParameterLayout } from '../../optimizers/layout.ts';
import { Optimizer } from '../../optimizers/optimizer.ts';
import type { Transform } from '../../optimizers/transform.ts';
import type { Noise } from './noise.ts';

export interface DensityOptions {
  /** `[items, d]`: what the density is of. */
  readonly data: Matrix;
  /** `[B, d]` to `[B, 1]`: the logarithm of a density that need not integrate to 1. */
  readonly model: Encoder;
  readonly noise: Noise;
  /** Draws of noise for each item, 1 or more; drawn once. */
  readonly draws: number;
  readonly optimizer: Transform;
  /** Of all data and all noise each. */
  readonly steps: number;
  readonly seed: number;
  readonly threads: number;
}

/** A density that was estimated. */
export interface Density {
  /** The parameters of the model, by name. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** `c`, the estimate of `-log Z`: the logarithm of the density is what the model gives, plus this. */
  readonly normalizer: number;
  /** The loss before each step. */
  readonly losses: readonly number[];
}

/** What an estimate learns beside the model: what is added to its scores. */
const NORMALIZER = 'normalizer';

/**
 * Noise-contrastive estimation of a density: learns the parameters of a model whose integral nobody knows, and the logarithm `c` of one
 * over this integral as one parameter more, by telling the data from noise whose density is known ({@link noiseContrast}, with
 * `log p_model = f(x) + c`). With more draws for each item the estimate comes closer to that of maximum likelihood.
 *
 * The same options give the same bits on the same processor and number of threads.
 *
 * Gutmann, Hyvärinen: Noise-Contrastive Estimation of Unnormalized Statistical Models (2012).
 *
 * @throws KindredError where data are not finite or of another dimension than the noise, numbers are not whole and above 0, or the model
 * does not give one number for each row
 */
export async function fitDensity(options: DensityOptions): Promise<Density> {
  const { data, model, noise, draws, steps, seed, threads } = options;
  for (const [name, value] of Object.entries({ draws, steps, items: data.rows })) mustCount(name, value);
  must(data.data.every(Number.isFinite), () => ({
    rule: 'A density is estimated from finite numbers',
    received: `${data.data.find((value) => !Number.isFinite(value))} in the data`,
    next: 'Leave such rows out',
    exitCode: 2,
  }));
  const random = Random.seeded(seed);
  const drawn = noise.draw(data.rows * draws, random.split('noise'));
  const rows = data.rows + drawn.rows;
  const points = matrix(rows, data.columns);
  points.data.set(data.data);
  points.data.set(drawn.data, data.data.length);
  const expected = Float32Array.from(noise.logDensity(points), (log) => log + Math.log(draws));

  const { loss, parameters } = densityLoss(model, input('x', [rows, data.columns]), data.rows);
  const layout = layoutOf(parameters);
  const optimizer = new Optimizer(options.optimizer, layout, { steps });
  const values = viewsOf(layout, optimizer.parameters);
  for (const { name, shape, initial } of parameters) initial(values[name].data, shape, random.split(name));
  const places = renamed(viewsOf(layout, optimizer.gradients));
  const parts = gradients(
    loss,
    parameters.map(({ node }) => node),
  );
  const outputs = { loss, ...renamed(Object.fromEntries(parameters.map(({ name }, i) => [name, parts[i]]))) };
  const program = await Program.compile(lower({ outputs, contrib: true }), { threads });
  const feeds = {
    ...values,
    x: { shape: [rows, data.columns], data: points.data },
    expected: { shape: [rows], data: expected },
  };
  const losses: number[] = [];
  try {
    for (let step = 0; step < steps; step++) {
      const found = await program.run(feeds, places);
      losses.push((found.loss.data as Float32Array)[0]);
      optimizer.step();
    }
  } finally {
    await program.release();
  }
  const { [NORMALIZER]: normalizer, ...own } = Object.fromEntries(
    Object.entries(values).map(([name, { data: learned }]) => [name, learned.slice()]),
  );
  return { parameters: own, normalizer: normalizer[0], losses };
}

/**
 * The loss of a model over points `x` of which the first `items` are data and the others noise, as many for each; the mean over data. The
 * input `expected` `[rows]` is the logarithm of how often noise comes there for one of the data, `log(k p_noise)`.
 */
export function densityLoss(
  model: Encoder,
  x: Node,
  items: number,
): { readonly loss: Node; readonly parameters: readonly (Parameter & { readonly node: Node })[] } {
  const rows = sizeOf(x.shape.slice(0, 1));
  const { embeddings: scores, parameters, statistics } = trace(model, x);
  must(scores.shape.length === 2 && scores.shape[1] === 1, () => ({
    rule: 'A model of a density gives one number for each row',
    received: `${model.name}: ${show(scores.shape)} of ${show(x.shape)}`,
    next: 'Choose dimension 1',
    exitCode: 2,
  }));
  must(statistics.length === 0, () => ({
    rule: 'The density at a point depends on that point alone',
    received: `${model.name}, which keeps averages of its batches (${statistics[0]?.name})`,
    next: 'Choose a model without batch norm, such as mlp',
    exitCode: 2,
  }));
  const normalizer = input(NORMALIZER, [1]);
  const logits = sub(add(reshape(scores, [rows]), normalizer), input('expected', [rows]));
  const real = slice(logits, { 0: { start: 0, end: items } });
  const noise = reshape(slice(logits, { 0: { start: items, end: rows } }), [items, rows / items - 1]);
  const initial: Initializer = (values) => values.fill(0);
  return {
    loss: mean(noiseContrast(real, noise)),
    parameters: [...parameters, { name: NORMALIZER, shape: [1], initial, tags: [], node: normalizer }],
  };
}

/** Each parameter as a part of a flat array. */
const viewsOf = ({ slices }: ParameterLayout, flat: Float32Array) =>
  Object.fromEntries(
    slices.map(({ name, start, length, shape }) => [name, { shape, data: flat.subarray(start, start + length) }]),
  );

/** By the names of gradients. */
const renamed = <T>(parts: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [`gradient:${name}`, part]));

function mustCount(name: string, value: number): void {
  must(Number.isSafeInteger(value) && value >= 1, () => ({
    rule: `An estimate of a density has a whole number of ${name}, 1 or more`,
    received: `${value}`,
    next: `Correct ${name}`,
    exitCode: 2,
  }));
}
