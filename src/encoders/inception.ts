import { z } from 'zod';
import { l2Pool } from '../graph/l2-pool.ts';
import type { Node } from '../graph/node.ts';
import { concat } from '../graph/ops/concat.ts';
import { maxPool } from '../graph/ops/max-pool.ts';
import { mean } from '../graph/ops/mean.ts';
import { relu } from '../graph/ops/relu.ts';
import { transpose } from '../graph/ops/transpose.ts';
import { unitNorm } from '../graph/unit-norm.ts';
import { normalized } from './blocks.ts';
import { defineEncoder } from './define.ts';
import type { Scope } from './encoder.ts';
import { type InceptionBlock, inceptionNets } from './inception-nets.ts';
import { glorotUniform } from './initializers.ts';
import { convolution, linear } from './layers.ts';

/**
 * The inception nets of FaceNet. Takes pictures `[batch, height, width, channels]` of any size, halves them five times and takes the
 * mean over the places that are left (7 x 7 of 224 x 224, 3 x 3 of 96 x 96), then a linear layer and unit norm.
 *
 * - `nn2`: the paper's, for 224 x 224: 7,464,224 parameters for pictures of three channels, of which
 *   15,840 are scales and offsets of norms.
 * - `nn4-small`: for 96 x 96, with fewer blocks and without 5x5 convolutions in the last ones (OpenFace's `nn4.small2`): 3,729,312,
 *   of which 9,312 are of norms.
 *
 * Every convolution is followed by a batch norm, as in OpenFace, and so has no bias; it stands for the paper's local response
 * normalisation too. Poolings are 3 x 3; those named L2 are the root of the mean square. `width` multiplies the channels of
 * every layer, for smaller nets and tests.
 *
 * Schroff, Kalenichenko, Philbin: FaceNet (2015), table 2; Szegedy et al.: Going deeper with convolutions (2015); Amos, Ludwiczuk,
 * Satyanarayanan: OpenFace (2016).
 */
export const inception = defineEncoder({
  name: 'inception',
  options: z.strictObject({
    net: z.enum(['nn2', 'nn4-small']).default('nn4-small').describe('nn2: for 224 x 224; nn4-small: for 96 x 96'),
    dimension: z.int().positive().default(128).describe('size of the embedding'),
    width: z.number().positive().max(4).default(1).describe('multiplies the channels of every layer'),
  }),
  apply(scope, x, { net, dimension, width }) {
    const wide = (channels: number) => Math.max(1, Math.round(width * channels));
    const first = layer(scope, '1', x, { out: wide(64), kernel: 7, stride: 2 });
    const reduced = layer(scope, '2.reduce', pooled(first, 'max', 2), { out: wide(64), kernel: 1 });
    const second = layer(scope, '2', reduced, { out: wide(192), kernel: 3 });
    const blocks: readonly InceptionBlock[] = inceptionNets[net];
    const places = blocks.reduce((value, each) => branches(scope, value, each, wide), pooled(second, 'max', 2));
    return unitNorm(linear(scope, 'head', mean(places, [1, 2]), dimension, glorotUniform));
  },
});

function branches(scope: Scope, x: Node, block: InceptionBlock, wide: (channels: number) => number): Node {
  const { name, one, three, five, pool, project, stride = 1 } = block;
  const reduced = ([before, out]: readonly [number, number], kernel: 3 | 5) => {
    const inner = layer(scope, `${name}.${kernel}x${kernel}.reduce`, x, { out: wide(before), kernel: 1 });
    return layer(scope, `${name}.${kernel}x${kernel}`, inner, { out: wide(out), kernel, stride });
  };
  const seen = pooled(x, pool, stride);
  const joined = [
    ...(one === undefined ? [] : [layer(scope, `${name}.1x1`, x, { out: wide(one), kernel: 1 })]),
    reduced(three, 3),
    ...(five === undefined ? [] : [reduced(five, 5)]),
    project === undefined ? seen : layer(scope, `${name}.pool`, seen, { out: wide(project), kernel: 1 }),
  ];
  return concat(joined, 3);
}

/** A convolution that keeps the size (but for its stride), batch norm, and ReLU. */
function layer(
  scope: Scope,
  name: string,
  x: Node,
  { out, kernel, stride = 1 }: { readonly out: number; readonly kernel: number; readonly stride?: number },
): Node {
  const padding = (kernel - 1) / 2;
  const filtered = convolution(scope, `${name}.conv`, x, { out, kernel, stride, padding, bias: false });
  return relu(normalized(scope, `${name}.norm`, filtered));
}

/** 3x3 pooling with channels last, which keeps the size but for its stride. */
function pooled(x: Node, how: 'max' | 'l2', stride: number): Node {
  const pool = how === 'max' ? maxPool : l2Pool;
  const first = pool(transpose(x, [0, 3, 1, 2]), { kernel: 3, stride, padding: 1 });
  return transpose(first, [0, 2, 3, 1]);
}
