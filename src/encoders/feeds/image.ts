import { type Matrix, matrix } from '../../core/matrix.ts';
import { type Pictures, picture, takePictures } from '../../relations/items.ts';
import { looksOf } from '../../views/looks/looks.ts';
import type { View } from '../../views/view.ts';
import type { Encoder } from '../encoder.ts';
import type { Feed } from '../feed.ts';
import { onPixels, type PixelFormat, pixelFormat, pixelInput } from '../pixels.ts';

/**
 * Pictures as the model's input: `pixels`, uint8 `[batch, height, width, channels]`, as decoders give them. Mean and deviation are those
 * of the pictures that are trained on, unless the encoder has its own.
 *
 * @param trained - positions whose pixels are measured; without them the feed serves a model that exists.
 * @param threads - how many may make looks beside the caller: see `looksOf`. None unless given.
 */
export function imageFeed(
  pictures: Pictures,
  options: {
    readonly trained?: Int32Array;
    readonly views?: readonly View[];
    readonly threads?: number;
    readonly encoder?: Encoder;
  } = {},
): Feed {
  const { height, width, channels, crop, count } = pictures;
  const { views = [], threads = 0 } = options;
  const looks = looksOf({ kind: 'image', height, width, channels, count, pixels: pictures.pixels }, views, threads);
  const size = height * width * channels;
  const format: PixelFormat = {
    ...pixelFormat(pictures, options.trained ?? new Int32Array(0)),
    ...options.encoder?.pixels,
  };
  return {
    kind: 'image',
    input: pixelInput(format),
    count,
    around: (encoder) => onPixels(encoder, format),
    async values(positions, random) {
      if (random !== undefined && views.length > 0) return looks.make(positions, random);
      const pixels = new Uint8Array(positions.length * size);
      for (let i = 0; i < positions.length; i++) pixels.set(picture(pictures, positions[i]), i * size);
      return pixels;
    },
    close: looks.close,
    features: (positions) => pixelFeatures(takePictures(pictures, positions)),
    settings: { height, width, channels, ...(crop !== undefined && { crop }) },
    words: {
      before: `decode, turn upright by EXIF, flatten on white, ${channels === 1 ? 'grey' : 'sRGB'}, ${scaled(pictures)}`,
      inside: `(pixels - [${format.mean.map((m) => m.toFixed(3)).join(', ')}]) / [${format.deviation.map((d) => d.toFixed(3)).join(', ')}]`,
    },
  };
}

function scaled({ height, width, crop }: Pictures): string {
  if (crop === 'detect') return `find the largest face, bring eyes and mouth to their places in ${width} x ${height}`;
  const middle = crop === undefined ? '' : `so that the middle ${crop} of rows and columns comes `;
  return `scale ${middle}to cover ${width} x ${height}, cut the middle`;
}

/** Pixels as features, 0 to 1: `[pictures, height * width * channels]`. */
function pixelFeatures({ count, height, width, channels, pixels }: Pictures): Matrix {
  // Float32Array.from makes an ordinary array of all values first, which has a largest length.
  const features = matrix(count, height * width * channels);
  for (let i = 0; i < pixels.length; i++) features.data[i] = pixels[i] / 255;
  return features;
}
