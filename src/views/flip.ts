import { must } from '../core/error.ts';
import type { View } from './view.ts';

/**
 * Mirrors the picture, left to right, with the given probability (default one half).
 *
 * Not for pictures in which left and right mean something, such as text. Throws a `KindredError` unless the probability
 * is in [0, 1].
 */
export function flip({ probability = 0.5 }: { probability?: number } = {}): View {
  must(probability >= 0 && probability <= 1, () => ({
    rule: 'A probability is between 0 and 1',
    received: `probability ${probability}`,
    next: 'Give a number such as 0.5',
    exitCode: 2,
  }));
  return {
    name: `flip with probability ${probability}`,
    apply(from, to, { height, width, channels }, random) {
      if (random.uniform() >= probability) {
        to.set(from);
        return;
      }
      const line = width * channels;
      let out = 0;
      for (let y = 0; y < height; y++) {
        for (let x = (y + 1) * line - channels; x >= y * line; x -= channels) {
          for (let c = 0; c < channels; c++) to[out++] = from[x + c];
        }
      }
    },
  };
}
