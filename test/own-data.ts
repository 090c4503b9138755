import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../src/core/random.ts';

/** Small files such as people have, with something to learn in them: four kinds of things, told apart by words and by numbers. */
export function writeOwnData(root: string): void {
  const random = Random.seeded(5);
  const things = Array.from({ length: 48 }, (_, i) => ({ id: `t${i}`, kind: i % 4 }));
  const words = ['red rose in the garden', 'blue car on the road', 'old house by the sea', 'small dog at the door'];
  const vector = (kind: number) => Array.from({ length: 4 }, (_, k) => (k === kind ? 3 : 0) + random.normal());
  const write = (name: string, lines: readonly string[]) => writeFileSync(join(root, name), `${lines.join('\n')}\n`);
  const other = (kind: number) => random.integer(12) * 4 + kind;
  const rows = <T>(count: number, row: (i: number) => T) => Array.from({ length: count }, (_, i) => row(i));

  write('items.csv', [
    'id,caption,kind,f0,f1,f2,f3',
    ...things.map(({ id, kind }, i) => [id, `${words[kind]} ${i}`, `kind ${kind}`, ...vector(kind)].join(',')),
  ]);
  write(
    'items.jsonl',
    things.map(({ id, kind }) => JSON.stringify({ id, embedding: vector(kind), tags: [`k${kind}`, `p${kind % 2}`] })),
  );
  write('pairs.csv', [
    'left,right,same',
    ...rows(400, (i) => {
      const kind = i % 4;
      const a = other(kind);
      const b = i % 8 < 4 ? other(kind) : other((kind + 1) % 4);
      return `t${a},t${b === a ? (a + 4) % 48 : b},${i % 8 < 4 ? 1 : 0}`;
    }),
  ]);
  write('sentences.tsv', [
    'id\tsentence1\tsentence2\tduplicate',
    ...rows(200, (i) => {
      const kind = random.integer(4);
      const same = i % 2 === 0;
      return [i, `${words[kind]} ${other(0)}`, `${words[same ? kind : (kind + 1) % 4]} ${other(1)}`, same ? 1 : 0].join(
        '\t',
      );
    }),
  ]);
  write(
    'triplets.txt',
    rows(600, () => {
      const kind = random.integer(4);
      const a = other(kind);
      const b = other(kind);
      return `t${a} t${b === a ? (a + 4) % 48 : b} t${other((kind + 1) % 4)}`;
    }),
  );
  write(
    'links.jsonl',
    rows(150, () => {
      const a = random.integer(48);
      return JSON.stringify({
        source: `t${a}`,
        target: `t${(a + 4 + 4 * random.integer(10)) % 48}`,
        weight: 1 + random.integer(3),
      });
    }),
  );
  write('log.csv', [
    'user,item,timestamp',
    ...rows(600, (i) => `u${i % 20},t${other((i % 20) % 4)},${1_600_000_000 + 60 * i}`),
  ]);
  write('grades.csv', ['query,item,grade', ...rows(60, (i) => `q${i % 6},t${i % 48},${i % 3}`)]);
  write(
    'graded.svm',
    rows(60, (i) => `${i % 3} qid:${Math.floor(i / 10)} 1:${i} 3:0.5`),
  );
  write(
    'classes.svm',
    rows(60, (i) => `${i % 3} 1:${i % 3} 2:${random.uniform().toFixed(3)}`),
  );
  write(
    'notes.txt',
    rows(40, (i) => `${words[i % 4]}, seen on day ${i}`),
  );
  writeFileSync(join(root, 'vectors.npy'), npy(things.map(({ kind }) => vector(kind))));
  write('vectors.csv', ['label', ...things.map(({ kind }) => `kind ${kind}`)]);
  for (const [kind, text] of words.entries()) {
    mkdirSync(join(root, 'texts', `kind ${kind}`), { recursive: true });
    mkdirSync(join(root, 'sounds', `tone ${kind}`), { recursive: true });
    for (let i = 0; i < 8; i++) {
      writeFileSync(join(root, 'texts', `kind ${kind}`, `${i}.txt`), `${text}, number ${i}`);
      writeFileSync(join(root, 'sounds', `tone ${kind}`, `${i}.wav`), tone(300 * (kind + 1), random));
    }
  }
}

/** Rows of float32 as NumPy writes them. */
export function npy(rows: readonly (readonly number[])[]): Buffer {
  const shape = `(${rows.length}, ${rows[0].length})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.from(new Float32Array(rows.flat()).buffer)]);
}

/** A fifth of a second of one tone with some noise: WAV, 16 bits, 8,000 samples a second. */
export function tone(frequency: number, random: Random): Buffer {
  const samples = Int16Array.from({ length: 1600 }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * frequency * i) / 8000) + 500 * random.normal()),
  );
  return wav(samples, 8000);
}

/** WAV, 16 bits, one channel. */
export function wav(samples: Int16Array, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(2 * rate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
