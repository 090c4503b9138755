import { constants } from 'node:buffer';
import { must } from '../../core/error.ts';
import { type Matrix, matrix, row } from '../../core/matrix.ts';
import { keyOf, NoFeatures, nameOf, stateOf } from './content.ts';
import type { FeatureItem } from './item.ts';
import { type Features, type Naming, packed, stacked } from './packed.ts';
import type { FeatureStore } from './store.ts';

/** How items become rows for a model, and rows vectors. */
export interface Extraction<Row> extends Naming {
  /** The rows of one item, ready or as they come. Throws `NoFeatures` with the reason where there are none. */
  open(item: FeatureItem): Promise<Iterable<Row> | AsyncIterable<Row>>;
  /** How many items are opened ahead of the model, so that decoding and computing overlap. */
  readonly ahead: number;
  /** How many rows go through the model at a time. */
  readonly batch: number;
  vectors(rows: readonly Row[]): Promise<Matrix>;
}

export interface ExtractOptions {
  /** Where vectors of earlier runs are, and new ones are put at once. */
  readonly store?: FeatureStore | undefined;
  /** An item without features is an error, not merely left out and listed. */
  readonly strict?: boolean | undefined;
  /** Called after each item. `left`: how many are still to be computed or looked up, `computed`: how many were computed. */
  readonly progress?: ((computed: number, left: number) => void) | undefined;
  /** Ends the work; its reason is thrown. What was computed is in the store. */
  readonly signal?: AbortSignal | undefined;
}

/** An item whose rows are on their way through the model. */
interface Pending {
  readonly position: number;
  readonly key: Buffer;
  /** Rows that the model has not given back. */
  waiting: number;
  /** Whether all its rows are known. */
  closed: boolean;
  failed: boolean;
  readonly sum: Float64Array[];
  readonly rows: Float32Array<ArrayBuffer>[];
  count: number;
}

/**
 * Computes the vectors of items, those that the store does not have, and gives all of them in the order of the items.
 *
 * A vector belongs to the SHA-256 of an item's content, so that the same content is computed once whatever it is called. Items
 * are opened a few at a time and their rows go through the model in whole batches, across items; memory is that of these, and
 * of the result. Each vector is in the store as soon as the model has given it.
 *
 * An item is left out and listed when it cannot be read, changes while it is read, or gets values that are not finite.
 *
 * Throws a `KindredError` for the first such item with `strict`, where no item is left, and for more values than an array holds.
 */
