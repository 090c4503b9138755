import type { Node } from '../graph/node.ts';
import { lower } from '../onnx/lower.ts';
import { type Encoder, trace } from './encoder.ts';

/**
 * The encoder as an ONNX file: weights inside, preprocessing included, standard ops of opset 17, and whatever symbol `x`
 * has for the batch, so that it takes any number of items. The result is called `embeddings`.
 *
 * @param weights by the name of the parameter or statistic
 */
export function exportEncoder(
  encoder: Encoder,
  x: Node,
  weights: ReadonlyMap<string, Float32Array>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { embeddings, parameters, statistics } = trace(encoder, x);
  return lower({
    outputs: { embeddings },
    weights: new Map([...parameters, ...statistics].map(({ name, node }) => [node, weights.get(name) as Float32Array])),
    metadata: {
      encoder: encoder.name,
      // So that who imports the file does not take them for weights.
      ...(statistics.length > 0 && { statistics: JSON.stringify(statistics.map(({ name }) => name)) }),
      ...metadata,
    },
  });
}
