import { isUtf8 } from 'node:buffer';

/**
 * One row of a table, whatever its file: cells as bytes of UTF-8, so that numbers and known ids are read without a string for
 * each. Valid only during the call that gets it.
 */
export interface Row {
  /** From 1, counting the header; for Parquet the number of the row. */
  line: number;
  /** How many cells the row has. */
  width: number;
  /** Cell `k` is `bytes[starts[k]]` to `bytes[ends[k] - 1]`. */
  bytes: Buffer;
  starts: Int32Array;
  ends: Int32Array;
  /** Cells that are lists, by cell: JSON lines and Parquet have such, text has none. */
  lists: readonly (readonly unknown[] | undefined)[];
}

/** Who gets the rows of a file. */
export interface RowSink {
  row(row: Row): void;
  bad(line: number, column: string | undefined, reason: string): void;
}

/** The longest line that is read, in bytes. */
export const LONGEST_LINE = 2 ** 24;
export const LONG_LINE = 'a line longer than 16 MiB';
/** The most columns that a table may have. */
export const MOST_COLUMNS = 2 ** 16;

/** A cell as text, or `undefined` where it is not UTF-8. */
export function textOf({ bytes, starts, ends }: Row, cell: number): string | undefined {
  return decoded(bytes, starts[cell], ends[cell]);
}

/** Bytes `start` to `end - 1` as text, or `undefined` where they are not UTF-8. */
export function decoded(bytes: Buffer, start: number, end: number): string | undefined {
  let high = 0;
  for (let i = start; i < end; i++) high |= bytes[i];
  if (high < 0x80) return bytes.toString('latin1', start, end);
  return isUtf8(bytes.subarray(start, end)) ? bytes.toString('utf8', start, end) : undefined;
}

const powers = Array.from({ length: 23 }, (_, i) => 10 ** i);

/**
 * A cell as a number: `-12`, `1.5`, `.5`, `3e-4`. Gives the reason, in words, where it is none: empty, NaN, infinite, or any
 * other text (hexadecimal and decimal commas too).
 */
export function numberOf(row: Row, cell: number): number | string {
  const { bytes } = row;
  const end = row.ends[cell];
  let i = row.starts[cell];
  if (i === end) return 'empty';
  const negative = bytes[i] === 0x2d;
  if (negative) i++;
  let mantissa = 0;
  let digits = 0;
  let point = -1;
  for (; i < end && digits <= 15; i++) {
    const digit = bytes[i] - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
    } else if (bytes[i] === 0x2e && point < 0) point = digits;
    else break;
  }
  // Up to 15 digits and 10^22 are exact in float64, so that one division rounds as it should.
  if (i === end && digits > 0 && digits <= 15) {
    const value = point < 0 ? mantissa : mantissa / powers[digits - point];
    return negative ? -value : value;
  }
  return anyNumber(textOf(row, cell));
}

function anyNumber(text: string | undefined): number | string {
  if (text === undefined) return 'wrong encoding: not UTF-8';
  if (/^[+-]?nan$/i.test(text)) return 'NaN';
  if (/^[+-]?inf(inity)?$/i.test(text)) return 'not finite';
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return `not a number: ${shown(text)}`;
  const value = Number(text);
  return Number.isFinite(value) ? value : 'not finite';
}

/** `2024-03-01`, with a time of day and a zone or without; a space may stand for the T. Without a zone it is UTC. */
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** A cell as a time in seconds since 1970: a number of seconds, or an ISO date. Gives the reason where it is neither. */
export function timeOf(row: Row, cell: number): number | string {
  const value = numberOf(row, cell);
  if (typeof value === 'number' || !value.startsWith('not a number')) return value;
  const found = iso.exec(textOf(row, cell) ?? '');
  if (found) {
    const [, day, clock = '00:00', zone = 'Z'] = found;
    const hours = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.replace(':', '').slice(3) || '00'}`;
    // Date keeps milliseconds, so that a finer fraction is added by hand.
    const [whole, fraction] = (clock.length === 5 ? `${clock}:00` : clock).split('.');
    const seconds = Date.parse(`${day}T${whole}${hours}`) / 1000;
    if (!Number.isNaN(seconds)) return seconds + (fraction === undefined ? 0 : Number(`0.${fraction}`));
  }
  return value.replace('not a number', 'neither seconds nor an ISO date');
}

/** A value for a message, short. */
export const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
