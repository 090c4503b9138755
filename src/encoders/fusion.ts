import { must } from '../core/error.ts';
import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { concat } from '../graph/ops/concat.ts';
import { scalar } from '../graph/ops/constant.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reshape } from '../graph/ops/reshape.ts';
import { sigmoid } from '../graph/ops/sigmoid.ts';
import { softmax } from '../graph/ops/softmax.ts';
import { sum } from '../graph/ops/sum.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { where } from '../graph/ops/where.ts';
import type { Initializer, Scope, Seen } from './encoder.ts';
import { glorotUniform, zeros } from './initializers.ts';
import { linear } from './layers.ts';

/** The ways to make one vector of what several towers see; {@link fuse} says what each is. */
export const fusions = ['concatenate', 'product', 'product-residual', 'sum', 'gated', 'attention'] as const;
export type Fusion = (typeof fusions)[number];

/** The logit of a modality that an item lacks. */
const NEVER = -1e30;

/**
 * One vector `[batch, dimension]` of what several towers see, `h_m`, with `f_m = W_m h_m + b_m` and `p_m` 1 where an item has the modality,
 * 0 where it lacks it:
 *
 * - concatenate: `W [p_1 h_1, p_2 h_2, ..] + b`
 * - sum: `sum of p_m f_m`
 * - product: the product of `f_m` over the modalities that are there, element by element. With biases that start at 0 and small
 *   weights nothing would be learned: the gradient of each factor is the product of the others. So they start at `bias`.
 * - product-residual: the product and the sum, added
 * - gated: `sum of p_m sigmoid(V_m [p_1 h_1, p_2 h_2, ..] + c_m) tanh(f_m)` (Arevalo et al.: Gated Multimodal Units, 2017)
 * - attention: `sum of a_m f_m`, `a` the softmax of `q . tanh(f_m) / sqrt(dimension)` over the modalities that are there
 *
 * Of an item that has none the sum and the gates are 0, the concatenation is its bias, the product is 1, and attention takes the
 * mean.
 */
export function fuse(
  scope: Scope,
  seen: readonly Seen[],
  { fusion, dimension, bias }: { readonly fusion: Fusion; readonly dimension: number; readonly bias: number },
): Node {
  for (const { name, features } of seen) {
    must(features.shape.length === 2, () => ({
      rule: 'A tower gives a vector for each item, [batch, dimension]',
      received: `${features.shape.length} axes from ${name}`,
      next: 'Choose another encoder, or pool its result',
      exitCode: 2,
    }));
  }
  const side = () =>
    concat(
      seen.map(({ features, there }) => where(there, features, scalar(0))),
      1,
    );
  if (fusion === 'concatenate') return linear(scope, 'fusion', side(), dimension, glorotUniform);
  const factors = seen.map(({ name, features, there }) => ({
    name,
    there,
    value: projected(scope, `fusion.${name}`, features, dimension, bias),
  }));
  const added = (terms: readonly Node[]) => terms.reduce((total, term) => add(total, term));
  const total = () => added(factors.map(({ there, value }) => where(there, value, scalar(0))));
  const product = () =>
    factors.map(({ there, value }) => where(there, value, scalar(1))).reduce((all, one) => mul(all, one));
  switch (fusion) {
    case 'sum':
      return total();
    case 'product':
      return product();
    case 'product-residual':
      return add(product(), total());
    case 'gated': {
      const all = side();
      return added(
        factors.map(({ name, there, value }) => {
          const gate = sigmoid(linear(scope, `fusion.${name}.gate`, all, dimension, glorotUniform));
          return where(there, mul(gate, tanh(value)), scalar(0));
        }),
      );
    }
    case 'attention': {
      const query = scope.parameter('fusion.query', [dimension, 1], glorotUniform);
      const logits = factors.map(({ there, value }) =>
        where(there, mul(matmul(tanh(value), query), scalar(1 / Math.sqrt(dimension))), scalar(NEVER)),
      );
      const shares = softmax(concat(logits, 1), 1);
      const [batch] = shares.shape;
      const stacked = concat(
        factors.map(({ value }) => reshape(value, [batch, 1, dimension])),
        1,
      );
      return sum(mul(stacked, reshape(shares, [batch, factors.length, 1])), [1]);
    }
  }
}

/** `W h + b`, with biases that start at `bias`. */
function projected(scope: Scope, name: string, features: Node, dimension: number, bias: number): Node {
  const start: Initializer = bias === 0 ? zeros : (values) => values.fill(bias);
  const weight = scope.parameter(`${name}.weight`, [features.shape[1] as number, dimension], glorotUniform);
  return add(matmul(features, weight), scope.parameter(`${name}.bias`, [dimension], start, ['bias']));
}
