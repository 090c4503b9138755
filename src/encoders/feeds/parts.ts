import { must } from '../../core/error.ts';
import { type Matrix, matrix, row, toUnitLength } from '../../core/matrix.ts';
import type { Random } from '../../core/random.ts';
import type { Node } from '../../graph/node.ts';
import { cast } from '../../graph/ops/cast.ts';
import { scalar } from '../../graph/ops/constant.ts';
import { equal } from '../../graph/ops/equal.ts';
import { greater } from '../../graph/ops/greater.ts';
import { not } from '../../graph/ops/not.ts';
import { reshape } from '../../graph/ops/reshape.ts';
import { slice } from '../../graph/ops/slice.ts';
import { sum } from '../../graph/ops/sum.ts';
import { where } from '../../graph/ops/where.ts';
import { ownRandom } from '../../views/own-random.ts';
import type { Encoder, Scope, Seen } from '../encoder.ts';
import { type Feed, valuesOf } from '../feed.ts';

/** One modality: its feed, and for texts the id that stands for nothing. */
export interface FeedPart {
  readonly name: string;
  readonly feed: Feed;
  readonly padding?: number;
}

/**
 * Several modalities as one input, for an encoder with a tower for each: `parts`, float32 `[batch, columns]`, what the feeds give
 * side by side. What an item lacks is NaN; a text without a token is lacking too. Exported models take each modality by its own name
 * instead: ids of texts as int64, all else as float32, where NaN is what is lacking.
 *
 * What does not learn compares the features of all modalities side by side, each scaled to length 1 and zeros where it is lacking: the
 * sum of the cosines.
 *
 * @param drop share of modalities that looks hide; never all that an item has
 * @param without modalities that every item is given as lacking: what the model makes of the others
 * @throws KindredError for one that there is not, or all of them
 */
export function partsFeed(given: readonly FeedPart[], drop: number, without: readonly string[] = []): Feed {
  const parts = [...given].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sizes = parts.map(({ feed }) => valuesOf(feed.input));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const columns = sizes.reduce((a, b) => a + b, 0);
  mustLeaveSome(
    parts.map(({ name }) => name),
    without,
  );
  return {
    kind: 'parts',
    input: {
      name: 'parts',
      type: 'float32',
      shape: [columns],
      parts: parts.map(({ name, feed: { input } }) => ({
        name,
        type: input.type === 'int64' ? 'int64' : 'float32',
        shape: input.shape,
      })),
    },
    count: parts[0].feed.count,
    around(encoder) {
      const { parts: towers } = encoder;
      must(towers !== undefined, () => ({
        rule: 'Several modalities are seen by the encoder towers',
        received: `${encoder.name}, which sees one`,
        next: 'Name the modality: input: { modality: ... }',
        exitCode: 2,
      }));
      return {
        ...encoder,
        apply: (scope, x) =>
          towers.fuse(
            scope,
            parts.map((part, i) =>
              see(
                scope,
                part,
                towers.towers[part.name],
                slice(x, { 1: { start: starts[i], end: starts[i] + sizes[i] } }),
              ),
            ),
          ),
      };
    },
    async values(positions, random) {
      const packed = new Float32Array(positions.length * columns);
      for (const [i, { name, feed, padding }] of parts.entries()) {
        if (without.includes(name)) {
          for (let item = 0; item < positions.length; item++) {
            const start = item * columns + starts[i];
            packed.fill(padding ?? Number.NaN, start, start + sizes[i]);
          }
          continue;
        }
        const values = await feed.values(positions, random?.split(name));
        const [start, size] = [starts[i], sizes[i]];
        for (let item = 0; item < positions.length; item++) {
          for (let k = 0; k < size; k++) packed[item * columns + start + k] = Number(values[item * size + k]);
        }
      }
      if (random !== undefined && drop > 0) hide(packed, positions, random.split('hidden'));
      return packed;
    },
    async close() {
      for (const { feed } of parts) await feed.close?.();
    },
    get blocks() {
      return Object.fromEntries(parts.map(({ name, feed }) => [name, feed.features([]).columns]));
    },
    features(positions) {
      const found = parts.map(({ feed }) => feed.features(positions));
      return sideBySide(found);
    },
    settings: {
      parts: Object.fromEntries(parts.map(({ name, feed }) => [name, { kind: feed.kind, ...feed.settings }])),
    },
    words: {
      before: parts.map(({ name, feed }) => `${name}: ${feed.words.before}`).join('; '),
      inside: parts.map(({ name, feed }) => `${name}: ${feed.words.inside}`).join('; '),
    },
  };

  /** Hides modalities that an item has, each with probability `drop`; one that is drawn stays. */
  function hide(packed: Float32Array, positions: ArrayLike<number>, random: Random): void {
    const draw = ownRandom(positions, random);
    for (let item = 0; item < positions.length; item++) {
      const own = draw(item);
      const present = parts.flatMap((part, i) =>
        isThere(packed, item * columns + starts[i], sizes[i], part) ? [i] : [],
      );
      const kept = present[own.integer(Math.max(1, present.length))];
      for (const i of present) {
        const hidden = own.uniform() < drop;
        if (hidden && i !== kept)
          packed.fill(Number.NaN, item * columns + starts[i], item * columns + starts[i] + sizes[i]);
      }
    }
  }
}

function mustLeaveSome(names: readonly string[], without: readonly string[]): void {
  const unknown = without.filter((name) => !names.includes(name));
  must(unknown.length === 0 && new Set(without).size < names.length, () => ({
    rule: 'Modalities that the encoder sees can be taken away, all but one of them',
    received: `${without.join(', ')}; it sees ${names.join(', ')}`,
    next: 'Name one of them',
    exitCode: 2,
  }));
}

function isThere(packed: Float32Array, start: number, size: number, { padding }: FeedPart): boolean {
  if (padding === undefined) return !Number.isNaN(packed[start]);
  for (let k = start; k < start + size; k++) if (packed[k] !== padding) return true;
  return false;
}

/** The graph of one tower. */
function see(scope: Scope, { name, feed, padding }: FeedPart, tower: Encoder, values: Node): Seen {
  const [batch] = values.shape;
  const { type, shape } = feed.input;
  const number = equal(values, values);
  const filled = where(number, values, scalar(padding ?? 0));
  const first = padding === undefined ? number : not(equal(filled, scalar(padding)));
  const there = greater(sum(cast(first, 'float32'), [1], { keep: true }), scalar(0));
  const x = reshape(cast(filled, type), [batch, ...shape]);
  const own: Scope = {
    ...scope,
    parameter: (each, ...rest) => scope.parameter(`${name}.${each}`, ...rest),
    statistic: (each, ...rest) => scope.statistic(`${name}.${each}`, ...rest),
  };
  return { name, there, features: feed.around(tower).apply(own, x) };
}

/** Rows of several matrices next to each other, each scaled to length 1; NaN counts as 0. */
function sideBySide(found: readonly Matrix[]): Matrix {
  const columns = found.reduce((total, each) => total + each.columns, 0);
  const all = matrix(found[0].rows, columns);
  for (let i = 0; i < all.rows; i++) {
    let start = i * columns;
    for (const each of found) {
      const values = row(each, i).map((value) => (Number.isNaN(value) ? 0 : value));
      toUnitLength(values);
      all.data.set(values, start);
      start += each.columns;
    }
  }
  return all;
}
