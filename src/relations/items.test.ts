import { expect, test } from 'vitest';
import { type Pictures, picture, takePictures } from './items.ts';

const pictures: Pictures = {
  count: 3,
  height: 1,
  width: 2,
  channels: 1,
  pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
  ids: ['a', 'b', 'c'],
};

test('picture is a view of one picture', () => {
  const middle = picture(pictures, 1);
  expect([...middle]).toEqual([3, 4]);
  expect(middle.buffer).toBe(pictures.pixels.buffer);
});

test('takePictures copies in the order asked for', () => {
  const taken = takePictures(pictures, [2, 0]);
  expect(taken).toEqual({ ...pictures, count: 2, pixels: Uint8Array.of(5, 6, 1, 2), ids: ['c', 'a'] });
  taken.pixels.fill(0);
  expect(pictures.pixels[0]).toBe(1);
});
