import type { Matrix } from '../core/matrix.ts';

/** What of a picture is looked at: a share of rows and columns in its middle, or its largest face, turned upright. */
export type Crop = number | 'detect';

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
  /** The share of rows and columns, in the middle of the files, that these are: all of them (1) unless given; or their faces. */
  readonly crop?: Crop;
  readonly pixels: Uint8Array;
  /** One name per picture, unique: the path below the folder, or the position in the file. */
  readonly ids: readonly string[];
}

/** The pixels of picture `index`, as a view. */
export function picture(pictures: Omit<Pictures, 'ids'>, index: number): Uint8Array {
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

/** One way to perceive items: a block of values, in order of position. */
export type Modality = Images | Vectors | Texts | Sounds;

/** {@link Pictures} without their ids, which the items have. */
export type Images = { readonly kind: 'image' } & Omit<Pictures, 'ids'>;

/** One vector for each item: features, or the embeddings of a model that stays as it is. */
export type Vectors = { readonly kind: 'vector' } & Matrix;

export interface Texts {
  readonly kind: 'text';
  readonly texts: readonly string[];
}

/** Sounds with one channel: sound `i` is `samples[offsets[i]]` to `samples[offsets[i + 1] - 1]`, each from -1 to 1. */
export interface Sounds {
  readonly kind: 'audio';
  /** Samples a second. */
  readonly rate: number;
  readonly samples: Float32Array;
  readonly offsets: Float64Array;
}

/** The sounds named by `indices`, copied, in that order. */
export function takeSounds({ offsets, samples, ...format }: Sounds, indices: ArrayLike<number>): Sounds {
  const parts = Array.from(indices, (i) => samples.subarray(offsets[i], offsets[i + 1]));
  const ends = new Float64Array(parts.length + 1);
  for (const [i, { length }] of parts.entries()) ends[i + 1] = ends[i] + length;
  const taken = new Float32Array(ends[parts.length]);
  for (const [i, part] of parts.entries()) taken.set(part, ends[i]);
  return { ...format, samples: taken, offsets: ends };
}

/** Things to embed, each with an id and one or more modalities, by name (`image`, `title`, `features`). */
export interface Items {
  readonly count: number;
  /** One per item, each of them once. */
  readonly ids: readonly string[];
  readonly modalities: Readonly<Record<string, Modality>>;
}

/** Pictures as items with the one modality `image`. */
export function itemsOf({ ids, ...images }: Pictures): Items {
  return { count: images.count, ids, modalities: { image: { kind: 'image', ...images } } };
}
