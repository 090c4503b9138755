import { LONG_LINE, LONGEST_LINE, MOST_COLUMNS, type Row, type RowSink } from './table-row.ts';

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;

export interface Dialect {
  /** The byte between cells; -1: lines are cells. */
  readonly delimiter: number;
  /** Whether cells may be quoted. */
  readonly quotes: boolean;
}

/**
 * Splits pieces of text into rows of cells, without a string or an object for any of them (RFC 4180).
 *
 * A cell in quotes may hold delimiters, newlines and quotes written twice; spaces around any other cell are left out. Lines
 * end in LF or CRLF. Lines without content are passed over. A line of more than 16 MiB, text after a closing quote and a
 * quote that is never closed are bad rows, and reading goes on with the next line; memory stays below 64 MiB.
 */
export class TextRows {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #sink: RowSink;
  readonly #row: Row;
  #bytes = Buffer.allocUnsafeSlow(1 << 21);
  #end = 0;
  #line = 1;
  /** A row that is not complete is looked at again only when there is twice as much of it. */
  #retry = 0;
  #skipping = false;

  constructor({ delimiter, quotes }: Dialect, sink: RowSink) {
    this.#delimiter = delimiter;
    this.#quote = quotes ? QUOTE : -1;
    this.#sink = sink;
    this.#row = {
      line: 0,
      width: 0,
      bytes: this.#bytes,
      starts: new Int32Array(64),
      ends: new Int32Array(64),
      lists: [],
    };
  }

  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.#end + chunk.length));
      this.#bytes.copy(larger, 0, 0, this.#end);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    if (this.#end >= this.#retry) this.#scan(false);
  }

  /** The rest is the last row, whether a newline follows or not. */
  finish(): void {
    this.#scan(true);
  }

  #scan(last: boolean): void {
    const end = this.#end;
    let at = 0;
    while (at < end) {
      if (this.#skipping) {
        const newline = this.#bytes.indexOf(NEWLINE, at);
        if (newline < 0 || newline >= end) {
          at = end;
          break;
        }
        at = newline + 1;
        this.#line++;
        this.#skipping = false;
        continue;
      }
      const next = this.#scanRow(at, end, last);
      if (next < 0) break;
      at = next;
    }
    this.#bytes.copyWithin(0, at, end);
    this.#end = end - at;
    this.#retry = Math.min(2 * this.#end, LONGEST_LINE + 1);
  }

  /** Reads the row at `start` and returns where the next one starts; -1: there is more to come. */
  #scanRow(start: number, end: number, last: boolean): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const row = this.#row;
    let { starts, ends } = row;
    let problem: string | undefined;
    let escaped: number[] | undefined;
    let newlines = 0;
    let cells = 0;
    let quoted = false;
    let i = start;
    // Spaces before the first cell part nothing.
    while (i < end && delimiter === SPACE && bytes[i] === SPACE) i++;
    for (;;) {
      let from = i;
      let to: number;
      if (bytes[i] === SPACE && delimiter !== SPACE) {
        while (i < end && bytes[i] === SPACE) i++;
        from = i;
      }
      if (i < end && bytes[i] === quote) {
        quoted = true;
        from = ++i;
        for (; ; i++) {
          if (i >= end) return this.#unclosed(start, end, last);
          const byte = bytes[i];
          if (byte === NEWLINE) newlines++;
          else if (byte === quote) {
            if (i + 1 === end && !last) return this.#unclosed(start, end, last);
            if (i + 1 === end || bytes[i + 1] !== quote) break;
            escaped ??= [];
            if (escaped.at(-1) !== cells) escaped.push(cells);
            i++;
          }
        }
        to = i++;
        while (i < end && bytes[i] !== delimiter && bytes[i] !== NEWLINE) {
          if (bytes[i] !== SPACE && bytes[i] !== RETURN) problem ??= 'text after a closing quote';
          i++;
        }
        if (i === end && !last) return this.#tooLong(start, end);
        if (problem !== undefined && newlines > 0) return this.#giveUp(problem, start);
      } else {
        while (i < end && bytes[i] !== delimiter && bytes[i] !== NEWLINE) i++;
        if (i === end && !last) return this.#tooLong(start, end);
        to = i;
        if (to > from && bytes[to - 1] === RETURN && (i === end || bytes[i] === NEWLINE)) to--;
        while (to > from && bytes[to - 1] === SPACE) to--;
      }
      if (cells === starts.length && cells < MOST_COLUMNS) {
        row.starts = grown(starts);
        row.ends = grown(ends);
        ({ starts, ends } = row);
      }
      if (cells < starts.length) {
        starts[cells] = from;
        ends[cells] = to;
      }
      cells++;
      if (i >= end || bytes[i] === NEWLINE) break;
      i++;
    }
    row.line = this.#line;
    this.#line += newlines + 1;
    if (i - start > LONGEST_LINE) problem = LONG_LINE;
    else if (cells > MOST_COLUMNS) problem = `${cells} cells, more than ${MOST_COLUMNS}`;
    if (problem !== undefined) this.#sink.bad(row.line, undefined, problem);
    else if (cells > 1 || quoted || ends[0] > starts[0]) {
      for (const cell of escaped ?? []) ends[cell] = unescaped(bytes, starts[cell], ends[cell]);
      row.bytes = bytes;
      row.width = cells;
      this.#sink.row(row);
    }
    return i + 1;
  }

  #tooLong(start: number, end: number): number {
    return end - start <= LONGEST_LINE ? -1 : this.#giveUp(LONG_LINE, start);
  }

  #unclosed(start: number, end: number, last: boolean): number {
    return !last && end - start <= LONGEST_LINE ? -1 : this.#giveUp('a quote is opened and not closed', start);
  }

  /** Gives up the line, not what follows: a stray quote would swallow many lines. */
  #giveUp(problem: string, start: number): number {
    this.#sink.bad(this.#line, undefined, problem);
    this.#skipping = true;
    return start;
  }
}

function grown(column: Int32Array): Int32Array {
  const larger = new Int32Array(Math.min(2 * column.length, MOST_COLUMNS));
  larger.set(column);
  return larger;
}

/** Writes one quote for each two, in place, and returns the new end. */
function unescaped(bytes: Buffer, start: number, end: number): number {
  let to = start;
  for (let i = start; i < end; i++) {
    bytes[to++] = bytes[i];
    if (bytes[i] === QUOTE) i++;
  }
  return to;
}
