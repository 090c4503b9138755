import { must } from '../../core/error.ts';
import { type Matrix, matrix } from '../../core/matrix.ts';
import type { Random } from '../../core/random.ts';

/** A distribution of which both is known: how to draw from it, and its density. */
export interface Noise {
  /** `[count, dimension]` */
  draw(count: number, random: Random): Matrix;
  /** The logarithm of the density at each row, natural; `[rows]`. */
  logDensity(points: Matrix): Float64Array;
}

/**
 * Independent normal numbers, each with its mean and deviation. It has to reach wherever data lie; it teaches most where it lies as they
 * do.
 *
 * @throws KindredError where there are not as many means as deviations, or a deviation is not above 0
 */
export function normalNoise(options: {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}): Noise {
  const { mean, deviation } = options;
  must(mean.length > 0 && mean.length === deviation.length, () => ({
    rule: 'Noise has a mean and a deviation for each number',
    received: `${mean.length} means and ${deviation.length} deviations`,
    next: 'Give as many of both as the data have columns',
    exitCode: 2,
  }));
  must(deviation.every((each) => each > 0 && Number.isFinite(each)) && mean.every(Number.isFinite), () => ({
    rule: 'Noise has finite means, and deviations above 0',
    received: `means ${mean.join(', ')}, deviations ${deviation.join(', ')}`,
    next: 'Correct them',
    exitCode: 2,
  }));
  const dimension = mean.length;
  const constant = deviation.reduce((sum, each) => sum - Math.log(each) - 0.5 * Math.log(2 * Math.PI), 0);
  return {
    draw(count, random) {
      const points = matrix(count, dimension);
      for (let i = 0; i < points.data.length; i++) {
        points.data[i] = mean[i % dimension] + deviation[i % dimension] * random.normal();
      }
      return points;
    },
    logDensity({ rows, columns, data }) {
      must(columns === dimension, () => ({
        rule: 'Noise is of the dimension of the data',
        received: `${dimension} beside ${columns}`,
        next: 'Give a mean and a deviation for each column of the data',
        exitCode: 2,
      }));
      return Float64Array.from({ length: rows }, (_, row) => {
        let log = constant;
        for (let k = 0; k < dimension; k++) log -= 0.5 * ((data[row * dimension + k] - mean[k]) / deviation[k]) ** 2;
        return log;
      });
    },
  };
}
