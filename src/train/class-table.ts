import { KindredError, must } from '../core/error.ts';
import { FirstPlaces } from '../core/first-places.ts';
import { mapScratch } from '../core/map-file.ts';
import { allocateTogether } from '../kernels/memory.ts';
import { sumOfSquares } from '../kernels/vector.ts';
import type { PackedRows, RowOptimizer } from '../optimizers/rows.ts';

/** Rows that changed, with all that is kept of them: what a checkpoint holds of a table. */
export interface SavedRows {
  readonly rows: Int32Array;
  /** `[rows.length, record]`: values and the optimizer's state. */
  readonly records: Float32Array;
}

export interface ClassTableOptions {
  readonly rows: number;
  readonly width: number;
  readonly optimizer: RowOptimizer;
  /** How many rows a step gathers. */
  readonly gathered: number;
  readonly seed: number;
  /** Where a row starts: each number uniform in +-`spread`. */
  readonly spread: number;
  /** The folder of its file; in memory unless given. */
  readonly folder?: string | undefined;
}

/** Bytes of one piece of the table: less than the longest array that there is, whatever the version of Node. */
const PIECE = 2 ** 30;

/**
 * A table of vectors with far more rows than a step looks at, in a memory-mapped file or in memory. A step gathers rows, gives them
 * to a graph with room for their gradients, and moves them: what that costs does not depend on the number of rows.
 *
 * Rows have their start values from a hash of the seed, the row and the column, and get them when they are first gathered, so that a table of
 * any size is there at once. A row that is gathered twice is one row: its gradients add up.
 */
export class ClassTable {
  readonly options: ClassTableOptions;
  /** `[gathered, width]`: what was gathered, for a graph to read. */
  readonly values: Float32Array;
  /** `[gathered, width]`: for a graph to write into. */
  readonly gradients: Float32Array;
  readonly #packed: PackedRows;
  readonly #record: number;
  readonly #state: number;
  readonly #pieces: readonly Float32Array[];
  readonly #perPiece: number;
  readonly #first: FirstPlaces;
  /** The rows that were gathered, and for each the place where the same row stands first. */
  readonly #rows: Int32Array;
  readonly #firstPlace: Int32Array;
  /** Bits: rows that have been gathered at all, and since the last save. */
  readonly #touched: Bits;
  readonly #changed: Bits;

