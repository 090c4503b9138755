import { type Matrix, matrix, takeRows } from '../core/matrix.ts';
import { scoreTiles } from '../onnx/score-tiles.ts';

/** A distance under which the mean over two groups follows from sums over each of them. */
export type LinkageMetric = 'cosine' | 'squared-euclidean';

/** Rows whose nearest groups are looked for together. */
const ROWS = 4096;

/**
 * The groups of an agglomerative clustering, each by its mean: see `averageLinkage`. They lie in slots, in the order of their first items.
 * Slots are freed by merges, and by groups that are done.
 */
export class Groups {
  /** The first item of each. */
  readonly items: Int32Array;
  /** 0 where the slot is free. */
  readonly #sizes: Int32Array;
  readonly #columns: number;
  readonly #means: Float64Array;
  /** The means in float32. */
  readonly #rounded: Float32Array<ArrayBuffer>;
  /** The lengths of the means. */
  readonly #lengths: Float64Array;
  /** What a group adds to its distances; infinite where the slot is free. */
  readonly #offsets: Float64Array;
  /** What the product of two means is multiplied by. */
  readonly #factor: number;
  /** The distance of the last merge. */
  readonly #heights: Float64Array;
  /** The slot of the nearest group, -1 where it has to be looked for, and its distance. */
  readonly #nearest: Int32Array;
  readonly #distances: Float64Array;
  #slots: number;

  constructor({ rows, columns, data }: Matrix, metric: LinkageMetric) {
    this.items = Int32Array.from({ length: rows }, (_, i) => i);
    this.#sizes = new Int32Array(rows).fill(1);
    this.#columns = columns;
    this.#means = Float64Array.from(data);
    this.#rounded = new Float32Array(data.length);
    this.#lengths = new Float64Array(rows);
    this.#offsets = new Float64Array(rows).fill(0.5);
    this.#factor = metric === 'cosine' ? 1 : 2;
    this.#heights = new Float64Array(rows);
    this.#nearest = new Int32Array(rows).fill(-1);
    this.#distances = new Float64Array(rows);
    this.#slots = rows;
    for (let i = 0; i < rows; i++) {
      const square = this.#dot(i, i);
      if (metric === 'squared-euclidean') this.#offsets[i] = square;
      else if (square > 0) {
        const length = Math.sqrt(square);
        for (let k = i * columns; k < (i + 1) * columns; k++) this.#means[k] /= length;
      }
      this.#round(i);
    }
  }

