import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupsOf } from '../../src/batches/groups-of.ts';
import { trace } from '../../src/encoders/encoder.ts';
import { exportEncoder } from '../../src/encoders/export.ts';
import { inputNode } from '../../src/encoders/feed.ts';
import { imported } from '../../src/encoders/imported.ts';
import { onPixels, pixelInput } from '../../src/encoders/pixels.ts';
import { input } from '../../src/graph/ops/input.ts';
import { supCon } from '../../src/losses/supcon.ts';
import { Program } from '../../src/onnx/program.ts';
import { adam } from '../../src/optimizers/adam.ts';
import { detectorNetwork, facesIn } from '../../src/readers/faces/detector.ts';
import { largestFace } from '../../src/readers/faces/find.ts';
import { installedFaces } from '../../src/readers/faces/installed.ts';
import { landmarksNetwork } from '../../src/readers/faces/landmarks.ts';
import { faceRecognition } from '../../src/readers/faces/recognition.ts';
import { groups } from '../../src/relations/groups.ts';
import { itemsOf } from '../../src/relations/items.ts';
import { fit } from '../../src/train/fit.ts';
import type { TrainedModel } from '../../src/train/trained-model.ts';

// The converted networks against the package itself, on a photograph that comes with it.
const folder = (() => {
  try {
    return installedFaces().folder;
  } catch {
    console.warn('@vladmandic/face-api is not installed: its networks are not compared');
    return undefined;
  }
})();
let work: string;
let theirs: {
  readonly cells: number[];
  readonly places: number[];
  readonly descriptor: number[];
  readonly box: { readonly _x: number; readonly _y: number; readonly _width: number; readonly _height: number };
  readonly landmarks: readonly { readonly x: number; readonly y: number }[];
};
const given: Record<string, { height: number; width: number; pixels: Uint8Array }> = {};

