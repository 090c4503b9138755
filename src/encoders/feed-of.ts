import { must } from '../core/error.ts';
import type { Tokens } from '../readers/tokens/tokens.ts';
import type { Items, Modality, Sounds } from '../relations/items.ts';
import type { AnyView, ViewKinds } from '../views/define.ts';
import type { Encoder, TowerParts } from './encoder.ts';
import type { Feed } from './feed.ts';
import { audioFeed } from './feeds/audio.ts';
import { idFeed } from './feeds/id.ts';
import { imageFeed } from './feeds/image.ts';
import { partsFeed } from './feeds/parts.ts';
import { textFeed } from './feeds/text.ts';
import { vectorFeed } from './feeds/vector.ts';
import type { Reduction } from './reduction.ts';

export interface FeedOptions {
  /** Which modality, by its name; the only one unless given. */
  readonly modality?: string | undefined;
  /** Positions that are trained on: the model's input is scaled by what they measure. */
  readonly trained?: Int32Array;
  /** Of the modality that is seen. */
  readonly views?: readonly AnyView[];
  /** How many threads may make looks beside the caller: see `looksOf`. None unless given. */
  readonly threads?: number;
  /** How texts become numbers, where no encoder says so. */
  readonly tokens?: Tokens;
  /** Of sounds: how much is looked at of each, and the bands of the spectrogram; all of nine in ten sounds, and 40. */
  readonly seconds?: number | undefined;
  readonly bands?: number | undefined;
  /** Of an encoder that sees several modalities: those that every item is given as lacking. */
  readonly without?: readonly string[];
  /** Of encoders that reduce vectors: the components, by the name of the modality. */
  readonly reductions?: Readonly<Record<string, Reduction>>;
  /** May ask for an input of its own: its normalisation of pixels, its tokens. */
  readonly encoder?: Encoder;
}

/** One modality of items as a model's input. */
export function feedOf(items: Items, { modality: named, ...options }: FeedOptions = {}): Feed {
  if (options.encoder?.perItem !== undefined) return idFeedOf(items, options.views);
  if (options.encoder?.parts !== undefined) return partsFeedOf(items, options.encoder.parts, named, options);
  must(options.without === undefined, () => ({
    rule: 'A modality can be taken away where the encoder sees several',
    received: `${options.without?.join(', ')}; it sees one`,
    next: 'Ask a run with the encoder towers',
    exitCode: 2,
  }));
  const names = Object.keys(items.modalities);
  must(names.length > 0, () => ({
    rule: 'An encoder sees what the items consist of',
    received: 'items that are nothing but ids',
    next: 'Choose encoder: { name: table }, which learns a vector for each of them',
    exitCode: 2,
  }));
  const name = named ?? (names.length === 1 ? names[0] : undefined);
  const modality = name === undefined ? undefined : items.modalities[name];
  must(modality !== undefined, () => ({
    rule: 'An encoder sees one modality of the items',
    received: `${named === undefined ? 'none was named' : `"${named}"`}; the items have ${names.join(', ')}`,
    next: `Name one: input: { modality: ${names[0]} }${names.length > 1 ? ', or choose the encoder towers, which sees several' : ''}`,
    exitCode: 2,
  }));
  if (modality.kind === 'image') {
    return imageFeed({ ...modality, ids: items.ids }, { ...options, views: viewsOf('image', options.views) });
  }
  if (modality.kind === 'vector') {
    const { reductions, ...rest } = options;
    return vectorFeed(modality, {
      ...rest,
      views: viewsOf('vector', options.views),
      reduction: reductions?.[name as string],
    });
  }
  if (modality.kind === 'text') {
    const tokens = options.tokens ?? options.encoder?.tokens;
    must(tokens !== undefined, () => ({
      rule: 'An encoder of texts says how they become numbers',
      received:
        options.encoder === undefined
          ? 'texts and no encoder'
          : `the encoder ${options.encoder.name}, which takes none`,
      next: 'Choose encoder: { name: ngrams }, or an imported model with its tokenizer',
      exitCode: 2,
    }));
    const { trained } = options;
    return textFeed(modality.texts, {
      tokens,
      views: viewsOf('text', options.views),
      ...(trained && { trained }),
    });
  }
  const { seconds = secondsOf(modality), bands = 40, threads = 0, trained, views } = options;
  return audioFeed(modality, {
    rate: modality.rate,
    seconds,
    bands,
    threads,
    views: viewsOf('audio', views),
    ...(trained && { trained }),
  });
}

