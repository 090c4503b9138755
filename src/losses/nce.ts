import { z } from 'zod';
import { add } from '../graph/ops/add.ts';
import { constant } from '../graph/ops/constant.ts';
import { noiseContrast } from '../objective/noise-contrast.ts';
import { classScores, defineSampledLoss } from '../objective/sampled.ts';

/**
 * Noise-contrastive estimation: tells the own class from those that were drawn by a logistic regression on
 * `l_k = scale s(a, w_k) + b_k - log E_k`, where `E_k` is how often class `k` is expected among the draws, `k p_noise` of Gutmann and
 * Hyvärinen: `log(1 + exp(-l_y)) + sum over drawn k of log(1 + exp(l_k))`; the sum over draws, the mean over anchors.
 *
 * - `normalizer`: `fixed` takes scores for logarithms of probabilities, whose normaliser is 1; `learned` adds a number `c` to all
 *   scores, which becomes the negative logarithm of the normaliser. It is the parameter `objective.normalizer`, and starts at 0.
 *
 * Draws that are by accident the own class count as noise, as they are.
 *
 * Gutmann, Hyvärinen: Noise-Contrastive Estimation of Unnormalized Statistical Models (2012); Mnih, Teh: A Fast and Simple
 * Algorithm for Training Neural Probabilistic Language Models (2012), with a fixed normaliser.
 */
export const nce = defineSampledLoss({
  name: 'nce',
  options: z.strictObject({
    similarity: z.enum(['product', 'cosine']).default('product').describe('how anchors and classes are compared'),
    scale: z.number().positive().default(1).describe('what similarities are multiplied by'),
    normalizer: z.enum(['fixed', 'learned']).default('fixed').describe('of scores as logarithms of probabilities'),
  }),
  rows(classes, { similarity, scale, normalizer }, parameter) {
    const scores = classScores(classes, { similarity, scale, corrected: true });
    const shift = normalizer === 'learned' ? parameter('normalizer', [1], (values) => values.fill(0)) : undefined;
    const [own, drawn] = [scores.own, scores.drawn].map((each) => (shift ? add(each, shift) : each));
    const [size] = own.shape as readonly number[];
    return {
      total: noiseContrast(own, drawn),
      count: constant(new Float64Array(size).fill(1), [size]),
    };
  },
});
