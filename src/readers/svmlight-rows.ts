import { KindredError } from '../core/error.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import { Growing } from './table-growing.ts';
import { decoded, numberOf, type Row, shown } from './table-row.ts';

/** Indices go so far: vectors are held with all their zeros. */
const highestIndex = 65_535;
/** At most so many values, 1 GiB. */
const mostValues = 2 ** 28;

const HASH = 0x23;
const SPACE = 0x20;
const COLON = 0x3a;
const ZERO = 0x30;

interface Problem {
  readonly column: string | undefined;
  readonly reason: string;
}

/** Rows `grade qid:3 1:0.5 7:1.2 # comment` as they are read: grades, queries, and the values that are not zero. */
export class SvmlightRows {
  /** Good rows so far. */
  count = 0;
  /** Whether rows name their query; told by the first good one. */
  withQueries = false;
  /** The ids of queries, in order of first appearance. */
  readonly queryIds: string[] = [];
  readonly #lists: boolean;
  readonly #unjudged: boolean;
  readonly #queries = new Map<string, number>();
  readonly #queryOf = new Growing<Int32Array>(new Int32Array(0));
  readonly #positions = new Growing<Int32Array>(new Int32Array(0));
  readonly #grades = new Growing<Float64Array>(new Float64Array(0));
  /** Row `i` has the pairs `ends[i - 1]` to `ends[i] - 1`. */
  readonly #ends = new Growing<Float64Array>(new Float64Array(0));
  readonly #indices = new Growing<Uint16Array>(new Uint16Array(0));
  readonly #values = new Growing<Float32Array>(new Float32Array(0));
  #pairs = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = 0;
  /** Which row last had each index. */
  readonly #seen = new Int32Array(highestIndex + 1).fill(-1);
  readonly #token: Row = {
    line: 0,
    width: 1,
    bytes: Buffer.alloc(0),
    starts: new Int32Array(1),
    ends: new Int32Array(1),
    lists: [],
  };

  /** `lists`: grades are those of lists, whether rows name their query or not; `unjudged`: what stands in their place is not read, and counts as 0. */
  constructor({ lists, unjudged }: { readonly lists: boolean; readonly unjudged: boolean }) {
    this.#lists = lists;
    this.#unjudged = unjudged;
  }

  /** Takes the line of row `position`, or says why not; `'comment'`: it is no row. */
  add(row: Row, position: number): Problem | 'comment' | undefined {
    const token = this.#token;
    const comment = row.bytes.subarray(row.starts[0], row.ends[0]).indexOf(HASH);
    const end = comment < 0 ? row.ends[0] : row.starts[0] + comment;
    token.bytes = row.bytes;
    token.ends[0] = row.starts[0];
    if (!this.#next(end)) return 'comment';
    const grade = this.#unjudged ? 0 : numberOf(token, 0);
    if (typeof grade === 'string') return { column: 'grade', reason: grade };
    if (!Number.isFinite(Math.fround(grade))) return { column: 'grade', reason: 'too large for float32' };
    let more = this.#next(end);
    let query: string | undefined;
    if (more && token.bytes.toString('latin1', token.starts[0], token.starts[0] + 4) === 'qid:') {
      query = decoded(token.bytes, token.starts[0] + 4, token.ends[0]);
      if (!query) return { column: 'qid', reason: query === '' ? 'empty' : 'wrong encoding: not UTF-8' };
      more = this.#next(end);
    }
    if (this.count > 0 && this.withQueries !== (query !== undefined)) {
      return { column: 'qid', reason: `${query === undefined ? 'missing' : 'given'}, unlike in the rows before` };
    }
    if (grade < 0 && (this.#lists || query !== undefined)) return { column: 'grade', reason: `negative: ${grade}` };
    let pairs = this.#pairs;
    let lowest = this.#lowest;
    let highest = this.#highest;
    for (; more; more = this.#next(end)) {
      const index = this.#pair();
      if (typeof index !== 'number') return index;
      if (this.#seen[index] === position) return { column: `feature ${index}`, reason: 'given twice' };
      this.#seen[index] = position;
      const value = numberOf(token, 0);
      if (typeof value === 'string') return { column: `feature ${index}`, reason: value };
      if (!Number.isFinite(Math.fround(value))) return { column: `feature ${index}`, reason: 'too large for float32' };
      this.#indices.set(pairs, index);
      this.#values.set(pairs++, value);
      if (index < lowest) lowest = index;
      if (index > highest) highest = index;
    }
    this.#pairs = pairs;
    this.#lowest = lowest;
    this.#highest = highest;
    this.withQueries = query !== undefined;
    if (query !== undefined) this.#queryOf.set(this.count, this.#queryNumber(query));
    this.#positions.set(this.count, position);
    this.#grades.set(this.count, grade);
    this.#ends.set(this.count++, pairs);
    return undefined;
  }

  /** Moves on to the next token before `end`, if there is one. */
  #next(end: number): boolean {
    const { bytes, starts, ends } = this.#token;
    let at = ends[0];
    while (at < end && bytes[at] <= SPACE) at++;
    starts[0] = at;
    while (at < end && bytes[at] > SPACE) at++;
    ends[0] = at;
    return at > starts[0];
  }

  /** The index of the pair in the token, which then holds the value alone. */
  #pair(): number | Problem {
    const { bytes, starts, ends } = this.#token;
    let index = 0;
    let at = starts[0];
    for (; at < ends[0] && bytes[at] >= ZERO && bytes[at] < COLON; at++) index = index * 10 + bytes[at] - ZERO;
    if (at === starts[0] || at === ends[0] || bytes[at] !== COLON) {
      const text = decoded(bytes, starts[0], ends[0]);
      return {
        column: undefined,
        reason: text === undefined ? 'wrong encoding: not UTF-8' : `not index:value: ${shown(text)}`,
      };
    }
    if (index > highestIndex) return { column: `feature ${index}`, reason: `index above ${highestIndex}` };
    starts[0] = at + 1;
    return index;
  }

  #queryNumber(id: string): number {
    const known = this.#queries.get(id);
    if (known !== undefined) return known;
    this.#queries.set(id, this.queryIds.length);
    return this.queryIds.push(id) - 1;
  }

  queries = (): Int32Array => this.#queryOf.finish(this.count);
  /** The position in the file of each good row. */
  positions = (): Int32Array => this.#positions.finish(this.count);
  grades = (): Float64Array => this.#grades.finish(this.count);

  /** The vectors with their zeros. `base`: the index of the first feature; `features`: how many there are. */
  dense(path: string, base = this.#lowest === 0 ? 0 : 1, features = Math.max(1, this.#highest - base + 1)): Matrix {
    const refused = (received: string, next: string) =>
      new KindredError({ rule: 'Vectors from sparse rows are held with their zeros', received, next });
    if (this.#pairs > 0 && (this.#lowest < base || this.#highest - base >= features)) {
      throw refused(
        `${path} has indices from ${this.#lowest} to ${this.#highest}, and ${features} features from index ${base} are asked for`,
        'Ask for as many features as there are, from 0 or from 1',
      );
    }
    if (
      !(Number.isInteger(features) && features > 0 && features <= highestIndex + 1) ||
      this.count * features > mostValues
    ) {
      throw refused(
        `${this.count} rows of ${features} features in ${path}, more than ${mostValues} values or ${highestIndex + 1} features`,
        'Give fewer rows or features',
      );
    }
    const vectors = matrix(this.count, features);
    for (let i = 0, pair = 0; i < this.count; i++) {
      for (const end = this.#ends.get(i); pair < end; pair++) {
        vectors.data[i * features + this.#indices.get(pair) - base] = this.#values.get(pair);
      }
    }
    return vectors;
  }
}
