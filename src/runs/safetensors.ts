import { must } from '../core/error.ts';

/** A named tensor of float32. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAX_HEADER = 100_000_000;

/**
 * Tensors as a safetensors file: eight bytes with the length of the header, a JSON header with type, shape and place of
 * each tensor, then the values, little-endian, one tensor after the other. Any library of that format reads it.
 */
export function toSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = JSON.stringify(header);
  // The format asks for values that begin at a multiple of eight bytes; spaces at the end of JSON are harmless.
  const json = Buffer.from(
    text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 - Buffer.byteLength(text) + text.length),
  );
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

/** Reads what {@link toSafetensors} wrote, or any such file of float32 tensors. `source` names it in errors. */
export function fromSafetensors(file: Uint8Array, source: string): Map<string, NamedTensor> {
  const whole = (holds: boolean, received: () => string) =>
    must(holds, () => ({
      rule: 'A safetensors file holds a header and all the values that it names',
      received: `${source}: ${received()}`,
      next: 'Use another checkpoint',
    }));
  whole(file.length >= 8, () => `${file.length} bytes`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  whole(length <= MAX_HEADER && 8 + length <= file.length, () => `a header of ${length} bytes in ${file.length}`);
  const header = parseHeader(new TextDecoder().decode(file.subarray(8, 8 + length)));
  whole(header !== undefined, () => 'a header that is not JSON');
  const tensors = new Map<string, NamedTensor>();
  for (const [name, entry] of Object.entries(header ?? {})) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = entry as { dtype: string; shape: number[]; data_offsets: number[] };
    const size = Array.isArray(shape) ? shape.reduce((a, b) => a * b, 1) : Number.NaN;
    const [start, end] = Array.isArray(offsets) ? offsets : [0, -1];
    whole(
      dtype === 'F32' && end - start === size * 4 && start >= 0 && 8 + length + end <= file.length,
      () => `'${name}' as ${JSON.stringify(entry)} in ${file.length} bytes`,
    );
    // A copy, because values need not begin at a multiple of four bytes of the buffer behind the file.
    const bytes = Uint8Array.from(file.subarray(8 + length + start, 8 + length + end));
    tensors.set(name, { shape, data: new Float32Array(bytes.buffer) });
  }
  return tensors;
}

function parseHeader(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
