import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { scalar } from '../../graph/ops/constant.ts';
import { input } from '../../graph/ops/input.ts';
import { maxPoolOver } from '../../graph/ops/max-pool.ts';
import { mul } from '../../graph/ops/mul.ts';
import { relu } from '../../graph/ops/relu.ts';
import { sub } from '../../graph/ops/sub.ts';
import { FaceNetwork, facePixels, sides } from './network.ts';

/** Rows and columns of what the detector takes. */
export const DETECTOR_SIDE = 416;
/** Width and height of the five boxes of each cell, in cells. */
const anchors = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
];

/** A box in shares of the picture that the detector was given, and how sure it is that there is a face, 0 to 1. */
export interface FaceBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly score: number;
}

/**
 * The tiny face detector of the installed package as an ONNX model: `pixels`, bytes `[batch, 416, 416, 3]`, to `cells` `[batch, 25, 13, 13]`, of
 * each of five boxes the place, the size and the score, before {@link facesIn}. After YOLO (Redmon and Farhadi: YOLO9000, 2017).
 */
export function detectorNetwork(): Uint8Array {
  const net = new FaceNetwork('tiny_face_detector');
  const leaky = (x: Node) => {
    const least = mul(x, scalar(Math.fround(0.1)));
    return add(relu(sub(x, least)), least);
  };
  const pooled = (x: Node, stride: number) => {
    const [[top, bottom], [left, right]] = [2, 3].map((axis) => sides(x.shape[axis] as number, 2, stride));
    return maxPoolOver(x, { kernel: [2, 2], stride: [stride, stride], padding: [top, left, bottom, right] });
  };
  const pixels = input('pixels', ['batch', DETECTOR_SIDE, DETECTOR_SIDE, 3], 'uint8');
  const looked = facePixels(pixels, [117.001, 114.697, 97.404]);
  let value = pooled(leaky(add(net.filtered(looked, 'conv0/filters'), net.vector('conv0/bias'))), 2);
  for (const block of [1, 2, 3, 4, 5]) value = pooled(leaky(net.separable(value, `conv${block}`)), block === 5 ? 1 : 2);
  return net.onnx({ cells: add(net.filtered(value, 'conv8/filters'), net.vector('conv8/bias')) });
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The boxes that score above `least`, the surest first; of boxes that overlap by more than 0.4 the surest stays. */
export function facesIn(cells: ArrayLike<number>, { least = 0.5 }: { readonly least?: number } = {}): FaceBox[] {
  const side = Math.round(Math.sqrt(cells.length / 25));
  const found: FaceBox[] = [];
  for (const [a, [wide, high]] of anchors.entries()) {
    for (let place = 0; place < side * side; place++) {
      const value = (i: number) => cells[(5 * a + i) * side * side + place];
      const score = sigmoid(value(4));
      if (score <= least) continue;
      const width = (wide * Math.exp(value(2))) / side;
      const height = (high * Math.exp(value(3))) / side;
      const x = ((place % side) + sigmoid(value(0))) / side;
      const y = (Math.floor(place / side) + sigmoid(value(1))) / side;
      found.push({ left: x - width / 2, top: y - height / 2, width, height, score });
    }
  }
  found.sort((one, other) => other.score - one.score);
  const kept: FaceBox[] = [];
  for (const box of found) if (!kept.some((each) => overlap(each, box) > 0.4)) kept.push(box);
  return kept;
}

/** What is in both of what is in either. */
function overlap(x: FaceBox, y: FaceBox): number {
  const across = Math.min(x.left + x.width, y.left + y.width) - Math.max(x.left, y.left);
  const down = Math.min(x.top + x.height, y.top + y.height) - Math.max(x.top, y.top);
  const both = Math.max(0, across) * Math.max(0, down);
  return both / (x.width * x.height + y.width * y.height - both);
}
