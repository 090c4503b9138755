import { must } from '../core/error.ts';

/** A named tensor of float32. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAX_HEADER = 100_000_000;

/** The one name that a tensor cannot have: the header keeps its metadata there. */
const METADATA = '__metadata__';

/**
 * Tensors as a safetensors file: eight bytes with the length of the header, a JSON header with type, shape and place of
 * each tensor, then the values, little-endian, one tensor after the other. Any library of that format reads it.
 *
 * Throws a `RangeError` for a tensor whose values do not fill its shape, or that is called `__metadata__`.
 */
export function toSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Without a prototype, so that any name is a key: also `__proto__`.
  const header: Record<string, unknown> = Object.create(null);
  header[METADATA] = metadata;
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA || data.length !== sizeOf(shape)) {
      throw new RangeError(`'${name}' [${shape}] with ${data.length} values is no tensor of a safetensors file`);
    }
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = JSON.stringify(header);
  // The format asks for values that begin at a multiple of eight bytes; spaces at the end of JSON are harmless.
  const bytes = Buffer.byteLength(text);
  const json = Buffer.from(text + ' '.repeat(8 * Math.ceil(bytes / 8) - bytes));
  const file = new Uint8Array(8 + json.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  let place = 8 + json.length;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file;
}

/**
 * Reads what {@link toSafetensors} wrote, or any such file of float32 tensors. `source` names it in errors.
 *
 * Throws a `KindredError` unless the header is one, and its tensors fill the rest of the file without gaps, as the format
 * demands: a file that was cut off, or changed in its header, is never taken for a whole one.
 */
export function fromSafetensors(file: Uint8Array, source: string): Map<string, NamedTensor> {
  const whole = (holds: boolean, received: () => string) =>
    must(holds, () => ({
      rule: 'A safetensors file holds a header and all the values that it names',
      received: `${source}: ${received()}`,
      next: 'Use another copy; a checkpoint that is removed leaves the one before it',
    }));
  whole(file.length >= 8, () => `${file.length} bytes`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  whole(length <= MAX_HEADER && 8 + length <= file.length, () => `a header of ${length} bytes in ${file.length}`);
  const header = parseHeader(file.subarray(8, 8 + length));
  whole(header !== undefined, () => 'a header that is not a JSON object');
  const values = file.subarray(8 + length);
  const tensors = new Map<string, NamedTensor>();
  const places: Place[] = [];
  for (const [name, entry] of Object.entries(header as object)) {
    if (name === METADATA) continue;
    whole(isEntry(entry), () => `'${name}' as ${JSON.stringify(entry)}, not as a tensor of float32`);
    const { shape, data_offsets: place } = entry as Entry;
    places.push(place);
    // A copy, because values need not begin at a multiple of four bytes of the buffer behind the file.
    const bytes = new Uint8Array(values.subarray(...place));
    whole(bytes.length === 4 * sizeOf(shape), () => `'${name}' as ${JSON.stringify(entry)} of ${values.length} bytes`);
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const end = places.reduce((before, [from, to]) => (from === before ? to : Number.NaN), 0);
  whole(
    end === values.length,
    () => `tensors that do not fill its ${values.length} bytes of values one after the other`,
  );
  return tensors;
}

type Place = readonly [start: number, end: number];

/** What the header says of a tensor. */
interface Entry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data_offsets: Place;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data_offsets: place } = value as Partial<Entry>;
  const counts = (list: unknown) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  return dtype === 'F32' && counts(shape) && counts(place) && place?.length === 2 && place[0] <= place[1];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function parseHeader(bytes: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
