import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EventFile } from './tensorboard.ts';

const work = mkdtempSync(join(tmpdir(), 'tensorboard-'));
afterAll(() => rmSync(work, { recursive: true }));

// A reader that shares nothing with the writer: protobuf by hand, CRC-32C bit by bit, as TensorFlow's sources define them.

/** Checksum by long division, masked as TFRecord files have it. */
function maskedChecksum(bytes: Uint8Array): number {
  let crc = 2 ** 32 - 1;
  for (let i = 0; i < bytes.length * 8; i++) {
    const bit = (crc ^ (bytes[i >> 3] >> (i & 7))) & 1;
    crc = (crc >>> 1) ^ (bit ? 0x82f63b78 : 0);
  }
  const value = BigInt(~crc >>> 0);
  const rotated = ((value >> 15n) | (value << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) % 2n ** 32n);
}

function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(maskedChecksum(file.subarray(at, at + 8)));
    const content = file.subarray(at + 12, at + 12 + length);
    expect(content).toHaveLength(length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedChecksum(content));
    found.push(content);
    at += 16 + length;
  }
  return found;
}

/** Fields of a protobuf message: numbers of varints, bytes of everything else. */
function fields(message: Buffer): { field: number; value: number | Buffer }[] {
  const found: { field: number; value: number | Buffer }[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const field = key >> 3;
    if ((key & 7) === 0) found.push({ field, value: varint() });
    else {
      const length = { 1: 8, 2: -1, 5: 4 }[key & 7] as number;
      const size = length < 0 ? varint() : length;
      found.push({ field, value: message.subarray(at, at + size) });
      at += size;
    }
  }
  return found;
}

interface Event {
  readonly time: number;
  readonly step: number;
  readonly version?: string;
  readonly status?: number;
  readonly scalars?: Record<string, number>;
}

function parse(record: Buffer): Event {
  const get = (number: number) => fields(record).find(({ field }) => field === number)?.value;
  const [version, summary, session] = [get(3), get(5), get(7)] as (Buffer | undefined)[];
  return {
    time: (get(1) as Buffer).readDoubleLE(),
    step: get(2) as number,
    ...(version && { version: version.toString() }),
    ...(session && { status: fields(session)[0].value as number }),
    ...(summary && {
      scalars: Object.fromEntries(
        fields(summary).map(({ value }) => {
          const [tag, scalar] = fields(value as Buffer);
          expect([tag.field, scalar.field]).toEqual([1, 2]);
          return [String(tag.value), (scalar.value as Buffer).readFloatLE()];
        }),
      ),
    }),
  };
}

const eventsIn = (folder: string): Event[][] =>
  readdirSync(folder)
    .sort()
    .map((name) => {
      expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\../);
      return records(readFileSync(join(folder, name))).map(parse);
    });

const step = (n: number, loss: number) =>
  ({ kind: 'step', step: n, loss, same: 0.25, different: 1.5, gradientNorm: 2, itemsPerSecond: 1000 }) as const;

test('steps and looks at the validation part, with their time', () => {
  const folder = join(work, 'whole');
  const before = Date.now() / 1000;
  const file = new EventFile(folder, 0);
  file.record({ ...step(1, 0.75), active: 0.5 });
  file.record(step(300, 1e300));
  file.record({ kind: 'evaluation', step: 300, metrics: { mapAtR: 0.125, recallAt1: 1 } });
  const [events, ...more] = eventsIn(folder);
  expect(more).toEqual([]);
  const shared = { same: 0.25, different: 1.5, gradientNorm: 2, itemsPerSecond: 1000 };
  expect(events.map(({ time: _, ...rest }) => rest)).toEqual([
    { step: 0, version: 'brain.Event:2' },
    { step: 1, scalars: { loss: 0.75, active: 0.5, ...shared } },
    { step: 300, scalars: { loss: Number.POSITIVE_INFINITY, ...shared } },
    { step: 300, scalars: { 'validation/mapAtR': 0.125, 'validation/recallAt1': 1 } },
  ]);
  const times = events.map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(times[3]).toBeLessThanOrEqual(Date.now() / 1000);
});

test('looks at the embeddings, on both sides of a head', () => {
  const folder = join(work, 'health');
  const moments = { effectiveRank: 4, spread: 0.5, norm: 1 };
  const report = {
    same: [0, 0.25, 1],
    different: [1, 2, 3],
    ...moments,
    drift: 0.125,
    below: { ...moments, spread: 0.25 },
  };
  new EventFile(folder, 0).record({ kind: 'health', step: 20, report });
  expect(eventsIn(folder)[0][1].scalars).toMatchObject({
    'health/same 50 %': 0.25,
    'health/spread': 0.5,
    'health/below the head/spread': 0.25,
    'health/below the head/effectiveRank': 4,
  });
});

test('a resumed run adds a file that begins with the step it makes again; a new run removes both', () => {
  const folder = join(work, 'resumed');
  const killed = new EventFile(folder, 0);
  for (const n of [1, 2, 3]) killed.record(step(n, n));
  new EventFile(folder, 2).record(step(3, 30));
  const files = eventsIn(folder);
  expect(files.map((events) => events.map((event) => [event.step, event.status, event.scalars?.loss]))).toEqual([
    [
      [0, undefined, undefined],
      [1, undefined, 1],
      [2, undefined, 2],
      [3, undefined, 3],
    ],
    [
      [0, undefined, undefined],
      [3, 1, undefined],
      [3, undefined, 30],
    ],
  ]);
  new EventFile(folder, 0);
  expect(eventsIn(folder).map((events) => events.length)).toEqual([1]);
});
