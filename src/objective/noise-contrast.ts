import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { neg } from '../graph/ops/neg.ts';
import { softplus } from '../graph/ops/softplus.ts';
import { sum } from '../graph/ops/sum.ts';

/**
 * A logistic regression that tells what is real from noise: `log(1 + exp(-l)) + sum over draws of log(1 + exp(l_k))`, of
 * `l = log p_model - log(k p_noise)` of each of what is real `[A]` and of its draws `[A, K]`; `[A]`.
 *
 * `1 / (1 + exp(-l))` is the probability that something is real where of it and of noise there come one and `k`. So the sum is least
 * where `p_model` is the density of what is real, with its normaliser.
 *
 * Gutmann, Hyvärinen: Noise-Contrastive Estimation of Unnormalized Statistical Models (2012), equation 8.
 */
export const noiseContrast = (real: Node, noise: Node): Node => add(softplus(neg(real)), sum(softplus(noise), [1]));
