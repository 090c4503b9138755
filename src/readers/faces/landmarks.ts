import type { Node } from '../../graph/node.ts';
import { add } from '../../graph/ops/add.ts';
import { avgPool } from '../../graph/ops/avg-pool.ts';
import { input } from '../../graph/ops/input.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { relu } from '../../graph/ops/relu.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { FaceNetwork, facePixels } from './network.ts';

/** Rows and columns of what the landmarks network takes. */
export const LANDMARK_SIDE = 112;

/**
 * The network of 68 landmarks of the installed package as an ONNX model: `pixels`, bytes `[batch, 112, 112, 3]`, to `places` `[batch, 136]`,
 * x and y of each as shares of the side.
 */
export function landmarksNetwork(): Uint8Array {
  const net = new FaceNetwork('face_landmark_68');
  const block = (x: Node, name: string): Node => {
    const one =
      name === 'dense0'
        ? add(net.filtered(x, 'dense0/conv0/filters', { stride: 2, same: true }), net.vector('dense0/conv0/bias'))
        : net.separable(x, `${name}/conv0`, 2);
    const first = relu(one);
    const two = net.separable(first, `${name}/conv1`);
    const three = net.separable(relu(add(first, two)), `${name}/conv2`);
    const four = net.separable(relu(add(first, add(two, three))), `${name}/conv3`);
    return relu(add(first, add(two, add(three, four))));
  };
  const pixels = input('pixels', ['batch', LANDMARK_SIDE, LANDMARK_SIDE, 3], 'uint8');
  const looked = facePixels(pixels, [122.782, 117.001, 104.298]);
  const last = ['dense0', 'dense1', 'dense2', 'dense3'].reduce(block, looked);
  const features = reshape(avgPool(last, { kernel: 7, stride: 2 }), ['batch', 256]);
  return net.onnx({
    places: add(matmul(features, net.matrix('fc/weights')), reshape(net.vector('fc/bias'), [1, 136])),
  });
}
