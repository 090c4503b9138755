import { must } from '../../core/error.ts';
import { type Matrix, matrix } from '../../core/matrix.ts';
import { ngrams } from '../../readers/tokens/ngrams.ts';
import type { Tokens } from '../../readers/tokens/tokens.ts';
import { ownRandom } from '../../views/own-random.ts';
import type { TokenView } from '../../views/token-view.ts';
import type { Feed } from '../feed.ts';

/** Columns of the features that texts are compared by where nothing is learned. */
const FEATURES = 2048;

/**
 * Texts as the model's input: `tokens`, int64 `[batch, length]`, the ids of each text filled up with padding.
 *
 * Ids are made once for each text and kept, 4 bytes each. What does not learn compares words by hashed tf-idf.
 *
 * @param trained - positions whose texts say how rare tokens are, for an encoder that starts by it
 */
export function textFeed(
  texts: readonly string[],
  {
    tokens,
    views = [],
    trained,
  }: { readonly tokens: Tokens; readonly views?: readonly TokenView[]; readonly trained?: Int32Array },
): Feed {
  const { length, padding } = tokens;
  const kept: (Int32Array | undefined)[] = new Array(texts.length);
  let weighed: ReturnType<typeof tfIdf> | undefined;
  let lengths: Float64Array | undefined;
  const idsOf = (position: number): Int32Array => {
    kept[position] ??= tokens.encode(texts[position]);
    return kept[position];
  };
  const rarity = (positions: Int32Array) => idfOf(Array.from(positions, idsOf), tokens.vocabulary);
  return {
    kind: 'text',
    input: { name: 'tokens', type: 'int64', shape: [length] },
    count: texts.length,
    around: (encoder) =>
      encoder.byRarity === undefined || trained === undefined
        ? encoder
        : { ...encoder, apply: encoder.byRarity(() => (lengths ??= rarity(trained))) },
    async values(positions, random) {
      const values = new BigInt64Array(positions.length * length).fill(BigInt(padding));
      const draw = random && ownRandom(positions, random);
      for (let i = 0; i < positions.length; i++) {
        const own = draw?.(i);
        let ids = idsOf(positions[i]);
        if (own !== undefined) for (const view of views) ids = fitting(view.apply(ids, own, tokens), length, view);
        for (let k = 0; k < ids.length; k++) values[i * length + k] = BigInt(ids[k]);
      }
      return values;
    },
    features(positions) {
      weighed ??= tfIdf(texts);
      return weighed(positions);
    },
    settings: tokens.settings,
    words: { before: `${tokens.settings.tokens}, the first ${length}`, inside: 'nothing' },
  };
}

/** `log(texts / texts with it)` of each id: one text with it where there is none. */
function idfOf(texts: readonly Int32Array[], vocabulary: number): Float64Array {
  const within = new Float64Array(vocabulary);
  for (const ids of texts) for (const id of new Set(ids)) within[id]++;
  return within.map((count) => Math.log(Math.max(1, texts.length) / Math.max(1, count)));
}

/** What a view of the user's own gives, checked: more ids would run into the next text. */
function fitting(ids: Int32Array, length: number, { name }: TokenView): Int32Array {
  must(ids instanceof Int32Array && ids.length <= length, () => ({
    rule: `A view of texts gives ids, an Int32Array of ${length} at most`,
    received: `${ids instanceof Int32Array ? `${ids.length} of them` : typeof ids} from the view ${name}`,
    next: 'Let it give as many as it was given, or fewer',
  }));
  return ids;
}

/** Words by hash, `count * log(texts / texts with it)` over all texts: `[positions, 2048]`. */
function tfIdf(texts: readonly string[]): (positions: ArrayLike<number>) => Matrix {
  const tokens = ngrams({ buckets: FEATURES, words: 1, length: 4096 });
  const idf = idfOf(
    texts.map((text) => tokens.encode(text)),
    FEATURES,
  );
  return (positions) => {
    const features = matrix(positions.length, FEATURES);
    for (let i = 0; i < positions.length; i++) {
      for (const id of tokens.encode(texts[positions[i]])) features.data[i * FEATURES + id] += idf[id];
    }
    return features;
  };
}
