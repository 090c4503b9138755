import { InferenceSession } from 'onnxruntime-node';
import { KindredError } from '../core/error.ts';
import { input } from '../graph/ops/input.ts';
import { neg } from '../graph/ops/neg.ts';
import { lower } from './lower.ts';

/** Where ONNX Runtime computes. What a device cannot do is done on the processor. */
export const devices = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof devices)[number];

/** The providers to ask ONNX Runtime for, in order. */
export const providersOf = (device: Device): string[] => (device === 'cpu' ? ['cpu'] : [device, 'cpu']);

const next: Record<Device, string> = {
  cpu: 'Install onnxruntime-node again',
  webgpu: 'Use a machine with a graphics driver that offers Vulkan, Metal or Direct3D 12, or --device cpu',
  cuda: 'Install onnxruntime-node with its CUDA libraries (ONNXRUNTIME_NODE_INSTALL=cuda12) on Linux x64, or use --device cpu',
};

/**
 * The device that is asked for, or with `auto` the first of cuda, webgpu and cpu that works here. Whether one works is found
 * out by loading a small model on it.
 *
 * @throws KindredError when the device that is asked for does not work
 */
export async function chooseDevice(wanted: Device | 'auto'): Promise<Device> {
  if (wanted === 'auto') {
    for (const device of ['cuda', 'webgpu'] as const) if ((await failure(device)) === undefined) return device;
    return 'cpu';
  }
  const reason = await failure(wanted);
  if (reason === undefined) return wanted;
  throw new KindredError({
    rule: `The device ${wanted} does not work on this machine`,
    received: reason,
    next: next[wanted],
  });
}

/** Why a device does not work; undefined when it does. */
async function failure(device: Device): Promise<string | undefined> {
  if (device === 'cpu') return undefined;
  try {
    const model = lower({ outputs: { y: neg(input('x', [1])) } });
    const session = await InferenceSession.create(model, { executionProviders: [device], logSeverityLevel: 4 });
    await session.release();
    return undefined;
  } catch (error) {
    const text = String(error instanceof Error ? error.message : error).split('\n')[0];
    return text.slice(text.lastIndexOf(' was false. ') + 1).trim();
  }
}
