import { expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { input } from '../graph/ops/input.ts';
import { mul } from '../graph/ops/mul.ts';
import { chooseDevice, devices, providersOf } from './device.ts';
import { lower } from './lower.ts';
import { Program } from './program.ts';

test('the processor is always there, and stands behind every other device', async () => {
  expect(await chooseDevice('cpu')).toBe('cpu');
  expect(devices).toContain(await chooseDevice('auto'));
  expect(providersOf('cpu')).toEqual(['cpu']);
  expect(providersOf('cuda')).toEqual(['cuda', 'cpu']);
});

for (const device of ['webgpu', 'cuda'] as const) {
  test(`${device} gives what the processor gives, or says that it does not work and what to do`, async () => {
    const x = input('x', ['n']);
    const model = lower({ outputs: { y: mul(x, x) } });
    const found = await chooseDevice(device).catch((error: unknown) => error);
    if (found instanceof Error) {
      expect(found).toBeInstanceOf(KindredError);
      expect(found.message).toMatch(new RegExp(`^The device ${device} does not work on this machine: .+--device cpu`));
      return;
    }
    const program = await Program.compile(model, { threads: 1, device });
    const { y } = await program.run({ x: { shape: [3], data: Float32Array.of(1, -2, 3) } });
    expect([...(y.data as Float32Array)]).toEqual([1, 4, 9]);
    await program.release();
  });
}