/** Several modalities of items, each as its tower takes it. */
function partsFeedOf(
  items: Items,
  { towers, drop }: TowerParts,
  named: string | undefined,
  { views = [], trained, without, ...options }: Omit<FeedOptions, 'modality'>,
): Feed {
  must(named === undefined, () => ({
    rule: 'The encoder towers says itself which modalities it sees',
    received: `input.modality ${named}`,
    next: 'Leave input.modality out',
    exitCode: 2,
  }));
  const kinds = new Set(Object.keys(towers).map((name) => items.modalities[name]?.kind));
  for (const view of views)
    if (!kinds.has(view.modality as Modality['kind'])) viewsOf([...kinds][0] ?? 'image', [view]);
  return partsFeed(
    Object.entries(towers).map(([name, encoder]) => {
      const { kind } = items.modalities[name] ?? {};
      return {
        name,
        feed: feedOf(items, {
          ...options,
          modality: name,
          encoder,
          views: views.filter((view) => view.modality === kind),
          ...(trained && { trained: withModality(items, name, trained) }),
        }),
        ...(encoder.tokens && { padding: encoder.tokens.padding }),
      };
    }),
    drop,
    without,
  );
}

/** Those of the positions that have the vectors: what is NaN is lacking. */
export function withModality({ modalities }: Items, name: string, positions: Int32Array): Int32Array {
  const modality = modalities[name];
  if (modality?.kind !== 'vector') return positions;
  return positions.filter((position) => !Number.isNaN(modality.data[position * modality.columns]));
}

/** Items as nothing but themselves. */
function idFeedOf({ ids }: Items, views: readonly AnyView[] = []): Feed {
  must(views.length === 0, () => ({
    rule: 'An encoder of items by their id sees no looks of them',
    received: `views: ${views.map(({ name }) => name).join(', ')}`,
    next: 'Leave views out, or choose an encoder of what the items consist of',
    exitCode: 2,
  }));
  return idFeed(ids);
}

/** The views that come with the package; a test holds this to the files. */
export const offered: Readonly<Record<keyof ViewKinds, readonly string[]>> = {
  image: ['blur', 'crop', 'cutout', 'flip', 'grey', 'jitter', 'mix', 'noise', 'rotate', 'shift', 'simclr'],
  vector: ['vector-dropout', 'vector-mix', 'vector-noise', 'vector-swap'],
  text: ['span-mask', 'token-dropout'],
  audio: ['frequency-mask', 'pitch-shift', 'sound-noise', 'time-mask', 'time-shift'],
};

const nouns = { image: 'pictures', vector: 'vectors', text: 'texts', audio: 'sounds' };

/** The views, which must be of this modality. */
function viewsOf<Kind extends keyof ViewKinds>(kind: Kind, views: readonly AnyView[] = []): readonly ViewKinds[Kind][] {
  for (const { name, modality } of views) {
    must(modality === kind, () => ({
      rule: `Items that are ${nouns[kind]} are looked at by views of ${nouns[kind]}`,
      received: `the view ${name} is one of ${nouns[modality] ?? modality}`,
      next: `For ${nouns[kind]} there are ${offered[kind].join(', ')}`,
      exitCode: 2,
    }));
  }
  return views as readonly ViewKinds[Kind][];
}

/** The length that nine in ten sounds do not exceed, in tenths of a second. */
function secondsOf({ offsets, rate }: Sounds): number {
  const lengths = Array.from({ length: offsets.length - 1 }, (_, i) => (offsets[i + 1] - offsets[i]) / rate).sort(
    (a, b) => a - b,
  );
  return Math.max(0.1, Math.ceil(10 * (lengths[Math.floor(0.9 * (lengths.length - 1))] ?? 0)) / 10);
}
