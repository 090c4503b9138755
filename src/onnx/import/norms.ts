import { must } from '../../core/error.ts';
import { batchNorm, fixedBatchNorm } from '../../graph/batch-norm.ts';
import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { scalar } from '../../graph/ops/constant.ts';
import { mul } from '../../graph/ops/mul.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { standardize } from '../../graph/ops/standardize.ts';
import { axisOf, productOf, show } from '../../graph/shape.ts';
import type { Call, Rules } from './rule.ts';

/**
 * With the statistics of the file, or, where the scope keeps statistics, with those of the batch in training and their
 * running average elsewhere. The average takes in the variance divided by `count - 1`, as PyTorch's does.
 */
function batchNormalization(call: Call): Node {
  const [x, scale, offset] = [call.node(0), call.node(1), call.node(2)];
  const options = { epsilon: call.attributes.float('epsilon', 1e-5) };
  const batch = batchNorm(x, scale, offset, options);
  let used = false;
  const [mean, variance] = ([0, 1] as const).map((which) =>
    call.statistic(which, () => {
      used = true;
      return which === 0 ? batch.mean : mul(batch.variance, scalar(correction(x)));
    }),
  );
  if (used) return batch.y;
  return fixedBatchNorm(x, scale, offset, { mean: mean ?? call.node(3), variance: variance ?? call.node(4) }, options);
}

/** `n / (n - 1)` for the n values of a channel. */
function correction(x: Node): number {
  const count = productOf(x.shape.filter((_, axis) => axis !== 1));
  must(typeof count === 'number' && count > 1, () => ({
    rule: 'Statistics of a batch need more than one value in each channel',
    received: show(x.shape),
    next: 'Use a larger batch, or keep the statistics of the file',
  }));
  return count / (count - 1);
}

function layerNormalization(call: Call): Node {
  const x = call.node(0);
  const first = axisOf('LayerNormalization', x.shape, call.attributes.int('axis', -1));
  const axes = x.shape.flatMap((_, axis) => (axis < first ? [] : [axis]));
  const y = mul(standardize(x, scalar(1), axes, call.attributes.float('epsilon', 1e-5)), call.node(1));
  return call.has(2) ? add(y, call.node(2)) : y;
}

/** `[c]` as `[c, 1, 1]`, to go with `[n, c, h, w]`. */
const perChannel = (values: Node, x: Node): Node =>
  reshape(values, [values.shape[0], ...x.shape.slice(2).map(() => 1)]);

function instanceNormalization(call: Call): Node {
  const x = call.node(0);
  const axes = x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
  const y = standardize(x, scalar(1), axes, call.attributes.float('epsilon', 1e-5));
  return add(mul(y, perChannel(call.node(1), x)), perChannel(call.node(2), x));
}

function groupNormalization(call: Call): Node {
  const x = call.node(0);
  const groups = call.attributes.int('num_groups', 1);
  must(call.opset >= 21, () => ({
    rule: 'Group norm has a scale for each channel from op set 21 on',
    received: `op set ${call.opset}`,
    next: 'Convert the model to op set 21',
  }));
  const rest = productOf(x.shape.slice(1));
  const grouped = reshape(x, [x.shape[0], groups, (rest as number) / groups]);
  const y = reshape(standardize(grouped, scalar(1), [2], call.attributes.float('epsilon', 1e-5)), x.shape);
  return add(mul(y, perChannel(call.node(1), x)), perChannel(call.node(2), x));
}

/** Normalisations. */
export const norms: Rules = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
};
