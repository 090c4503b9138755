import { type Matrix, matrix } from '../core/matrix.ts';
import type { Random } from '../core/random.ts';
import type { Feed } from '../encoders/feed.ts';

const BUCKETS = 2048;

/** The looks of items as rows of numbers, for what does not learn: pixels from 0 to 1, values, or how often each token comes. */
export async function lookFeatures(feed: Feed, positions: Int32Array, random: Random): Promise<Matrix> {
  const values = await feed.values(positions, random);
  if (!(values instanceof BigInt64Array)) {
    const scale = values instanceof Uint8Array ? 1 / 255 : 1;
    return matrix(
      positions.length,
      values.length / positions.length,
      // Of several modalities NaN is what an item lacks.
      new Float32Array(values).map((value) => (Number.isNaN(value) ? 0 : value * scale)),
    );
  }
  const counts = matrix(positions.length, BUCKETS);
  const length = values.length / positions.length;
  values.forEach((token, i) => {
    if (token >= 0n) counts.data[Math.floor(i / length) * BUCKETS + Number(token % BigInt(BUCKETS))]++;
  });
  return counts;
}
