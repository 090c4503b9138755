/**
 * Pictures, decoded: what the picture readers give and what encoders are fed with.
 *
 * `pixels` is one block, `count x height x width x channels`, values 0 to 255, channels last (1: grey, 3: RGB).
 */
export interface Pictures {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
  /** One name per picture, unique: the path below the folder, or the position in the file. */
  readonly ids: readonly string[];
}

/** The pixels of picture `index`, as a view. */
export function picture(pictures: Pictures, index: number): Uint8Array {
  const size = pictures.height * pictures.width * pictures.channels;
  return pictures.pixels.subarray(index * size, (index + 1) * size);
}

/** The pictures named by `indices`, copied, in that order. */
export function takePictures(pictures: Pictures, indices: ArrayLike<number>): Pictures {
  const size = pictures.height * pictures.width * pictures.channels;
  const pixels = new Uint8Array(indices.length * size);
  const ids: string[] = [];
  for (let i = 0; i < indices.length; i++) {
    pixels.set(picture(pictures, indices[i]), i * size);
    ids.push(pictures.ids[indices[i]]);
  }
  return { ...pictures, count: indices.length, pixels, ids };
}
