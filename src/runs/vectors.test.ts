import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from 'vitest';
import { KindredError } from '../core/error.ts';
import { matrix, row } from '../core/matrix.ts';
import { Random } from '../core/random.ts';
import { writeVectors } from './vectors.ts';

const folder = mkdtempSync(join(tmpdir(), "vectors-it's-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function select(query: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(query);
  return { rows: result.getRowObjectsJS() };
}
const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;

// More rows than one chunk, values of every size, and ids that need quoting.
const random = Random.seeded(3);
const count = 5000;
const embeddings = matrix(
  count,
  7,
  Float32Array.from({ length: count * 7 }, () => random.normal() * 10 ** (random.integer(60) - 30)),
);
embeddings.data.set([0, -0, 1e-45, 3.4028234663852886e38, 0.1, -1, 16777217]);
const ids = Array.from({ length: count }, (_, i) => `shop's "no ${i}", é/写真.jpg`);
const labels = Array.from({ length: count }, (_, i) => (i % 2 ? 'boot' : ''));

test.each(['parquet', 'jsonl', 'PARQUET'])('vectors read back as the same float32 from .%s', async (extension) => {
  const path = join(folder, `vectors.${extension}`);
  await writeVectors(path, { ids, embeddings, labels });
  const { rows } = await select(`SELECT id, vector::FLOAT[] AS vector, label FROM ${quoted(path)}`);
  expect(rows).toHaveLength(count);
  expect(rows.map((item) => item.id)).toEqual(ids);
  expect(rows.map((item) => item.label)).toEqual(labels);
  const wrong = rows.findIndex((item, i) =>
    row(embeddings, i).some((value, d) => (item.vector as number[])[d] !== value && value !== 0),
  );
  expect(wrong).toBe(-1);
  expect(rows.every((item) => (item.vector as number[]).length === 7)).toBe(true);
});

test('columns and types of a parquet file, with and without labels', async () => {
  const path = join(folder, 'types.parquet');
  const options = { ids: ['a', 'b'], embeddings: matrix(2, 2, Float32Array.of(1, 2, 3, 4)) };
  const described = () => select(`SELECT column_name, column_type FROM (DESCRIBE FROM ${quoted(path)})`);
  await writeVectors(path, options);
  expect((await described()).rows.map(Object.values)).toEqual([
    ['id', 'VARCHAR'],
    ['vector', 'FLOAT[]'],
  ]);
  await writeVectors(path, { ...options, labels: ['x', 'y'] });
  expect((await described()).rows.map(Object.values)).toEqual([
    ['id', 'VARCHAR'],
    ['vector', 'FLOAT[]'],
    ['label', 'VARCHAR'],
  ]);
});

test('a line of a jsonl file', async () => {
  const path = join(folder, 'lines.jsonl');
  await writeVectors(path, { ids: ['a.jpg', 'b'], embeddings: matrix(2, 2, Float32Array.of(0.25, -0.5, 3, 4)) });
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { id: 'a.jpg', vector: [0.25, -0.5] },
    { id: 'b', vector: [3, 4] },
  ]);
});

test('no items give a file without rows', async () => {
  const path = join(folder, 'empty.parquet');
  await writeVectors(path, { ids: [], embeddings: matrix(0, 3) });
  expect((await select(`SELECT count(*)::INTEGER AS n FROM ${quoted(path)}`)).rows).toEqual([{ n: 0 }]);
});

test('what cannot be written is refused, and an old file is kept', async () => {
  const path = join(folder, 'kept.parquet');
  writeFileSync(path, 'old');
  const one = matrix(1, 2, Float32Array.of(1, 2));
  const refused = (at: string, options: Parameters<typeof writeVectors>[1]) => {
    const attempt = writeVectors(join(folder, at), options);
    return expect(attempt).rejects;
  };
  await refused('a.csv', { ids: ['a'], embeddings: one }).toThrow(/written as \.parquet or \.jsonl: .*a\.csv/);
  await refused('none', { ids: ['a'], embeddings: one }).toThrow(KindredError);
  await refused('kept.parquet', { ids: [], embeddings: one }).toThrow('1 vectors and 0 ids.');
  await refused('kept.parquet', { ids: ['a'], labels: ['x', 'y'], embeddings: one }).toThrow('1 vectors and 2 labels.');
  await refused('kept.parquet', { ids: ['a'], embeddings: matrix(1, 0) }).toThrow('dimension 0.');
  await refused('kept.parquet', { ids: ['a'], embeddings: matrix(1, 2, Float32Array.of(1, NaN)) }).toThrow(
    "NaN in the vector of 'a'.",
  );
  await refused('missing/a.parquet', { ids: ['a'], embeddings: one }).toThrow(KindredError);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder).filter((name) => name.includes('kept'))).toEqual(['kept.parquet']);
});
