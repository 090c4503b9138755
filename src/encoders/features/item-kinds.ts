import type { MediaKind } from '../../readers/folder-files.ts';
import { pictureExtensions } from '../../readers/picture-files.ts';
import { sounds } from '../../readers/sounds.ts';
import { videos } from '../../readers/video.ts';

/** What items may be. */
export const itemKinds = ['pictures', 'sounds', 'videos', 'texts', 'vectors'] as const;
export type ItemKind = (typeof itemKinds)[number];

/** Those that are files, and how they are told. */
export const media: Readonly<Partial<Record<ItemKind, MediaKind>>> = {
  pictures: { name: 'pictures', extensions: pictureExtensions },
  sounds,
  videos,
};
/** The files that may be items of a kind that was asked for: videos have sounds. */
export const mayBe = (kind: ItemKind): MediaKind | undefined =>
  kind === 'sounds' ? { name: 'sounds', extensions: [...sounds.extensions, ...videos.extensions] } : media[kind];
/** A file of any of these. */
export const anyMedia: MediaKind = {
  name: 'pictures, sounds or videos',
  extensions: Object.values(media).flatMap(({ extensions }) => extensions),
};
/** By the ending of its name. */
export const kindOfFile = (path: string): ItemKind | undefined =>
  itemKinds.find((kind) => media[kind]?.extensions.some((extension) => path.toLowerCase().endsWith(extension)));