  /** The distance at which they join. Rounding makes it no less than those at which they were made. */
  heightOf(a: number, b: number): number {
    return Math.max(this.#distances[a], this.#heights[a], this.#heights[b]);
  }

  /** Puts both into slot `a`, the earlier. */
  join(a: number, b: number, distance: number): void {
    const columns = this.#columns;
    const means = this.#means;
    const size = this.#sizes[a] + this.#sizes[b];
    const share = this.#sizes[b] / size;
    for (let k = 0; k < columns; k++) {
      const mean = means[a * columns + k];
      means[a * columns + k] = mean + share * (means[b * columns + k] - mean);
    }
    this.#offsets[a] += share * (this.#offsets[b] - this.#offsets[a]);
    this.#sizes[a] = size;
    this.#heights[a] = distance;
    this.#nearest[a] = -1;
    this.#round(a);
    this.#free(b);
  }

  /**
   * After merges: forgets what was nearest and is no more. Groups that are farther than `until` from every other are done: they stay
   * so, whatever the others become.
   */
  settle(until: number): void {
    // A group that was joined has no nearest one now; nor has one whose nearest is free.
    const lost = (slot: number) => this.#sizes[slot] === 0 || this.#nearest[slot] < 0;
    const stale = Uint8Array.from({ length: this.#slots }, (_, slot) => Number(lost(slot)));
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#nearest[slot] >= 0 && stale[this.#nearest[slot]] === 1) this.#nearest[slot] = -1;
      else if (this.#nearest[slot] >= 0 && this.#distances[slot] > until) this.#free(slot);
    }
    this.#compact();
  }

  /** Looks for the nearest group where it is not known. */
  async findNearest(): Promise<void> {
    const columns = this.#columns;
    const all = matrix(this.#slots, columns, this.#rounded.subarray(0, this.#slots * columns));
    const asked = Int32Array.from({ length: this.#slots }, (_, slot) => slot).filter(
      (slot) => this.#sizes[slot] > 0 && this.#nearest[slot] < 0,
    );
    let longest = 0;
    for (let slot = 0; slot < this.#slots; slot++) longest = Math.max(longest, this.#lengths[slot]);
    // A product in float32 of two rows in float32 is off by at most so much, times both lengths.
    const rounding = this.#factor * (columns + 4) * 2 ** -24 * longest;
    for (let from = 0; from < asked.length; from += ROWS) {
      const slots = asked.subarray(from, from + ROWS);
      for await (const { start, rows, scores } of scoreTiles(takeRows(all, slots), all, { metric: 'dot' })) {
        for (let i = 0; i < rows; i++) {
          const slot = slots[start + i];
          const products = scores.subarray(i * this.#slots, (i + 1) * this.#slots);
          this.#choose(slot, products, 2 * rounding * this.#lengths[slot]);
        }
      }
    }
  }

  /** Pairs of groups that are nearest to each other, and within `until`. */
  nearestPairs(until: number): [a: number, b: number][] {
    const pairs: [number, number][] = [];
    for (let a = 0; a < this.#slots; a++) {
      const b = this.#nearest[a];
      if (this.#sizes[a] > 0 && b > a && this.#nearest[b] === a && this.#distances[a] <= until) pairs.push([a, b]);
    }
    return pairs;
  }

  /** Chooses the nearest group of `slot` by products with all, which tell distances to within `slack`. */
  #choose(slot: number, products: Float32Array, slack: number): void {
    const near = within(products, { offsets: this.#offsets, factor: this.#factor, slot, slack });
    if (near.length === 0) return;
    let nearest = near[0];
    let distance = this.#distance(slot, nearest);
    for (const other of near.slice(1)) {
      const exact = this.#distance(slot, other);
      if (!this.#before(exact, slot, other, distance, slot, nearest)) continue;
      nearest = other;
      distance = exact;
    }
    this.#nearest[slot] = nearest;
    this.#distances[slot] = distance;
    // Where rounding or a tie makes a union nearer than its halves were: then it is nearest for both, or nobody would come next.
    const back = this.#nearest[nearest];
    if (back >= 0 && this.#before(distance, slot, nearest, this.#distances[nearest], nearest, back)) {
      this.#nearest[nearest] = slot;
      this.#distances[nearest] = distance;
    }
  }

  /** Whether one pair comes before another: by distance, then by its earlier group, then by its later. */
  #before(distance: number, a: number, b: number, otherDistance: number, c: number, d: number): boolean {
    return (distance - otherDistance || Math.min(a, b) - Math.min(c, d) || Math.max(a, b) - Math.max(c, d)) < 0;
  }

  #distance(a: number, b: number): number {
    return Math.max(0, this.#offsets[a] + this.#offsets[b] - this.#factor * this.#dot(a, b));
  }

  #dot(a: number, b: number): number {
    const columns = this.#columns;
    const means = this.#means;
    let sum = 0;
    for (let k = 0, i = a * columns, j = b * columns; k < columns; k++) sum += means[i + k] * means[j + k];
    return sum;
  }

  #round(slot: number): void {
    const columns = this.#columns;
    for (let k = slot * columns; k < (slot + 1) * columns; k++) this.#rounded[k] = this.#means[k];
    this.#lengths[slot] = Math.sqrt(this.#dot(slot, slot));
  }

  #free(slot: number): void {
    this.#sizes[slot] = 0;
    this.#offsets[slot] = Number.POSITIVE_INFINITY;
    this.#nearest[slot] = -1;
  }

  /** Closes the gaps, where half of the slots are free. */
  #compact(): void {
    const columns = this.#columns;
    const kept = Int32Array.from({ length: this.#slots }, (_, slot) => slot).filter((slot) => this.#sizes[slot] > 0);
    if (2 * kept.length > this.#slots) return;
    const places = new Int32Array(this.#slots).fill(-1);
    for (const [to, from] of kept.entries()) places[from] = to;
    for (const [to, from] of kept.entries()) {
      const near = this.#nearest[from];
      this.#nearest[to] = near < 0 ? -1 : places[near];
      this.items[to] = this.items[from];
      this.#sizes[to] = this.#sizes[from];
      this.#lengths[to] = this.#lengths[from];
      this.#offsets[to] = this.#offsets[from];
      this.#heights[to] = this.#heights[from];
      this.#distances[to] = this.#distances[from];
      this.#means.copyWithin(to * columns, from * columns, (from + 1) * columns);
      this.#rounded.copyWithin(to * columns, from * columns, (from + 1) * columns);
    }
    this.#slots = kept.length;
  }
}

/** The slots whose `offset - factor product` is within `slack` of the least, but for `slot` itself and those that are free. */
function within(
  products: Float32Array,
  given: { readonly offsets: Float64Array; readonly factor: number; readonly slot: number; readonly slack: number },
): number[] {
  const { offsets, factor, slot, slack } = given;
  const near: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  for (let other = 0; other < products.length; other++) {
    const value = offsets[other] - factor * products[other];
    if (value > most || other === slot || value === Number.POSITIVE_INFINITY) continue;
    near.push(other);
    if (value >= least) continue;
    least = value;
    most = value + slack;
  }
  return near.filter((other) => offsets[other] - factor * products[other] <= most);
}
