// Agglomerative clustering with average linkage, by cosine, to the whole tree: items of dimension 128 around a tenth as many centres.

import { matrix } from 'kindred/core/matrix';
import { Random } from 'kindred/core/random';
import { averageLinkage } from 'kindred/search/average-linkage';

const DIMENSION = 128;

const linkage = (items) => () => {
  const random = Random.seeded(1);
  // Nearly normal.
  const value = () => random.uniform() + random.uniform() + random.uniform() - 1.5;
  const centres = Float32Array.from({ length: (items / 10) * DIMENSION }, value);
  const data = new Float32Array(items * DIMENSION);
  for (let i = 0; i < items; i++) {
    const centre = random.integer(items / 10) * DIMENSION;
    for (let k = 0; k < DIMENSION; k++) data[i * DIMENSION + k] = centres[centre + k] + 0.8 * value();
  }
  const all = matrix(items, DIMENSION, data);
  return { step: () => averageLinkage(all, { metric: 'cosine' }), items, warmUp: 0, runs: 1 };
};

export const cases = { 'cluster/10000': linkage(10_000), 'cluster/50000': linkage(50_000) };
