import type { Initializer } from './encoder.ts';

/** All zeros: biases. */
export const zeros: Initializer = (values) => {
  values.fill(0);
};

/** All ones: scales of norms. */
export const ones: Initializer = (values) => {
  values.fill(1);
};

/**
 * Normal with variance `2 / fanIn`: keeps the variance of activations through ReLUs. Fan-in is every axis but the last,
 * of filters `[kh, kw, in, out]` as of matrices `[in, out]`.
 *
 * He, Zhang, Ren, Sun: Delving Deep into Rectifiers (2015), equation 10.
 */
export const heNormal: Initializer = (values, shape, random) => {
  const deviation = Math.sqrt(2 / fanIn(shape));
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
};

/**
 * Uniform within `sqrt(6 / (fanIn + fanOut))`: for layers that no ReLU follows.
 *
 * Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (2010), equation 16.
 */
export const glorotUniform: Initializer = (values, shape, random) => {
  const places = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const fanOut = places * shape[shape.length - 1];
  const limit = Math.sqrt(6 / (fanIn(shape) + fanOut));
  for (let i = 0; i < values.length; i++) values[i] = limit * (2 * random.uniform() - 1);
};

const fanIn = (shape: readonly number[]): number => shape.slice(0, -1).reduce((a, b) => a * b, 1);
