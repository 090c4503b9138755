import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from 'vitest';
import { graphFromLog } from './cooccurrence.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 40 events a user in some 8 sessions, items by Zipf's law; written in little memory. */
async function writeLog(path: string, events: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '200MB', threads: '2' });
  const connection = await instance.connect();
  await connection.run(`COPY (
    SELECT 'u' || u AS "user", 'i' || CAST(floor(pow(100000, (hash(i * 7 + 1) % 1000003) / 1000003.0)) AS INTEGER) AS item,
      1700000000 + hash(u * 64 + hash(i * 3 + 2) % 8) % 2592000 + hash(i * 5 + 3) % 1800 AS time
    FROM (SELECT i, hash(i) % ${events / 40} AS u FROM range(${events}) AS t(i))) TO '${path}' (FORMAT CSV)`);
  connection.closeSync();
  instance.closeSync();
}

/** Builds the graph, and says how many megabytes this process grew by and how many lay on the disk, at most. */
async function measured(files: string, memory: number) {
  const temporary = join(folder, `${memory}`);
  mkdirSync(temporary);
  const before = process.memoryUsage.rss();
  let [grown, spilled] = [0, 0];
  const watch = setInterval(() => {
    grown = Math.max(grown, process.memoryUsage.rss() - before);
    let bytes = 0;
    for (const path of readdirSync(temporary, { recursive: true, encoding: 'utf8' })) {
      const status = statSync(join(temporary, path), { throwIfNoEntry: false });
      if (status?.isFile()) bytes += status.size;
    }
    spilled = Math.max(spilled, bytes);
  }, 20);
  try {
    const graph = await graphFromLog({
      files,
      link: { by: 'session', gap: 1800 },
      weight: 'cosine',
      minimum: 2,
      neighbours: 50,
      memory,
      threads: 2,
      temporary,
    });
    return { graph, grown: grown / 2 ** 20, spilled: spilled / 2 ** 20, left: readdirSync(temporary) };
  } finally {
    clearInterval(watch);
  }
}

test('a million events with 64 MB: the rest goes to the disk and is removed, and the graph is the same', async () => {
  const path = join(folder, 'million.csv');
  await writeLog(path, 1_000_000);
  const small = await measured(path, 64);
  expect(small.graph).toMatchObject({ events: 1_000_000, users: 25_000, skipped: { rows: 0 } });
  expect(small.spilled).toBeGreaterThan(10);
  expect(small.left).toEqual([]);
  // What DuckDB counts, and what node and the allocator add.
  expect(small.grown).toBeLessThan(64 + 192);
  const large = await measured(path, 1024);
  expect(large.spilled).toBe(0);
  const { relations, ...rest } = small.graph;
  const { relations: expected, ...others } = large.graph;
  expect(rest).toEqual(others);
  for (const column of ['from', 'to', 'weight'] as const) {
    expect(Buffer.compare(Buffer.from(relations[column]!.buffer), Buffer.from(expected[column]!.buffer))).toBe(0);
  }
});

// Of 20 million: npm run bench -- --only graph/affinity/20m-events
test('four million events with 128 MB', async () => {
  const path = join(folder, 'four.csv');
  await writeLog(path, 4_000_000);
  const { graph, grown, spilled, left } = await measured(path, 128);
  expect(graph).toMatchObject({ events: 4_000_000, users: 100_000, skipped: { rows: 0 } });
  expect(spilled).toBeGreaterThan(50);
  expect(grown).toBeLessThan(128 + 256);
  expect(left).toEqual([]);
});
