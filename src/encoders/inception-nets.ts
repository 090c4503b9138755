/** One inception block: four branches side by side, joined by channels. A branch that is not given is left out. */
export interface InceptionBlock {
  readonly name: string;
  /** Channels of the 1x1 branch. */
  readonly one?: number;
  /** Channels of the 1x1 convolution before the 3x3 one, and of the 3x3 one. */
  readonly three: readonly [number, number];
  /** The same of the 5x5 branch. */
  readonly five?: readonly [number, number];
  readonly pool: 'max' | 'l2';
  /** Channels that the pooled are projected to; as they are unless given. */
  readonly project?: number;
  /** Of the 3x3 and 5x5 convolutions and the pooling: 1 unless given. */
  readonly stride?: 2;
}

type Sizes = readonly [number, number];

const block = (
  name: string,
  one: number,
  three: Sizes,
  five: Sizes | undefined,
  pool: InceptionBlock['pool'],
  project: number,
): InceptionBlock => ({ name, one, three, ...(five && { five }), pool, project });

const halving = (name: string, three: Sizes, five: Sizes): InceptionBlock => ({
  name,
  three,
  five,
  pool: 'max',
  stride: 2,
});

/** The blocks behind the stem, as the papers' tables have them. */
export const inceptionNets = {
  nn2: [
    block('3a', 64, [96, 128], [16, 32], 'max', 32),
    block('3b', 64, [96, 128], [32, 64], 'l2', 64),
    halving('3c', [128, 256], [32, 64]),
    block('4a', 256, [96, 192], [32, 64], 'l2', 128),
    block('4b', 224, [112, 224], [32, 64], 'l2', 128),
    block('4c', 192, [128, 256], [32, 64], 'l2', 128),
    block('4d', 160, [144, 288], [32, 64], 'l2', 128),
    halving('4e', [160, 256], [64, 128]),
    block('5a', 384, [192, 384], [48, 128], 'l2', 128),
    block('5b', 384, [192, 384], [48, 128], 'max', 128),
  ],
  'nn4-small': [
    block('3a', 64, [96, 128], [16, 32], 'max', 32),
    block('3b', 64, [96, 128], [32, 64], 'l2', 64),
    halving('3c', [128, 256], [32, 64]),
    block('4a', 256, [96, 192], [32, 64], 'l2', 128),
    halving('4e', [160, 256], [64, 128]),
    block('5a', 256, [96, 384], undefined, 'l2', 96),
    block('5b', 256, [96, 384], undefined, 'max', 96),
  ],
} as const satisfies Record<string, readonly InceptionBlock[]>;
