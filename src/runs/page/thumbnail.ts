import sharp from 'sharp';
import { type Pictures, picture } from '../../relations/items.ts';

/** Up to this many bytes of pixels a thumbnail keeps every pixel; above, it is a smaller, slightly lossy copy. */
const exactBytes = 4096;
/** Longest side of a copy, in pixels: sharp on dense screens too. */
const copySide = 128;
/** Longest side on the page, in CSS pixels, on wide and on narrow screens. */
const shownSides = { wide: 84, narrow: 60 };

/** How the pictures of one set are shown: all have the same size. */
export interface ThumbnailSize {
  /** Whether pixels are enlarged as they are, by a whole number. */
  readonly exact: boolean;
  /** Widths in CSS pixels. */
  readonly wide: number;
  readonly narrow: number;
  /** Width by height. */
  readonly ratio: number;
}

export function thumbnailSize(pictures: Pictures): ThumbnailSize {
  const { width, height, channels } = pictures;
  const longest = Math.max(width, height);
  const exact = width * height * channels <= exactBytes;
  const shown = (side: number) => (width / longest) * (exact && longest <= side ? side - (side % longest) : side);
  return { exact, wide: shown(shownSides.wide), narrow: shown(shownSides.narrow), ratio: width / height };
}

/** Picture `index` as a `data:` URI: PNG with every pixel where it is small, else WebP of at most 128 x 128. */
export async function thumbnail(pictures: Pictures, index: number): Promise<string> {
  if (!(index >= 0 && index < pictures.count)) {
    throw new RangeError(`picture ${index} is not one of ${pictures.count}`);
  }
  const { width, height, channels } = pictures;
  const image = sharp(picture(pictures, index), { raw: { width, height, channels } });
  if (thumbnailSize(pictures).exact) return dataUri('png', await image.png({ compressionLevel: 9 }).toBuffer());
  const copy = image.resize(copySide, copySide, { fit: 'inside', withoutEnlargement: true });
  return dataUri('webp', await copy.webp({ quality: 70 }).toBuffer());
}

const dataUri = (type: string, bytes: Buffer) => `data:image/${type};base64,${bytes.toString('base64')}`;
