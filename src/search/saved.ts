import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Index as Graph } from 'usearch';
import { KindredError, must } from '../core/error.ts';
import { replaceFile, writeAtomically } from '../core/files.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import type { Metric } from '../core/metric.ts';
import { approximateNeighbours, buildGraph, emptyGraph } from './approximate.ts';
import { exactNeighbours } from './exact.ts';
import { type Index, mustBeIndexable, named } from './hits.ts';
import {
  checkFile,
  damaged,
  describeFile,
  type Manifest,
  manifestName,
  readChecked,
  readManifest,
} from './manifest.ts';

/** What is known of the items of a saved index, in order of position. */
export interface IndexedItems {
  readonly ids: readonly string[];
  /** One group per item, an index into `names`. */
  readonly labels?: readonly number[];
  /** The names of the groups. */
  readonly names?: readonly string[];
  /** What people call each item; `''` where nothing is known. */
  readonly called?: readonly string[];
}

export interface SavedIndex extends Index {
  /** Ids, and whatever else was saved. Read by the first call or the first search, then kept. */
  items(): Promise<IndexedItems>;
  /** The embeddings, in order of position. Read by the first call, then kept. */
  vectors(): Promise<Matrix>;
}

/**
 * Saves an index that {@link openIndex} opens. The folder is made where it is missing, and then holds
 *
 * - `vectors-*.f32`: the embeddings, float32 in little-endian order, row after row, nothing else;
 * - `graph-*.usearch`: the graph of near neighbours, whose keys are positions;
 * - `items-*.json`: `ids`, and `labels`, `names` and `called` where given;
 * - `index.json`: the metric, the sizes, and the names, lengths and SHA-256 of these files.
 *
 * `index.json` is replaced last, and names files of its own: whatever happens on the way, the folder holds the old
 * index or the new one, whole. The same input gives the same bytes.
 *
 * @param options.embeddings - `[items, dimension]`, finite.
 * @param options.ids - One per item, each of them once.
 * @param options.labels - The group of each item, an index into `names`; given with `names` or not at all.
 * @param options.called - What people call each item, for lists of them.
 * @throws KindredError when the input does not fit together, or when a file cannot be written.
 */
export async function saveIndex(
  folder: string,
  options: {
    embeddings: Matrix;
    ids: readonly string[];
    labels?: ArrayLike<number>;
    names?: readonly string[];
    called?: readonly string[];
    metric: Metric;
  },
): Promise<void> {
  const { embeddings, ids, metric, labels, names, called } = options;
  const { rows: size, columns: dimension, data } = embeddings;
  mustBeIndexable(embeddings, ids);
  mustBeLabelled(ids, labels, names);
  const kept: IndexedItems = {
    ids,
    ...(labels && { labels: Array.from(labels) }),
    ...(names && { names }),
    ...(called && { called }),
  };
  const items = Buffer.from(JSON.stringify(kept));
  const vectors = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const graph = await buildGraph(embeddings, metric);

  // The graph follows from the vectors and the metric, so that one hash names all three files.
  const settings = JSON.stringify([metric, dimension]);
  const sha256 = createHash('sha256').update(settings).update(vectors).update(items);
  const stamp = sha256.digest('hex').slice(0, 12);
  const save = async (name: string, write: (path: string) => void) => {
    await replaceFile(join(folder, name), write);
    return describeFile(folder, name);
  };
  makeFolder(folder);
  const manifest: Manifest = {
    format: 'kindred-index',
    version: 1,
    metric,
    size,
    dimension,
    files: {
      vectors: await save(`vectors-${stamp}.f32`, (path) => writeFileSync(path, vectors)),
      graph: await save(`graph-${stamp}.usearch`, (path) => {
        graph.save(path);
        // usearch does not notice when its last bytes find no space on the disk. Reading them back does.
        view(path, metric, size, dimension);
      }),
      items: await save(`items-${stamp}.json`, (path) => writeFileSync(path, items)),
    },
  };
  writeAtomically(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  removeOthers(folder, manifest);
}

/**
 * Opens what {@link saveIndex} saved. The graph is mapped, not read into memory; ids are read when they are needed.
 *
 * @param options.exact - Compare with every item ({@link exactIndex}) instead of following the graph; reads all vectors.
 * @throws KindredError when a file is missing, truncated or changed.
 */
export async function openIndex(folder: string, { exact = false }: { exact?: boolean } = {}): Promise<SavedIndex> {
  const { metric, size, dimension, files } = await readManifest(folder);
  const items = once(async () => {
    const text = new TextDecoder().decode(await readChecked(folder, files.items));
    return JSON.parse(text) as IndexedItems;
  });
  const vectors = once(async () => {
    const bytes = await readChecked(folder, files.vectors);
    if (bytes.length !== size * dimension * 4) {
      throw damaged(`${size} items of dimension ${dimension} in ${bytes.length} bytes`);
    }
    return matrix(size, dimension, new Float32Array(bytes.buffer));
  });
  const all = once(async () => exactNeighbours(await vectors(), metric));
  const neighbours = exact
    ? await all()
    : approximateNeighbours(view(await checkFile(folder, files.graph), metric, size, dimension), metric, all);
  return { ...named(neighbours, async () => (await items()).ids), items, vectors };
}

/** Maps a graph whose bytes are known to be as usearch wrote them. */
function view(path: string, metric: Metric, size: number, dimension: number): Graph {
  const graph = emptyGraph(dimension, metric);
  try {
    graph.view(path);
  } catch (cause) {
    throw damaged(`usearch cannot map ${path}`, cause);
  }
  if (graph.size() !== size || graph.dimensions() !== dimension) {
    throw damaged(
      `${path} holds ${graph.size()} items of dimension ${graph.dimensions()}, not ${size} of dimension ${dimension}`,
    );
  }
  return graph;
}

/** Removes the data files of earlier indexes, and nothing else. */
function removeOthers(folder: string, manifest: Manifest): void {
  const current = new Set(Object.values(manifest.files).map((file) => file.name));
  for (const name of readdirSync(folder)) {
    const ours = /^(vectors-[0-9a-f]{12}\.f32|graph-[0-9a-f]{12}\.usearch|items-[0-9a-f]{12}\.json)$/.test(name);
    if (ours && !current.has(name)) rmSync(join(folder, name), { force: true });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new KindredError({
      rule: 'An index is saved in a folder',
      received: `${folder} cannot be made (${(cause as NodeJS.ErrnoException).code})`,
      next: 'Choose another place, or change the permissions',
      cause,
    });
  }
}

function mustBeLabelled(ids: readonly string[], labels?: ArrayLike<number>, names?: readonly string[]): void {
  const rule = 'Labels are given for every item, together with the names that they are indexes of';
  const next = 'Give both for every item, or neither';
  must((labels === undefined) === (names === undefined), () => ({
    rule,
    received: labels ? 'labels without names' : 'names without labels',
    next,
  }));
  if (!labels || !names) return;
  must(labels.length === ids.length, () => ({
    rule,
    received: `${ids.length} items and ${labels.length} labels`,
    next,
  }));
  const wrong = Array.from(labels).findIndex((label) => names[label] === undefined);
  must(wrong === -1, () => ({
    rule,
    received: `label ${labels[wrong]} for '${ids[wrong]}', and ${names.length} names`,
    next,
  }));
}

/** The first call's promise, for every call. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => {
    promise ??= work();
    return promise;
  };
}
