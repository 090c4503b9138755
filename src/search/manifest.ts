import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KindredError } from '../core/error.ts';
import { metrics } from '../core/metric.ts';

const fileSchema = z.object({
  name: z.string().regex(/^[\w-]+\.\w+$/),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
});

const manifestSchema = z.object({
  format: z.literal('kindred-index'),
  version: z.literal(1),
  metric: z.enum(metrics),
  size: z.int().nonnegative(),
  dimension: z.int().positive(),
  files: z.object({ vectors: fileSchema, graph: fileSchema, items: fileSchema }),
});

/** A data file of a saved index, as it was when it was saved. */
export type SavedFile = z.infer<typeof fileSchema>;

/** `index.json` of a saved index: what it holds, and in which files. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestName = 'index.json';

/** Reads and checks `index.json`. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw damaged(`${path} cannot be read`, cause);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw damaged(`${path} is not JSON`, cause);
  }
  const parsed = manifestSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { path: key, message } = parsed.error.issues[0];
  throw damaged(`${path} does not describe an index of version 1: ${key.join('.')}: ${message}`);
}

/** The size and the hash of a file that was just written. */
export async function describeFile(folder: string, name: string): Promise<SavedFile> {
  const path = join(folder, name);
  const { size } = await stat(path);
  return { name, bytes: size, sha256: await hash(path) };
}

/**
 * Checks that a file holds the bytes that were saved, and returns its path. The native library that maps a graph
 * crashes on a damaged one, so that every byte is read: about 1 s a gigabyte, and then the file is in memory anyway.
 *
 * @param into - Where to copy the bytes to, if anywhere.
 */
export async function checkFile(folder: string, file: SavedFile, into?: Uint8Array): Promise<string> {
  const path = join(folder, file.name);
  let found: string;
  try {
    const { size } = await stat(path);
    if (size !== file.bytes) throw damaged(`${path} has ${size} bytes, and ${file.bytes} were saved`);
    found = await hash(path, into);
  } catch (cause) {
    throw cause instanceof KindredError ? cause : damaged(`${path} cannot be read`, cause);
  }
  if (found !== file.sha256) throw damaged(`${path} has changed since it was saved`);
  return path;
}

/** The bytes of a file, checked. */
export async function readChecked(folder: string, file: SavedFile): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file.bytes);
  await checkFile(folder, file, bytes);
  return bytes;
}

/** The SHA-256 of a file, whose bytes are copied into `into` where it is given. */
async function hash(path: string, into?: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256');
  let at = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    into?.set(chunk, at);
    at += chunk.length;
  }
  return sha256.digest('hex');
}

/** The error for a saved index that cannot be used. */
export function damaged(received: string, cause?: unknown): KindredError {
  return new KindredError({
    rule: 'An index is opened from the files that were saved, all of them and unchanged',
    received,
    next: 'Check the path, or build the index again',
    cause,
  });
}
