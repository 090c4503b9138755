import { Random } from '../src/core/random.ts';
import { type Encoder, trace } from '../src/encoders/encoder.ts';
import type { Node } from '../src/graph/node.ts';
import { bindShape, type Tensor, tensor } from '../src/graph/tensor.ts';
import { fill } from './laws/compare.ts';

/**
 * An encoder's graph with values for all that it declares, and for its input: none of them special, so that every offset
 * and every scale matters. Variances and scales are positive.
 */
export function declared(encoder: Encoder, x: Node, { training, seed }: { training: boolean; seed: number }) {
  const { embeddings, parameters, statistics } = trace(encoder, x, { training });
  const values = new Map<string, Tensor>();
  const feeds = new Map<Node, Tensor>([[x, fill({ shape: bindShape(x.shape, new Map()) }, Random.seeded(seed))]]);
  for (const { name, shape, node } of [...parameters, ...(training ? [] : statistics)]) {
    const positive = /\.(scale|variance)$/.test(name);
    const drawn = fill({ shape, fill: positive ? 'positive' : 'normal' }, Random.seeded(seed).split(name));
    const value = positive
      ? drawn
      : tensor(
          shape,
          drawn.data.map((each) => Math.fround(each / 2)),
        );
    values.set(name, value);
    feeds.set(node, value);
  }
  const known = (name: string): Tensor => {
    const found = values.get(name);
    if (found === undefined) throw new Error(`${name} is not one of ${[...values.keys()].join(', ')}`);
    return found;
  };
  return { embeddings, parameters, statistics, feeds, known, given: feeds.get(x) as Tensor };
}

/** How many numbers an encoder learns. */
export const countOf = (encoder: Encoder, x: Node): number =>
  trace(encoder, x).parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
