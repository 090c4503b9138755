import type { Node } from './node.ts';
import { add } from './ops/add.ts';
import { concat } from './ops/concat.ts';
import { constant } from './ops/constant.ts';
import { matmul } from './ops/matmul.ts';
import { reshape } from './ops/reshape.ts';
import { type Range, slice } from './ops/slice.ts';
import { NOTHING, take } from './ops/take.ts';
import { transpose } from './ops/transpose.ts';

// 3x3 convolutions with stride 1 by Winograd's minimal filtering F(4x4, 3x3): a tile of 4x4 results takes 36 products for each pair of
// channels instead of 144. A tile of results sees 6x6 values. Both the tile and the filter are polynomials in two variables, known by their
// values at 6 x 6 points; there the convolution is a product of values, which over all channels and tiles is a matrix product for each point.
//
// Lavin and Gray: Fast Algorithms for Convolutional Neural Networks (2016); the construction is Toom and Cook's.

const RESULTS = 4;
const TAPS = 3;
const SEEN = RESULTS + TAPS - 1;

/**
 * Where polynomials are evaluated, beside infinity. The usual 0, +-1, +-2 have a root mean square error of 1.4e-6 (64 channels) to
 * 2.4e-6 (512) of the results' deviation, these 0.7e-6 to 1.1e-6; the products by themselves 0.2e-6. Fractions cost nothing, since
 * the transformations are matrix products.
 */
const POINTS = [0, 3 / 4, -3 / 4, 3 / 2, -3 / 2];

type Matrix = readonly (readonly number[])[];

const others = (point: number) => POINTS.filter((each) => each !== point);
/** The coefficients of the product of all `x - root`, the constant first, in as many places as a tile has values. */
function monic(roots: readonly number[]): number[] {
  const coefficients = [1, ...new Array<number>(SEEN - 1).fill(0)];
  for (const root of roots) {
    for (let k = SEEN - 1; k >= 0; k--) coefficients[k] = (coefficients[k - 1] ?? 0) - root * coefficients[k];
  }
  return coefficients;
}

/** `y = RESULT^T [(FILTER g) * (TILE d)]`: along one axis, for taps g and values d. */
const TILE: Matrix = [...POINTS.map((point) => monic(others(point))), monic(POINTS)];
const FILTER: Matrix = [
  ...POINTS.map((point) => {
    const scale = others(point).reduce((product, other) => product * (point - other), 1);
    return Array.from({ length: TAPS }, (_, k) => point ** k / scale);
  }),
  [0, 0, 1],
];
const RESULT: Matrix = Array.from({ length: RESULTS }, (_, k) => [
  ...POINTS.map((point) => point ** k),
  k === RESULTS - 1 ? 1 : 0,
]);

/** The same along both axes: the Kronecker product of the matrix with itself. */
const both = (matrix: Matrix): Node =>
  constant(
    matrix.flatMap((a) => matrix.flatMap((b) => a.flatMap((p) => b.map((q) => p * q)))),
    [matrix.length ** 2, matrix[0].length ** 2],
  );

type Pair = readonly [number, number];
const tilesOf = ([height, width]: Pair): Pair => [Math.ceil(height / RESULTS), Math.ceil(width / RESULTS)];

/**
 * Whether it pays: at most half the products remain although tiles hang over the edge, and there are enough channels that the
 * transformations, which grow with them and not with their square, do not outweigh it.
 */
export function paysWinograd([channels, features]: Pair, size: Pair): boolean {
  const [down, across] = tilesOf(size);
  return Math.min(channels, features) >= 32 && 2 * down * across * SEEN ** 2 <= size[0] * size[1] * TAPS ** 2;
}

/** The most values that the tiles of a piece of the batch may have, and the fewest rows that a matrix product should. Measured. */
const MOST = 2 ** 21;
const ROWS = 1024;

function pieces(n: number, [down, across]: Pair, channels: number, most: number): readonly Range[] {
  const rows = n * down * across;
  const count = Math.max(1, Math.min(n, Math.ceil(Math.min((rows * SEEN ** 2 * channels) / most, rows / ROWS))));
  return Array.from({ length: count }, (_, i) => ({
    start: Math.floor((i * n) / count),
    end: Math.floor(((i + 1) * n) / count),
  }));
}

/**
 * `[n, h, w, c] -> [size^2, n * tiles * c]`: the values of every tile, of which each is `size` high and wide and starts 4 behind the one
 * before it, the first at `-before`; zeros where a tile hangs over the edge.
 */
