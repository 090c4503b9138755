import { describe, expect, test } from 'vitest';
import {
  type Expected,
  expectations,
  exported,
  fixture,
  run,
  summary,
  train,
  wave,
} from '../../test/import/training.ts';
import { adam } from '../optimizers/adam.ts';
import { sgd } from '../optimizers/sgd.ts';
import { importOnnx } from './import.ts';

const expected = expectations(fixture('expected.json'));
const optimizers: Record<string, () => ReturnType<typeof sgd>> = {
  sgd: () => sgd({ rate: 0.02, momentum: 0.9 }),
  adam: () => adam({ rate: 0.001, epsilon: 1e-4 }),
};

function expectNear(found: ArrayLike<number>, wanted: readonly number[], tolerance: number, note = ''): void {
  expect(found.length, note).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(found[i] - value), `${note} ${i}: ${found[i]} for ${value}`).toBeLessThan(
      tolerance * Math.max(1, Math.abs(value)),
    );
  });
}

describe.each(Object.entries(expected))('%s, as PyTorch exported it', (name: string, golden: Expected) => {
  const path = fixture(`${name}.onnx`);
  const x = { shape: golden.shape, data: wave(golden.shape, Math.sin, 1) };

  test('gives what PyTorch gives, exported again too, for any batch', async () => {
    const again = exported(importOnnx(path), golden.shape);
    const { before } = golden.steps.sgd;
    expectNear(await run(path, x), before, 1e-4, 'the file');
    expectNear(await run(again, x), before, 1e-4, 'exported again');
    const one = { shape: [1, ...golden.shape.slice(1)], data: x.data.subarray(0, x.data.length / golden.shape[0]) };
    expectNear(await run(again, one), before.slice(0, golden.out), 1e-4, 'one item');
  });

  test.each(Object.keys(golden.steps))('%s: weights and losses are those of PyTorch', async (mode) => {
    const wanted = golden.steps[mode];
    const model = importOnnx(path, { batchNorm: mode.endsWith('batch statistics') ? 'batch' : 'frozen' });
    const optimizer = optimizers[mode.includes('adam') ? 'adam' : 'sgd'];
    const { losses, weights, start } = await train(model, golden, optimizer(), wanted.losses.length);
    // Statistics of 16 values make float32 uncertain: PyTorch itself is as far from its float64.
    const batch = mode.endsWith('batch statistics') && losses.length > 1;
    expectNear(losses, wanted.losses, batch ? 1e-4 : 1e-5, 'losses');
    const tolerance = batch ? 5e-3 : 1e-4;
    // Weights that PyTorch left alone are those that are only measured, and then they are no parameters here.
    const trained = Object.entries(wanted.weights).filter(([, [length]]) => length > 0);
    expect([...weights.keys()].sort()).toEqual(trained.map(([key]) => key).sort());
    for (const [key, [length, projection]] of trained) {
      const [found, along] = summary(start.get(key) as Float32Array, weights.get(key) as Float32Array);
      expect(Math.abs(found - length), `${key}: ${found} for ${length}`).toBeLessThan(tolerance * length + 1e-7);
      expect(Math.abs(along - projection), `${key}: ${along} for ${projection}`).toBeLessThan(
        tolerance * length + 1e-7,
      );
    }
    expectNear(await run(exported(model, golden.shape, weights), x), wanted.after, batch ? 1e-3 : 1e-4, 'after');
  });
});