beforeAll(async () => {
  if (folder === undefined) return;
  work = mkdtempSync(join(tmpdir(), 'kindred-faces-'));
  const photo = join(folder, 'demo', 'sample1.jpg');
  const sized = async (height: number, width = height) => ({
    ...{ height, width },
    pixels: await sharp(photo).resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer(),
  });
  given.detector = await sized(416);
  given.landmarks = await sized(112);
  given.recognition = await sized(150);
  const { height, width } = await sharp(photo).metadata();
  given.picture = await sized(Math.round((400 * height) / width), 400);
  const input = Object.entries(given).map(([name, { pixels, ...size }]) => [
    name,
    { ...size, pixels: Buffer.from(pixels).toString('base64') },
  ]);
  writeFileSync(join(work, 'input.json'), JSON.stringify(Object.fromEntries(input)));
  const script = fileURLToPath(new URL('package.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder, join(work, 'input.json')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr.slice(-500)).toBe(0);
  theirs = JSON.parse(stdout);
}, 300_000);
afterAll(() => work && rmSync(work, { recursive: true }));

async function ours(model: Uint8Array, name: string): Promise<Float32Array> {
  const program = await Program.compile(model, { threads: 1 });
  const { height, width, pixels } = given[name];
  const [value] = Object.values(await program.run({ pixels: { shape: [1, height, width, 3], data: pixels } }));
  await program.release();
  return value.data as Float32Array;
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  expect(found).toHaveLength(expected.length);
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(10 * tolerance);
  for (const [i, value] of expected.entries()) expect(Math.abs(found[i] - value)).toBeLessThan(tolerance);
}

test.skipIf(folder === undefined)('the detector gives what the package gives, channels in front', async () => {
  const cells = await ours(detectorNetwork(), 'detector');
  const last = Array.from({ length: 25 * 169 }, (_, i) => theirs.cells[(i % 169) * 25 + Math.floor(i / 169)]);
  expectClose(cells, last, 1e-3);
  expect(facesIn(cells).length).toBeGreaterThan(0);
});

test.skipIf(folder === undefined)('68 landmarks, as the package gives them', async () => {
  expectClose(await ours(landmarksNetwork(), 'landmarks'), theirs.places, 1e-4);
});

test.skipIf(folder === undefined)('the descriptor, as the package gives it', async () => {
  expectClose(await ours(faceRecognition(), 'recognition'), theirs.descriptor, 1e-4);
});

test.skipIf(folder === undefined)(
  'as the frozen trunk of an encoder: a layer is learned on top of its descriptor',
  async () => {
    const file = join(work, 'trunk.onnx');
    writeFileSync(file, faceRecognition());
    const trunk = imported({ model: file, cut: 'descriptors' });
    const format = {
      height: 150,
      width: 150,
      channels: 3,
      mean: [0, 0, 0],
      deviation: [1, 1, 1],
      ...trunk.pixels,
    } as const;
    expect(trace(trunk, input('x', ['batch', 150, 150, 3], 'uint8')).parameters).toEqual([]);
    const length = Math.hypot(...theirs.descriptor);
    const onnx = exportEncoder(onPixels(trunk, format), inputNode(pixelInput(format), 'batch'), new Map());
    expectClose(
      await ours(onnx, 'recognition'),
      theirs.descriptor.map((value) => value / length),
      1e-4,
    );

    // Four looks of the photograph, each in four brightnesses; the fourth is the photograph itself.
    const { pixels } = given.recognition;
    const looks = [0, 1, 2, 3].flatMap((turn) =>
      [0.55, 0.7, 0.85, 1].map((light) => pixels.map((_, i) => light * pixels[(i + turn * 17_000) % pixels.length])),
    );
    const labels = Int32Array.from(looks, (_, i) => i >> 2);
    const sizes = { count: 16, height: 150, width: 150, channels: 3 } as const;
    let model: TrainedModel | undefined;
    for await (const event of fit({
      items: itemsOf({ ...sizes, pixels: Uint8Array.from(Buffer.concat(looks)), ids: looks.map((_, i) => `${i}`) }),
      relations: groups({ labels, names: ['a', 'b', 'c', 'd'] }),
      encoder: imported({ model: file, cut: 'descriptors', dimension: 4 }),
      batches: groupsOf({ groups: 4, perGroup: 2 }),
      objective: supCon({ temperature: 0.1 }),
      optimizer: adam({ rate: 0.01 }),
      ...{ steps: 4, seed: 1, threads: 1 },
    })) {
      if (event.kind === 'end') ({ model } = event);
    }
    const weights = model?.weights() ?? new Map<string, Float32Array>();
    expect([...weights.keys()]).toEqual(['head.weight', 'head.bias']);
    const [weight, bias] = weights.values();
    const vector = Array.from(bias, (from, k) =>
      theirs.descriptor.reduce((sum, value, i) => sum + value * weight[4 * i + k], from),
    );
    const embedded = await model?.embed(Int32Array.of(3), { threads: 1 });
    expectClose(
      embedded?.data ?? [],
      vector.map((value) => value / Math.hypot(...vector)),
      1e-3,
    );
  },
  60_000,
);

test.skipIf(folder === undefined)(
  'a whole picture: the box and the landmarks of the package, but for how pictures are scaled',
  async () => {
    const face = await largestFace(given.picture);
    const { _x, _y, _width, _height } = theirs.box;
    const near = 0.06 * _width;
    for (const [found, expected] of [
      [face?.box.left, _x],
      [face?.box.top, _y],
      [face?.box.width, _width],
      [face?.box.height, _height],
    ]) {
      expect(Math.abs((found ?? Number.NaN) - (expected ?? 0))).toBeLessThan(near);
    }
    for (const [i, { x, y }] of theirs.landmarks.entries()) {
      expect(Math.hypot((face?.landmarks[i].x ?? Number.NaN) - x, (face?.landmarks[i].y ?? 0) - y)).toBeLessThan(near);
    }
  },
);

test.skipIf(folder === undefined)('where there is no face, none is found', async () => {
  expect(await largestFace({ height: 60, width: 90, pixels: new Uint8Array(60 * 90 * 3).fill(120) })).toBeUndefined();
});
