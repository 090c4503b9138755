import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { scalar } from '../graph/ops/constant.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { relu } from '../graph/ops/relu.ts';
import { sub } from '../graph/ops/sub.ts';
import { sum } from '../graph/ops/sum.ts';
import { transpose } from '../graph/ops/transpose.ts';
import { unitNorm } from '../graph/unit-norm.ts';

/** How far apart two embeddings are. In every distance, smaller is closer. */
export interface Distance {
  readonly name: string;
  /** `[A, D]` against `[C, D]` gives `[A, C]`. */
  between(anchors: Node, candidates: Node): Node;
}

/** `|a - c|^2`, as `|a|^2 + |c|^2 - 2 a.c`, not below 0. On the unit sphere: 0 to 4. Its gradient is finite everywhere. */
export const squaredEuclidean: Distance = {
  name: 'squared-euclidean',
  between(anchors, candidates) {
    const products = mul(scalar(-2), matmul(anchors, candidates, { b: true }));
    const ownAnchors = sum(mul(anchors, anchors), [1], { keep: true });
    const ownCandidates = transpose(sum(mul(candidates, candidates), [1], { keep: true }), [1, 0]);
    return relu(add(add(products, ownAnchors), ownCandidates));
  },
};

/** `1 - cos(a, c)`: 0 to 2. A zero vector has the distance 1 to everything. */
export const cosine: Distance = {
  name: 'cosine',
  between: (anchors, candidates) => sub(scalar(1), matmul(unitNorm(anchors), unitNorm(candidates), { b: true })),
};
