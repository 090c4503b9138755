import { extname } from 'node:path';
import { ARRAY, arrayValue, DuckDBDataChunk, DuckDBInstance, FLOAT, VARCHAR } from '@duckdb/node-api';
import { must } from '../core/error.ts';
import { replaceFile } from '../core/files.ts';
import { type Matrix, row } from '../core/matrix.ts';

/** How DuckDB calls what each extension stands for. */
const formats: Readonly<Record<string, string>> = { '.parquet': 'PARQUET', '.jsonl': 'JSON' };

/** What DuckDB calls the format of a file, by its extension; refuses others, before any work is done for them. */
export function vectorFormat(path: string): string {
  const format = formats[extname(path).toLowerCase()];
  must(format !== undefined, () => ({
    rule: `Vectors are written as ${Object.keys(formats).join(' or ')}`,
    received: path,
    next: 'Give the file one of these extensions',
    exitCode: 2,
  }));
  return format;
}

/** The most rows that a DuckDB data chunk takes. */
const chunkRows = 2048;

/**
 * Writes embeddings to a file that other programs read, whole or not at all. One row an item, in order: `id`, `vector`
 * (float32, `embeddings.columns` of them) and, where labels are given, `label`. The extension chooses the format:
 *
 * - `.parquet`: columns `id` VARCHAR, `vector` FLOAT[], `label` VARCHAR. The smallest and fastest.
 * - `.jsonl`: a line `{"id":"a.jpg","vector":[0.25,-0.5],"label":"boot"}` an item; numbers read back as the same float32.
 *
 * CSV has no lists, so it is refused.
 *
 * @throws KindredError for another extension, values that are not finite, ids or labels that are too few or too many,
 * and a file that cannot be written.
 */
export async function writeVectors(
  path: string,
  { ids, embeddings, labels }: { ids: readonly string[]; embeddings: Matrix; labels?: readonly string[] },
): Promise<void> {
  const { rows, columns, data } = embeddings;
  const format = vectorFormat(path);
  for (const [what, names] of Object.entries({ ids, labels })) {
    must(names === undefined || names.length === rows, () => ({
      rule: 'Every vector has one id, and one label if there are labels',
      received: `${rows} vectors and ${names?.length} ${what}`,
      next: 'Give one for each row',
    }));
  }
  must(columns >= 1, () => ({
    rule: 'A vector has at least one value',
    received: `vectors of dimension ${columns}`,
    next: 'Give the encoder a dimension of 1 or more',
  }));
  const broken = data.findIndex((value) => !Number.isFinite(value));
  must(broken === -1, () => ({
    rule: 'The values of a vector are finite',
    received: `${data[broken]} in the vector of '${ids[Math.floor(broken / columns)]}'`,
    next: 'Training has probably diverged: lower the learning rate',
  }));

  await replaceFile(path, async (temporary) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      const label = labels ? ', label VARCHAR' : '';
      await connection.run(`CREATE TABLE vectors (id VARCHAR, vector FLOAT[${columns}]${label})`);
      const types = [VARCHAR, ARRAY(FLOAT, columns), ...(labels ? [VARCHAR] : [])];
      const appender = await connection.createAppender('vectors');
      for (let start = 0; start < rows; start += chunkRows) {
        const end = Math.min(start + chunkRows, rows);
        const vectors = Array.from({ length: end - start }, (_, i) =>
          arrayValue(Array.from(row(embeddings, start + i))),
        );
        const chunk = DuckDBDataChunk.create(types, end - start);
        chunk.setColumns([ids.slice(start, end), vectors, ...(labels ? [labels.slice(start, end)] : [])]);
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      const quoted = `'${temporary.replaceAll("'", "''")}'`;
      await connection.run(`COPY vectors TO ${quoted} (FORMAT ${format}, USE_TMP_FILE false)`);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}