function cut(x: Node, size: number, before: Pair, [down, across]: Pair): Node {
  const [n, h, w, c] = x.shape as number[];
  const positions: number[] = [];
  for (let at = 0; at < size ** 2; at++) {
    for (let tile = 0; tile < n * down * across; tile++) {
      const y = (Math.floor(tile / across) % down) * RESULTS + Math.floor(at / size) - before[0];
      const z = (tile % across) * RESULTS + (at % size) - before[1];
      const item = Math.floor(tile / (down * across));
      positions.push(y < 0 || y >= h || z < 0 || z >= w ? NOTHING : (item * h + y) * w + z);
    }
  }
  return reshape(take(reshape(x, [n * h * w, c]), 0, positions), [size ** 2, n * down * across * c]);
}

/** The values at all points, a row for each tile: `[36, n * tiles, c]`. */
function atPoints(x: Node, before: Pair, tiles: Pair): Node {
  const [n, , , c] = x.shape as number[];
  return reshape(matmul(both(TILE), cut(x, SEEN, before, tiles)), [SEEN ** 2, n * tiles[0] * tiles[1], c]);
}

/** The opposite of `cut`, for tiles that lie side by side: `[16, n * tiles * c] -> [n, height, width, c]`. */
function join(y: Node, n: number, [height, width]: Pair, channels: number): Node {
  const [down, across] = tilesOf([height, width]);
  const rows = n * down * across;
  const positions: number[] = [];
  for (let line = 0; line < n * height; line++) {
    const i = line % height;
    for (let j = 0; j < width; j++) {
      const tile = (Math.floor(line / height) * down + Math.floor(i / RESULTS)) * across + Math.floor(j / RESULTS);
      positions.push(((i % RESULTS) * RESULTS + (j % RESULTS)) * rows + tile);
    }
  }
  return reshape(take(reshape(y, [RESULTS ** 2 * rows, channels]), 0, positions), [n, height, width, channels]);
}

/**
 * The convolution of pictures `[n, h, w, c]` with filters `[3, 3, c, o]`, with stride 1, to `[n, ...size, o]`. `before` is how many zeros lie
 * above and to the left of a picture; below and to the right are as many as the size asks for.
 */
export function winograd(x: Node, filters: Node, before: Pair, size: Pair): Node {
  const [, , c, o] = filters.shape as number[];
  const tiles = tilesOf(size);
  const atFilters = matmul(both(FILTER), reshape(filters, [TAPS ** 2, c * o]));
  const parts = pieces(x.shape[0] as number, tiles, Math.max(c, o), MOST).map((range) => {
    const n = range.end - range.start;
    const product = matmul(atPoints(slice(x, { 0: range }), before, tiles), reshape(atFilters, [SEEN ** 2, c, o]));
    return join(matmul(both(RESULT), reshape(product, [SEEN ** 2, n * tiles[0] * tiles[1] * o])), n, size, o);
  });
  return concat(parts, 0);
}

/** Its gradient with respect to the pictures, which have that size: the convolution with the filters turned around. */
export function winogradToPictures(upstream: Node, filters: Node, before: Pair, size: Pair): Node {
  const [kh, kw, c, o] = filters.shape as number[];
  const last = kh * kw - 1;
  const backwards = Array.from({ length: kh * kw }, (_, i) => last - i);
  const turned = transpose(take(reshape(filters, [kh * kw, c, o]), 0, backwards), [0, 2, 1]);
  return winograd(upstream, reshape(turned, [kh, kw, o, c]), [TAPS - 1 - before[0], TAPS - 1 - before[1]], size);
}

/** Its gradient with respect to the filters. */
export function winogradToFilters(x: Node, upstream: Node, before: Pair): Node {
  const c = x.shape[3] as number;
  const [n, height, width, o] = upstream.shape as number[];
  const tiles = tilesOf([height, width]);
  // Half the pieces of the forward pass: were they equal, the tiles would be kept from there to here.
  const sums = pieces(n, tiles, Math.max(c, o), MOST / 2).map((range) => {
    const arrived = cut(slice(upstream, { 0: range }), RESULTS, [0, 0], tiles);
    const rows = (range.end - range.start) * tiles[0] * tiles[1];
    const back = reshape(matmul(both(RESULT), arrived, { a: true }), [SEEN ** 2, rows, o]);
    return matmul(atPoints(slice(x, { 0: range }), before, tiles), back, { a: true });
  });
  const toFilters = reshape(sums.reduce(add), [SEEN ** 2, c * o]);
  return reshape(matmul(both(FILTER), toFilters, { a: true }), [TAPS, TAPS, c, o]);
}
