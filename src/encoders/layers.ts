import type { Node } from '../graph/node.ts';
import { add } from '../graph/ops/add.ts';
import { conv2dLast } from '../graph/ops/conv2d-last.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { reshape } from '../graph/ops/reshape.ts';
import type { Initializer, Scope } from './encoder.ts';
import { heNormal, zeros } from './initializers.ts';

/** `x W + b`: `[batch, in] -> [batch, out]`. */
export function linear(scope: Scope, name: string, x: Node, out: number, initial: Initializer = heNormal): Node {
  const weight = scope.parameter(`${name}.weight`, [x.shape[1] as number, out], initial);
  return add(matmul(x, weight), scope.parameter(`${name}.bias`, [out], zeros, ['bias']));
}

/**
 * A convolution, channels last: `[batch, h, w, in] -> [batch, h', w', out]`, with a bias per channel unless `bias` is false,
 * as it is where a norm follows that would take the bias away again.
 */
export function convolution(
  scope: Scope,
  name: string,
  x: Node,
  options: {
    readonly out: number;
    readonly kernel: number;
    readonly stride?: number;
    readonly padding?: number;
    readonly bias?: boolean;
  },
): Node {
  const { out, kernel, stride = 1, padding = 0, bias = true } = options;
  const weight = scope.parameter(`${name}.weight`, [kernel, kernel, x.shape[3] as number, out], heNormal);
  if (!bias) return conv2dLast(x, weight, { stride, padding });
  return conv2dLast(x, weight, { bias: scope.parameter(`${name}.bias`, [out], zeros, ['bias']), stride, padding });
}

/** `[batch, ...] -> [batch, product]`. */
export const flatten = (x: Node): Node =>
  reshape(x, [x.shape[0], x.shape.slice(1).reduce<number>((a, b) => a * (b as number), 1)]);
