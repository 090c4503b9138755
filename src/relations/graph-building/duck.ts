import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  INTEGER,
} from '@duckdb/node-api';
import { KindredError } from '../../core/error.ts';

/** What is being done, and what share of it is done, from 0 to 1, where that is known. */
export interface Progress {
  readonly stage: string;
  readonly share: number | undefined;
}

interface Limits {
  /** Megabytes that DuckDB may hold; more goes to the disk. */
  readonly memory: number;
  readonly threads: number;
  /** Where the folder for what does not fit into memory is made. */
  readonly temporary: string | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** DuckDB in this process, within limits. What does not fit into memory lies in a folder that `close` removes. */
export class Duck {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  readonly #limits: Limits;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, folder: string, limits: Limits) {
    this.#instance = instance;
    this.#connection = connection;
    this.#folder = folder;
    this.#limits = limits;
  }

  static async open(limits: Limits): Promise<Duck> {
    const parent = limits.temporary ?? tmpdir();
    let folder: string;
    try {
      folder = mkdtempSync(join(parent, 'kindred-graph-'));
    } catch (cause) {
      throw new KindredError({
        rule: 'What does not fit into memory is put into a temporary folder',
        received: `nothing can be written to ${parent}`,
        next: 'Name another folder as temporary',
        cause,
      });
    }
    try {
      const instance = await DuckDBInstance.create(':memory:', {
        memory_limit: `${limits.memory}MB`,
        threads: `${limits.threads}`,
        temp_directory: folder,
        preserve_insertion_order: 'false',
        // Nothing is fetched from the network.
        autoinstall_known_extensions: 'false',
      });
      const connection = await instance.connect();
      // Dates without a zone mean the same everywhere.
      await connection.run("SET TimeZone = 'UTC'");
      // It keeps the best of each item in lists, which cannot go to the disk.
      await connection.run("SET disabled_optimizers = 'top_n_window_elimination'");
      if (limits.onProgress) await connection.run('SET enable_progress_bar = true');
      if (limits.onProgress) await connection.run('SET enable_progress_bar_print = false');
      return new Duck(instance, connection, folder, limits);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw readable(error, limits);
    }
  }

  /** Runs one statement, telling how far it is. */
  async run(stage: string, sql: string): Promise<void> {
    const { onProgress } = this.#limits;
    onProgress?.({ stage, share: undefined });
    const timer =
      onProgress &&
      setInterval(() => {
        const { percentage } = this.#connection.progress;
        onProgress({ stage, share: percentage < 0 ? undefined : percentage / 100 });
      }, 500);
    try {
      await this.#connection.run(sql);
    } catch (error) {
      throw readable(error, this.#limits);
    } finally {
      clearInterval(timer);
    }
  }

  /** The rows of a small answer; big integers as numbers. */
  async rows(sql: string): Promise<Record<string, string | number | null>[]> {
    try {
      const reader = await this.#connection.runAndReadAll(sql);
      return reader.getRowObjects().map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => {
            return [name, typeof value === 'bigint' ? Number(value) : (value as string | number | null)];
          }),
        ),
      );
    } catch (error) {
      throw readable(error, this.#limits);
    }
  }

  /** The one number that is asked for. */
  async total(sql: string): Promise<number> {
    return Number((await this.rows(sql))[0].total);
  }

  /** A large answer, piece by piece: `take` gets the first row's place and the columns. */
  async stream(sql: string, take: (start: number, columns: readonly DuckDBValue[][]) => void): Promise<void> {
    try {
      const result = await this.#connection.stream(sql);
      let start = 0;
      for await (const chunk of result) {
        take(start, chunk.getColumns());
        start += chunk.rowCount;
      }
    } catch (error) {
      throw readable(error, this.#limits);
    }
  }

  /** Rows at the end of a table: a column of INTEGER for each array of whole numbers, of DOUBLE for each other. */
  async append(table: string, columns: readonly (Int32Array | Float64Array)[]): Promise<void> {
    const types = columns.map((column) => (column instanceof Int32Array ? INTEGER : DOUBLE));
    try {
      const appender = await this.#connection.createAppender(table);
      for (let start = 0; start < columns[0].length; start += CHUNK) {
        const parts = columns.map((column) => Array.from(column.subarray(start, start + CHUNK)));
        const chunk = DuckDBDataChunk.create(types, parts[0].length);
        chunk.setColumns(parts);
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    } catch (error) {
      throw readable(error, this.#limits);
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Rows that DuckDB takes at a time. */
const CHUNK = 2048;

/** Puts an error of DuckDB into words; passes others on. */
function readable(error: unknown, { memory, temporary }: Limits): unknown {
  if (error instanceof KindredError || !(error instanceof Error)) return error;
  const received = error.message.split('\n')[0].replace(/^[A-Z][\w -]*? Error: /, '');
  if (/^Out of Memory Error/.test(error.message) && !/temp_directory/.test(error.message)) {
    return new KindredError({
      rule: `The graph is built with at most ${memory} MB`,
      received,
      next: 'Give it more memory, or fewer threads',
      cause: error,
    });
  }
  if (/No space left|max_temp_directory_size|temp_directory/.test(error.message)) {
    return new KindredError({
      rule: 'What does not fit into memory is put into a temporary folder',
      received: `${temporary ?? tmpdir()}: ${received}`,
      next: 'Make room there, or name another folder as temporary',
      cause: error,
    });
  }
  return new KindredError({
    rule: 'A log can be read from beginning to end',
    received: received.replace(/\.$/, ''),
    next: 'The file is damaged, or of another format than its name says: name the format, or make the file anew',
    cause: error,
  });
}