export async function extractFeatures<Row>(
  items: readonly FeatureItem[],
  work: Extraction<Row>,
  { store, strict = false, progress, signal }: ExtractOptions,
): Promise<Features> {
  const results: (Matrix | undefined)[] = new Array(items.length);
  const reasons = new Map<number, string>();
  /** The first item of each content that the store does not have, and the others by their position. */
  const first = new Map<string, number>();
  const same: [number, number][] = [];
  let computed = 0;
  let done = 0;
  let batch: { row: Row; item: Pending }[] = [];
  const counted = () => progress?.(computed, items.length - ++done);
  const fail = (position: number, reason: string) => {
    const where = nameOf(items[position]);
    must(!strict, () => ({
      rule: 'With strict, every item has to be good',
      received: `${where} ${reason}`,
      next: 'Repair or remove it, or run without --strict: it is then left out and listed',
    }));
    reasons.set(position, reason);
    counted();
  };
  const keep = (position: number, vectors: Matrix) => {
    const values = vectors.columns * items.length;
    must(!work.average || 4 * values <= constants.MAX_LENGTH, () => ({
      rule: `All vectors are held in one array, of at most ${constants.MAX_LENGTH} bytes`,
      received: `${items.length} items of ${vectors.columns} values`,
      next: 'Do the items in parts, or take a smaller output, for example with --pool mean',
    }));
    results[position] = vectors;
  };
  const finish = (item: Pending): { key: Buffer; vectors: Matrix }[] => {
    const { position, key, failed } = item;
    if (failed) return [];
    if (item.count === 0) {
      fail(position, 'gives nothing for the model');
      return [];
    }
    const vectors = vectorsOf(item);
    if (!vectors.data.every(Number.isFinite)) {
      fail(position, 'gets values from the model that are not finite');
      return [];
    }
    keep(position, vectors);
    computed++;
    counted();
    return [{ key, vectors }];
  };
  const run = async () => {
    if (batch.length === 0) return;
    const rows = batch;
    batch = [];
    const vectors = await work.vectors(rows.map(({ row }) => row));
    const finished: { key: Buffer; vectors: Matrix }[] = [];
    for (const [i, { item }] of rows.entries()) {
      item.waiting--;
      take(item, row(vectors, i), work.average);
      if (item.closed && item.waiting === 0) finished.push(...finish(item));
    }
    store?.add(finished);
  };
  // Items are read side by side, but the first of several with one content is the first in order.
  let turns: Promise<void> = Promise.resolve();
  const ready = async (position: number): Promise<() => Promise<void>> => {
    const item = items[position];
    const turn = turns;
    let pass = () => {};
    turns = new Promise((resolve) => {
      pass = resolve;
    });
    try {
      const before = await stateOf(item);
      const key = await keyOf(item);
      await turn;
      const known = store?.get(key);
      if (known !== undefined) {
        return async () => {
          keep(position, known);
          counted();
        };
      }
      const name = key.toString('latin1');
      const other = first.get(name);
      if (other !== undefined) {
        return async () => {
          same.push([position, other]);
          counted();
        };
      }
      first.set(name, position);
      pass();
      const rows = await work.open(item);
      return () =>
        pour({ position, key, waiting: 0, closed: false, failed: false, sum: [], rows: [], count: 0 }, rows, before);
    } catch (error) {
      if (error instanceof NoFeatures) return async () => fail(position, error.message);
      // Thrown when its turn comes, not while nobody waits for it.
      return () => Promise.reject(error);
    } finally {
      turn.then(pass);
    }
  };
  const pour = async (item: Pending, rows: Iterable<Row> | AsyncIterable<Row>, before: string) => {
    try {
      for await (const row of rows) {
        item.waiting++;
        item.count++;
        batch.push({ row, item });
        if (batch.length === work.batch) {
          signal?.throwIfAborted();
          await run();
        }
      }
      if ((await stateOf(items[item.position])) !== before) throw new NoFeatures('changed while it was read');
    } catch (error) {
      if (!(error instanceof NoFeatures)) throw error;
      item.failed = true;
      fail(item.position, error.message);
    }
    item.closed = true;
    if (item.waiting > 0) return;
    const finished = finish(item);
    store?.add(finished);
  };

  const queue: Promise<() => Promise<void>>[] = [];
  for (let next = 0; next < items.length || queue.length > 0; ) {
    while (next < items.length && queue.length < work.ahead) queue.push(ready(next++));
    signal?.throwIfAborted();
    await (await (queue.shift() as Promise<() => Promise<void>>))();
  }
  await run();
  for (const [position, other] of same) {
    const reason = reasons.get(other);
    if (reason === undefined) results[position] = results[other];
    else reasons.set(position, reason);
  }
  return packed(items, results, reasons, work, computed);
}

function take(item: Pending, vector: Float32Array, average: boolean): void {
  if (!average) {
    item.rows.push(Float32Array.from(vector));
    return;
  }
  item.sum[0] ??= new Float64Array(vector.length);
  const [sum] = item.sum;
  for (let c = 0; c < vector.length; c++) sum[c] += vector[c];
}

function vectorsOf({ sum: [sum], rows, count }: Pending): Matrix {
  if (sum !== undefined)
    return matrix(
      1,
      sum.length,
      Float32Array.from(sum, (value) => value / count),
    );
  return stacked(rows.map((values) => matrix(1, values.length, values)));
}
