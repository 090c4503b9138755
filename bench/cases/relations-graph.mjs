// A graph from a log: 20 million events of 500,000 users and 100,000 items by Zipf's law (a CSV file of 460 MB) to the 50
// best neighbours of each item over sessions, with DuckDB held to 256 MB; and the same with three rounds of affinity clustering behind it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { affinity } from 'kindred/relations/clustering/affinity';
import { graphFromLog } from 'kindred/relations/cooccurrence';

const EVENTS = 20_000_000;
const USERS = 500_000;

/** Written by a process of its own, so that its memory does not count. */
const write = `
const { DuckDBInstance } = require('@duckdb/node-api');
DuckDBInstance.create(':memory:', { memory_limit: '1GB', threads: '2' }).then(async (instance) => {
  const connection = await instance.connect();
  await connection.run(\`COPY (
    SELECT 'u' || u AS "user", 'i' || CAST(floor(pow(100000, (hash(i * 7 + 1) % 1000003) / 1000003.0)) AS INTEGER) AS item,
      1700000000 + hash(u * 64 + hash(i * 3 + 2) % 8) % 2592000 + hash(i * 5 + 3) % 1800 AS time
    FROM (SELECT i, hash(i) % ${USERS} AS u FROM range(${EVENTS}) AS t(i))) TO '\${process.argv[1]}' (FORMAT CSV)\`);
});
`;

/** Writes the log; gives the step that makes a graph of it. */
function graphOfLog() {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const files = join(folder, 'log.csv');
  execFileSync(process.execPath, ['-e', write, files], { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
  return async () => {
    const { events, users, relations } = await graphFromLog({
      files,
      link: { by: 'session', gap: 1800 },
      weight: 'cosine',
      minimum: 2,
      neighbours: 50,
      memory: 256,
      threads: 2,
    });
    if (events !== EVENTS || users !== USERS) throw new Error(`read ${events} events of ${users} users`);
    return relations;
  };
}

export const cases = {
  'relations/graph/20m': () => ({ step: graphOfLog(), warmUp: 0, runs: 1 }),
  'graph/affinity/20m-events': () => {
    const made = graphOfLog();
    const found = {};
    return {
      step: async () => {
        const start = performance.now();
        const relations = await made();
        found.graphSeconds = Math.round((performance.now() - start) / 1000);
        const { levels } = await affinity(relations, { memory: 256, threads: 2 });
        found.items = relations.items;
        found.links = relations.from.length;
        found.clusters = levels.map((level) => 1 + level.reduce((a, b) => Math.max(a, b), -1));
      },
      warmUp: 0,
      runs: 1,
      extra: (median) => ({ seconds: Math.round(median / 1000), ...found }),
    };
  },
};
