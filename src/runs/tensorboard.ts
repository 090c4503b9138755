import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { append } from '../core/files.ts';
import { crc32c } from './crc32c.ts';

/** What a run records, as far as it can be drawn. */
export type Recorded =
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly loss: number;
      readonly same?: number;
      readonly different?: number;
      readonly active?: number;
      readonly gradientNorm: number;
      readonly itemsPerSecond: number;
    }
  | { readonly kind: 'evaluation'; readonly step: number; readonly metrics: Readonly<Record<string, number>> }
  | {
      readonly kind: 'health';
      readonly step: number;
      readonly report: {
        readonly same: readonly number[];
        readonly different: readonly number[];
        readonly effectiveRank: number;
        readonly spread: number;
        readonly norm: number;
        readonly drift: number;
        readonly below?: { readonly effectiveRank: number; readonly spread: number; readonly norm: number };
        readonly mining?: { readonly refused: number; readonly filled: number };
      };
    };

/**
 * An event file that TensorBoard reads while training goes on: `events.out.tfevents.SECONDS.HOST.PROCESS.NUMBER`.
 *
 * The file is a list of records (length, checksum of the length, protobuf `Event`, checksum of that). Steps give the tags
 * `loss`, `active`, `same`, `different`, `gradientNorm` and `itemsPerSecond`, looks at the validation part
 * `validation/mapAtR` and the like, looks at the embeddings `health/effectiveRank` and the like. A resumed run adds a file, which tells TensorBoard to forget the steps that are made
 * again; a run from the start (`done` 0) removes the files of the one before.
 *
 * @param done steps that were made before
 */
export class EventFile {
  readonly #path: string;

  constructor(folder: string, done: number) {
    if (done === 0) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    const number = readdirSync(folder).length;
    this.#path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${number}`);
    this.#append(0, (event) => event.tag(3, WireType.LengthDelimited).string('brain.Event:2'));
    if (done > 0) this.#append(done + 1, restarted);
  }

  record(event: Recorded): void {
    this.#append(event.step, (writer) => {
      writer.tag(5, WireType.LengthDelimited).fork();
      for (const [tag, value] of scalarsOf(event)) {
        if (value === undefined) continue;
        writer.tag(1, WireType.LengthDelimited).fork();
        writer.tag(1, WireType.LengthDelimited).string(tag);
        writer.tag(2, WireType.Bit32).float(Math.fround(value)).join();
      }
      return writer.join();
    });
  }

  /** Appends `Event { wall_time = 1, step = 2, and what `content` writes }` in one piece. */
  #append(step: number, content: (event: BinaryWriter) => BinaryWriter): void {
    const event = new BinaryWriter();
    event.tag(1, WireType.Bit64).double(Date.now() / 1000);
    event.tag(2, WireType.Varint).int64(step);
    append(this.#path, tfRecord(content(event).finish()));
  }
}

/** `session_log { status: START }`: the run begins again at the step of this event. */
const restarted = (event: BinaryWriter): BinaryWriter =>
  event.tag(7, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(1).join();

function scalarsOf(event: Recorded): (readonly [tag: string, value: number | undefined])[] {
  if (event.kind === 'evaluation') {
    return Object.entries(event.metrics).map(([name, value]) => [`validation/${name}`, value]);
  }
  if (event.kind === 'health') {
    const { same, different, effectiveRank, spread, norm, drift, below, mining } = event.report;
    const quantiles = [5, 50, 95].flatMap((percent, i) => [
      [`health/same ${percent} %`, same[i]] as const,
      [`health/different ${percent} %`, different[i]] as const,
    ]);
    return [
      ...quantiles,
      ...Object.entries({ effectiveRank, spread, norm, drift, ...mining }).map(
        ([name, value]) => [`health/${name}`, value] as const,
      ),
      ...Object.entries({ ...below }).map(([name, value]) => [`health/below the head/${name}`, value] as const),
    ];
  }
  const { loss, active, same, different, gradientNorm, itemsPerSecond } = event;
  return Object.entries({ loss, active, same, different, gradientNorm, itemsPerSecond });
}

/** Length (uint64), its checksum, the content, its checksum; all little-endian. */
function tfRecord(content: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + content.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(content, 12);
  view.setUint32(12 + content.length, masked(content), true);
  return record;
}

/** Rotated and shifted, because a checksum of data that hold checksums is weak. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
