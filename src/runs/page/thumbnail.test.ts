import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Pictures } from '../../relations/items.ts';
import { thumbnail, thumbnailSize } from './thumbnail.ts';

function pictures(width: number, height: number, channels: 1 | 3): Pictures {
  const pixels = Uint8Array.from({ length: 2 * width * height * channels }, (_, i) => (i * 37) % 256);
  return { count: 2, width, height, channels, pixels, ids: ['a', 'b'] };
}

const bytes = (uri: string) => Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');

test.each([1, 3] as const)('a small picture of %i channels keeps every pixel', async (channels) => {
  const data = pictures(7, 5, channels);
  const uri = await thumbnail(data, 1);
  expect(uri).toMatch(/^data:image\/png;base64,/);
  const image = sharp(bytes(uri));
  const { data: decoded, info } = await (channels === 1 ? image.toColourspace('b-w') : image)
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 7, height: 5, channels });
  expect([...decoded]).toEqual([...data.pixels.subarray(7 * 5 * channels)]);
});

test('a large picture becomes a small copy of the same shape', async () => {
  const data = pictures(300, 200, 3);
  const uri = await thumbnail(data, 0);
  expect(uri).toMatch(/^data:image\/webp;base64,/);
  expect(await sharp(bytes(uri)).metadata()).toMatchObject({ width: 128, height: 85 });
  expect(thumbnailSize(data)).toEqual({ exact: false, wide: 84, narrow: 60, ratio: 1.5 });
});

test('small pictures are enlarged by whole numbers', () => {
  expect(thumbnailSize(pictures(28, 28, 1))).toEqual({ exact: true, wide: 84, narrow: 56, ratio: 1 });
  expect(thumbnailSize(pictures(8, 16, 3))).toEqual({ exact: true, wide: 40, narrow: 24, ratio: 0.5 });
});

test('a picture that is not there', async () => {
  await expect(thumbnail(pictures(4, 4, 1), 2)).rejects.toThrow('picture 2 is not one of 2');
});
