import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { cast } from '../../graph/ops/cast.ts';
import { constant, scalar } from '../../graph/ops/constant.ts';
import { convolve } from '../../graph/ops/conv2d.ts';
import { div } from '../../graph/ops/div.ts';
import { input } from '../../graph/ops/input.ts';
import { sub } from '../../graph/ops/sub.ts';
import { transpose } from '../../graph/ops/transpose.ts';
import { lower } from '../../onnx/lower.ts';
import { type FaceWeight, faceWeights } from './installed.ts';

/** Layers of one of the package's networks, channels first, with the weights that it holds under these names. */
export class FaceNetwork {
  readonly #weights: ReadonlyMap<string, FaceWeight>;
  readonly #used = new Map<Node, Float32Array>();

  constructor(model: string) {
    this.#weights = faceWeights(model);
  }

  /** A weight with its axes in another order, as an input of the graph whose values become part of the model. */
  #weight(name: string, order: readonly number[]): Node {
    const { shape, values } = this.#weights.get(name) as FaceWeight;
    const axes = order.map((axis) => shape[axis] ?? 1);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const arranged = Float32Array.from(values, (_, at) => {
      let [left, from] = [at, 0];
      for (let i = order.length - 1; i >= 0; i--) {
        from += (left % axes[i]) * (strides[order[i]] ?? 0);
        left = Math.floor(left / axes[i]);
      }
      return values[from];
    });
    const node = input(name, axes);
    this.#used.set(node, arranged);
    return node;
  }

  /** A vector, for all places of each channel. */
  vector(name: string): Node {
    return this.#weight(name, [9, 0, 9, 9]);
  }

  matrix(name: string): Node {
    return this.#weight(name, [0, 1]);
  }

  /** Filters `[kh, kw, in, out]` of the package; without padding unless `same`, which keeps the size but for the stride. */
  filtered(
    x: Node,
    name: string,
    { stride = 1, same = false }: { readonly stride?: number; readonly same?: boolean } = {},
  ): Node {
    return this.#convolved(x, this.#weight(name, [3, 2, 0, 1]), { stride, same, groups: 1 });
  }

  /** Each channel by a 3x3 filter of its own, then a mixture of channels, then a bias. */
  separable(x: Node, name: string, stride = 1): Node {
    const own = this.#weight(`${name}/depthwise_filter`, [2, 3, 0, 1]);
    const each = this.#convolved(x, own, { stride, same: true, groups: x.shape[1] as number });
    return add(this.filtered(each, `${name}/pointwise_filter`), this.vector(`${name}/bias`));
  }

  #convolved(
    x: Node,
    filters: Node,
    { stride, same, groups }: { readonly stride: number; readonly same: boolean; readonly groups: number },
  ): Node {
    const [kh, kw] = filters.shape.slice(2) as number[];
    const [top, bottom] = same ? sides(x.shape[2] as number, kh, stride) : [0, 0];
    const [left, right] = same ? sides(x.shape[3] as number, kw, stride) : [0, 0];
    return convolve(x, filters, {
      ...{ stride: [stride, stride], padding: [top, left, bottom, right], dilation: [1, 1], groups },
    });
  }

  onnx(outputs: Readonly<Record<string, Node>>): Uint8Array {
    return lower({ outputs, weights: this.#used });
  }
}

/** What TensorFlow's "same" puts in front and behind: the odd one behind. */
export function sides(size: number, kernel: number, stride: number): readonly [number, number] {
  const all = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [all >> 1, all - (all >> 1)];
}

/** Pictures of bytes `[batch, side, side, 3]` as these networks take them, channels first: `(pixel - mean) / 255`. */
export function facePixels(x: Node, mean: readonly number[]): Node {
  return transpose(div(sub(cast(x, 'float32'), constant(mean, [3])), scalar(255)), [0, 3, 1, 2]);
}
