import { z } from 'zod';
import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { mean } from '../graph/ops/mean.ts';
import { relu } from '../graph/ops/relu.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { normalized } from './blocks.ts';
import { defineEncoder } from './define.ts';
import type { Scope } from './encoder.ts';
import { glorotUniform, ones, zeros } from './initializers.ts';
import { convolution, linear } from './layers.ts';

/**
 * ResNet-18 for small pictures: a 3x3 convolution with stride 1 and no pooling (the form used on CIFAR), then four stages of
 * two basic blocks with 64, 128, 256 and 512 channels and strides 1, 2, 2, 2, then the mean over all places. Takes pictures
 * `[batch, height, width, channels]` of any size; 32x32 becomes 32, 16, 8, 4.
 *
 * A basic block is convolution, norm, ReLU, convolution, norm, plus the shortcut, ReLU. Where the shape changes, the
 * shortcut is a 1x1 convolution with a norm (option B). Convolutions have no bias. For pictures of three channels that makes
 * 11,168,832 weights without a head.
 *
 * With a `dimension` a linear layer follows; 0 leaves the features as they are, 8 times the width. Embeddings have unit norm.
 *
 * Convolutions start as He normal by fan-in. `zeroInit` starts the last scale of each block at 0, so that each block begins
 * as its shortcut (Goyal et al.: Accurate, Large Minibatch SGD, 2017, section 5.1).
 *
 * He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition (2016); the stem as in Chen et al.: SimCLR (2020),
 * appendix B.9.
 */
export const resnet18 = defineEncoder({
  name: 'resnet18',
  options: z.strictObject({
    dimension: z.int().nonnegative().default(0).describe('size of the embedding; 0: the features as they are'),
    width: z.int().positive().default(64).describe('channels of the first stage; each later one has twice as many'),
    zeroInit: z.boolean().default(false).describe('start each block as its shortcut alone'),
  }),
  apply(scope, x, { dimension, width, zeroInit }) {
    let value = relu(layer(scope, 'stem', x, { out: width, kernel: 3 }));
    for (const stage of [1, 2, 3, 4]) {
      const out = width * 2 ** (stage - 1);
      for (const block of [1, 2]) {
        const stride = stage > 1 && block === 1 ? 2 : 1;
        value = basicBlock(scope, `stage${stage}.block${block}`, value, { out, stride, zeroInit });
      }
    }
    const features = mean(value, [1, 2]);
    return unitNorm(dimension === 0 ? features : linear(scope, 'head', features, dimension, glorotUniform));
  },
});

function basicBlock(
  scope: Scope,
  name: string,
  x: Node,
  { out, stride, zeroInit }: { readonly out: number; readonly stride: number; readonly zeroInit: boolean },
): Node {
  const inner = relu(layer(scope, `${name}.1`, x, { out, kernel: 3, stride }));
  const change = layer(scope, `${name}.2`, inner, { out, kernel: 3, zero: zeroInit });
  const same = stride === 1 && x.shape[3] === out;
  return relu(add(change, same ? x : layer(scope, `${name}.shortcut`, x, { out, kernel: 1, stride })));
}

/** A convolution that keeps the size (but for its stride), and a norm. */
function layer(
  scope: Scope,
  name: string,
  x: Node,
  options: { readonly out: number; readonly kernel: 1 | 3; readonly stride?: number; readonly zero?: boolean },
): Node {
  const { out, kernel, stride = 1, zero = false } = options;
  const filtered = convolution(scope, `${name}.conv`, x, {
    out,
    kernel,
    stride,
    padding: (kernel - 1) / 2,
    bias: false,
  });
  return normalized(scope, `${name}.norm`, filtered, zero ? zeros : ones);
}
