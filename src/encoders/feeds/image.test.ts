import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Program } from '../../onnx/program.ts';
import type { Pictures } from '../../relations/items.ts';
import { crop } from '../../views/crop.ts';
import { flip } from '../../views/flip.ts';
import { shift } from '../../views/shift.ts';
import { chain, fillBatch } from '../../views/view.ts';
import type { Encoder } from '../encoder.ts';
import { exportEncoder } from '../export.ts';
import { inputNode } from '../feed.ts';
import { flatten } from '../layers.ts';
import { imageFeed } from './image.ts';

/** Of 2 x 2 pixels: mean 100 and deviation 50 over the first two. */
const pictures: Pictures = {
  count: 3,
  height: 2,
  width: 2,
  channels: 1,
  pixels: Uint8Array.of(50, 150, 50, 150, 150, 50, 150, 50, 0, 255, 200, 100),
  ids: ['a', 'b', 'c'],
};
const trained = Int32Array.of(0, 1);
const itself: Encoder = { name: 'itself', apply: (_, x) => flatten(x) };

async function through(feed: ReturnType<typeof imageFeed>, encoder: Encoder, positions: number[]): Promise<number[]> {
  const onnx = exportEncoder(feed.around(encoder), inputNode(feed.input, 'batch'), new Map());
  const program = await Program.compile(onnx, { threads: 1 });
  const data = await feed.values(positions);
  const { embeddings } = await program.run({ pixels: { shape: [positions.length, 2, 2, 1], data } });
  await program.release();
  return [...embeddings.data].map(Number);
}

test('bytes as they are, normalised inside the model by the pictures that are trained on, or by the encoder', async () => {
  const feed = imageFeed(pictures, { trained });
  expect(feed).toMatchObject({ kind: 'image', count: 3, settings: { height: 2, width: 2, channels: 1 } });
  expect(feed.input).toEqual({ name: 'pixels', type: 'uint8', shape: [2, 2, 1] });
  expect(await feed.values([2, 0])).toEqual(Uint8Array.of(0, 255, 200, 100, 50, 150, 50, 150));
  expect([...feed.features([2]).data]).toEqual([0, 1, Math.fround(200 / 255), Math.fround(100 / 255)]);
  expect(await through(feed, itself, [2])).toEqual([-2, expect.closeTo(3.1, 5), 2, 0]);
  const own = { ...itself, pixels: { mean: [0], deviation: [255] } };
  expect(await through(imageFeed(pictures, { trained, encoder: own }), own, [2])).toEqual([
    0,
    1,
    expect.closeTo(200 / 255, 5),
    expect.closeTo(100 / 255, 5),
  ]);
});

test('looks are those of the views, each by a generator of its own; without a generator there are none', async () => {
  const views = [crop(), shift({ pixels: 1 }), flip()];
  const feed = imageFeed(pictures, { trained, views });
  const expected = new Uint8Array(16);
  fillBatch(pictures, [2, 2, 0, 1], chain(views), Random.seeded(4), expected);
  expect(await feed.values([2, 2, 0, 1], Random.seeded(4))).toEqual(expected);
  expect(await feed.values([2])).toEqual(Uint8Array.of(0, 255, 200, 100));
  await feed.close?.();
  expect(await feed.values([2, 2, 0, 1], Random.seeded(4))).toEqual(expected);
});

test('the share in the middle of the files is told, for what is embedded later', () => {
  const { settings, words } = imageFeed({ ...pictures, crop: 0.5 });
  expect(settings).toEqual({ height: 2, width: 2, channels: 1, crop: 0.5 });
  expect(words.before).toMatch(/scale so that the middle 0\.5 of rows and columns comes to cover 2 x 2/);
});
