/**
 * Makes data/fashion-mnist from the official Fashion-MNIST files: a balanced subset, chosen by a fixed seed.
 *
 *   node scripts/make-demo-data.mjs [INPUT] [OUTPUT]
 *
 * INPUT holds the four official files (default: where Debian's package dataset-fashion-mnist installs them), OUTPUT
 * is written to (default: data/fashion-mnist). Train and validation come from the official train files, test from the
 * official test files, so no test picture is ever trained on. The same input gives the same pictures in the same order;
 * the same Node version also gives the same compressed bytes.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const seed = 20170825;
const classes = 10;
const side = 28;
const parts = [
  { name: 'train', source: 'train', perClass: 1200 },
  { name: 'validation', source: 'train', perClass: 100 },
  { name: 'test', source: 't10k', perClass: 200 },
];

/** SplitMix32: uniform integers in [0, below). */
function generator(state) {
  const bits = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return (below) => {
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const drawn = bits();
      if (drawn < limit) return drawn % below;
    }
  };
}

function shuffle(values, integer) {
  for (let i = values.length - 1; i > 0; i--) {
    const j = integer(i + 1);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

/** The bytes of an IDX file after its header, which must be exactly as expected. */
function readIdx(path, magic, shape) {
  const bytes = gunzipSync(readFileSync(path));
  const count = bytes.readUInt32BE(4);
  const found = shape.map((_, axis) => bytes.readUInt32BE(8 + 4 * axis));
  const header = 8 + 4 * shape.length;
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.readUInt32BE(0) !== magic || `${found}` !== `${shape}` || bytes.length !== header + count * size) {
    throw new Error(`${path} is not the official file: magic ${bytes.readUInt32BE(0)}, ${bytes.length} bytes`);
  }
  return bytes.subarray(header);
}

function writeIdx(path, magic, count, shape, body) {
  const header = Buffer.alloc(8 + 4 * shape.length);
  [magic, count, ...shape].forEach((value, i) => {
    header.writeUInt32BE(value, 4 * i);
  });
  const bytes = Buffer.concat([header, body]);
  const zipped = gzipSync(bytes, { level: 9 });
  zipped.writeUInt32LE(0, 4); // no time stamp
  zipped[9] = 255; // nor the operating system, so that every machine writes the same header
  writeFileSync(path, zipped);
  console.log(`${createHash('sha256').update(bytes).digest('hex')}  ${path}  ${zipped.length} bytes`);
}

const input = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const output = process.argv[3] ?? fileURLToPath(new URL('../data/fashion-mnist', import.meta.url));
mkdirSync(output, { recursive: true });

const integer = generator(seed);
const size = side * side;
const sources = Object.fromEntries(
  ['train', 't10k'].map((source) => {
    const pictures = readIdx(join(input, `${source}-images-idx3-ubyte.gz`), 0x803, [side, side]);
    const labels = readIdx(join(input, `${source}-labels-idx1-ubyte.gz`), 0x801, []);
    const queues = Array.from({ length: classes }, () => []);
    labels.forEach((label, position) => {
      queues[label].push(position);
    });
    for (const queue of queues) shuffle(queue, integer);
    return [source, { pictures, labels, queues }];
  }),
);

for (const { name, source, perClass } of parts) {
  const { pictures, labels, queues } = sources[source];
  // Taken off the queues: what one part has, no other part gets.
  const chosen = shuffle(
    queues.flatMap((queue) => queue.splice(0, perClass)),
    integer,
  );
  const pixels = Buffer.concat(chosen.map((i) => pictures.subarray(i * size, (i + 1) * size)));
  const classOf = Buffer.from(chosen.map((i) => labels[i]));
  writeIdx(join(output, `${name}-images-idx3-ubyte.gz`), 0x803, chosen.length, [side, side], pixels);
  writeIdx(join(output, `${name}-labels-idx1-ubyte.gz`), 0x801, chosen.length, [], classOf);
}