  private constructor(options: ClassTableOptions, pieces: readonly Float32Array[], perPiece: number) {
    const { rows, width, optimizer, gathered } = options;
    this.options = options;
    this.#state = optimizer.state(width);
    this.#record = width + this.#state;
    this.#pieces = pieces;
    this.#perPiece = perPiece;
    const [values, gradients, state] = allocateTogether([gathered * width, gathered * width, gathered * this.#state]);
    this.#packed = { width, values, gradients, state };
    this.values = values;
    this.gradients = gradients;
    this.#first = new FirstPlaces(gathered);
    this.#rows = new Int32Array(gathered);
    this.#firstPlace = new Int32Array(gathered);
    this.#touched = new Bits(rows);
    this.#changed = new Bits(rows);
  }

  static async open(options: ClassTableOptions): Promise<ClassTable> {
    const { rows, width, optimizer, folder } = options;
    must(rows < 2 ** 31, () => ({
      rule: 'A table has at most 2,147,483,647 rows',
      received: `${rows}`,
      next: 'Train on fewer classes',
      exitCode: 2,
    }));
    const record = width + optimizer.state(width);
    const perPiece = Math.min(rows, Math.floor(PIECE / (4 * record)));
    const pieces: Float32Array[] = [];
    for (let from = 0; from < rows; from += perPiece) {
      const size = Math.min(perPiece, rows - from) * record;
      const mapped = folder === undefined ? undefined : await mapScratch(folder, 4 * size);
      pieces.push(mapped === undefined ? new Float32Array(size) : new Float32Array(mapped));
    }
    return new ClassTable(options, pieces, perPiece);
  }

  /**
   * Copies these rows to {@link values}, in this order.
   *
   * @throws KindredError where there is no such row
   */
  gather(rows: ArrayLike<number>): void {
    const { width } = this.options;
    const { values, state } = this.#packed;
    this.#first.clear();
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place];
      if (!(row >= 0 && row < this.options.rows)) throw noSuchRow(row, this.options.rows);
      this.#rows[place] = row;
      const first = this.#first.put(row, place);
      this.#firstPlace[place] = first;
      const to = place * width;
      if (first !== place) {
        values.copyWithin(to, first * width, first * width + width);
        continue;
      }
      const [piece, at] = this.#find(row);
      for (let k = 0; k < width; k++) values[to + k] = piece[at + k];
      for (let k = 0; k < this.#state; k++) state[place * this.#state + k] = piece[at + width + k];
    }
  }

  /**
   * Moves the rows that were gathered last by the gradients that lie in {@link gradients}.
   *
   * @throws KindredError where a gradient is not finite; nothing has changed then
   */
  step(rate: number): void {
    const { width } = this.options;
    const { values, gradients, state } = this.#packed;
    if (!Number.isFinite(sumOfSquares(gradients))) throw notFinite();
    const count = this.#rows.length;
    for (let place = 0; place < count; place++) {
      const first = this.#firstPlace[place];
      if (first === place) continue;
      for (let k = 0; k < width; k++) gradients[first * width + k] += gradients[place * width + k];
    }
    this.options.optimizer.step(this.#packed, count, rate);
    for (let place = 0; place < count; place++) {
      if (this.#firstPlace[place] !== place) continue;
      const row = this.#rows[place];
      const [piece, at] = this.#find(row);
      for (let k = 0; k < width; k++) piece[at + k] = values[place * width + k];
      for (let k = 0; k < this.#state; k++) piece[at + width + k] = state[place * this.#state + k];
      this.#changed.add(row);
    }
  }

  /** The piece that holds a row, and where in it the row begins; a row that nobody has touched gets its start values. */
  #find(row: number): readonly [Float32Array, number] {
    const number = Math.floor(row / this.#perPiece);
    const piece = this.#pieces[number];
    const at = (row - number * this.#perPiece) * this.#record;
    if (this.#touched.add(row)) this.#begin(row, piece, at);
    return [piece, at];
  }

  #begin(row: number, piece: Float32Array, at: number): void {
    const { seed, width, spread } = this.options;
    let x = mixed(mixed(seed) ^ row);
    for (let k = 0; k < width; k++) {
      x = (x + 0x9e3779b9) | 0;
      piece[at + k] = spread * (mixed(x) / 2 ** 31);
    }
  }

  /** How many rows have been gathered so far. */
  get touched(): number {
    return this.#touched.count;
  }

  /** How many rows have been moved since they were last saved. */
  get changed(): number {
    return this.#changed.count;
  }

  /** Copies of the rows that were moved since the last time; or of `all` that ever were. */
  save({ all = false } = {}): SavedRows {
    const rows = (all ? this.#touched : this.#changed).list();
    const records = new Float32Array(rows.length * this.#record);
    rows.forEach((row, i) => {
      const [piece, at] = this.#find(row);
      records.set(piece.subarray(at, at + this.#record), i * this.#record);
    });
    this.#changed.clear();
    return { rows, records };
  }

  /**
   * Puts back rows that were saved, in the order in which they were.
   *
   * @throws KindredError where they are of another table
   */
  restore({ rows, records }: SavedRows): void {
    must(records.length === rows.length * this.#record, () => ({
      rule: 'A checkpoint belongs to the recipe that it was made with',
      received: `${records.length / Math.max(1, rows.length)} numbers for each class, ${this.#record} are needed`,
      next: 'Resume with the recipe of the run',
    }));
    const wrong = rows.find((row) => !(row >= 0 && row < this.options.rows));
    if (wrong !== undefined) throw noSuchRow(wrong, this.options.rows);
    rows.forEach((row, i) => {
      const [piece, at] = this.#find(row);
      piece.set(records.subarray(i * this.#record, (i + 1) * this.#record), at);
    });
  }
}

/** A set of whole numbers, as bits. */
class Bits {
  readonly #words: Uint32Array;
  count = 0;

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }

  /** Whether it was not there before. */
  add(index: number): boolean {
    const bit = 1 << (index & 31);
    const word = this.#words[index >>> 5];
    if ((word & bit) !== 0) return false;
    this.#words[index >>> 5] = word | bit;
    this.count++;
    return true;
  }

  clear(): void {
    this.#words.fill(0);
    this.count = 0;
  }

  /** Rising. */
  list(): Int32Array {
    const found = new Int32Array(this.count);
    let at = 0;
    this.#words.forEach((word, i) => {
      for (let bit = 0; word !== 0 && bit < 32; bit++) {
        if ((word & (1 << bit)) !== 0) found[at++] = 32 * i + bit;
      }
    });
    return found;
  }
}

/** A hash of 32 bits, signed (SplitMix32's finaliser). */
function mixed(x: number): number {
  let z = x | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

const noSuchRow = (row: number, rows: number): KindredError =>
  new KindredError({
    rule: `Classes are numbers from 0 to ${rows - 1}`,
    received: `${row}`,
    next: 'Number the classes from 0 on, and resume only with the data of the run',
    exitCode: 2,
  });

const notFinite = (): KindredError =>
  new KindredError({
    rule: 'Gradients are finite numbers',
    received: 'NaN or infinity in those of classes',
    next: 'Lower objective.classes.rate or the learning rate, and check the data; the classes are as before this step',
  });
