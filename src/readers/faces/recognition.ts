import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { avgPool } from '../../graph/ops/avg-pool.ts';
import { input } from '../../graph/ops/input.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { maxPool } from '../../graph/ops/max-pool.ts';
import { mean } from '../../graph/ops/mean.ts';
import { mul } from '../../graph/ops/mul.ts';
import { pad } from '../../graph/ops/pad.ts';
import { relu } from '../../graph/ops/relu.ts';
import { FaceNetwork, facePixels } from './network.ts';

const blocks = [
  '32_1',
  '32_2',
  '32_3',
  '64_down',
  '64_1',
  '64_2',
  '64_3',
  '128_down',
  '128_1',
  '128_2',
  '256_down',
  '256_1',
  '256_2',
];

/**
 * The face recognition network of the installed package as an ONNX model: `pixels`, bytes `[batch, 150, 150, 3]`, to `descriptors`
 * `[batch, 128]`. A residual net of 29 convolutions, from dlib; pictures of one person lie within a euclidean distance of about 0.6.
 */
export function faceRecognition(): Uint8Array {
  const net = new FaceNetwork('face_recognition');
  const layer = (x: Node, name: string, { stride = 1, same = true } = {}) => {
    const filtered = add(net.filtered(x, `${name}/conv/filters`, { stride, same }), net.vector(`${name}/conv/bias`));
    return add(mul(filtered, net.vector(`${name}/scale/weights`)), net.vector(`${name}/scale/biases`));
  };
  const block = (x: Node, name: string): Node => {
    const down = name.includes('down');
    const inner = relu(layer(x, `${name}/conv1`, down ? { stride: 2, same: false } : {}));
    const change = layer(inner, `${name}/conv2`);
    return relu(down ? added(avgPool(x, { kernel: 2, stride: 2 }), change) : add(change, x));
  };
  const pixels = input('pixels', ['batch', 150, 150, 3], 'uint8');
  const first = relu(layer(facePixels(pixels, [122.782, 117.001, 104.298]), 'conv32_down', { stride: 2, same: false }));
  const pooled = maxPool(first, { kernel: 3, stride: 2 });
  const last = [...blocks, '256_down_out'].reduce((x, name) => block(x, `conv${name}`), pooled);
  return net.onnx({ descriptors: matmul(mean(last, [2, 3]), net.matrix('fc')) });
}

/** Zeros behind the channels of the one, and behind rows and columns of the other, until they fit. */
function added(shortcut: Node, change: Node): Node {
  const none = [0, 0, 0, 0];
  const missing = (from: Node, to: Node) =>
    [1, 2, 3].map((axis) => Math.max(0, (to.shape[axis] as number) - (from.shape[axis] as number)));
  const grown = (from: Node, to: Node) => pad(from, none, [0, ...missing(from, to)]);
  return add(grown(shortcut, change), grown(change, shortcut));
}
