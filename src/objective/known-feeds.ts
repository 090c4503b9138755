import type { Value } from '../onnx/program.ts';
import type { Known, Ranked } from '../relations/known.ts';
import { groupFeeds, groupLists } from './comparison.ts';
import type { KnownForm } from './known.ts';

/** The values of the inputs of `comparisonOf`, for one batch of `size` items. */
export function knownFeeds(known: Known, form: KnownForm, size: number): Record<string, Value> {
  if (known.kind === 'labels') return { ...groupFeeds(known.labels, form.places), ...besideFeeds(known, 0, 0) };
  if (known.ranked !== undefined) return listFeeds(known.ranked, size);
  const { positions: _, ...feeds } = tileFeeds(known, form, 0, size, size);
  return feeds;
}

/** The values of the inputs of `tileComparison` for the anchors `from` to `to - 1`, against `all` candidates. */
export function tileFeeds(known: Known, form: KnownForm, from: number, to: number, all: number): Record<string, Value> {
  const size = to - from;
  const shape = [size, form.places];
  const positions = { shape: [size], data: BigInt64Array.from({ length: size }, (_, i) => BigInt(from + i)) };
  const positives = new BigInt64Array(size * form.places);
  const filled = new Uint8Array(size * form.places);
  const common = {
    positions,
    positives: { shape, data: positives },
    filled: { shape, data: filled, type: 'bool' as const },
    ...besideFeeds(known, from, to),
  };
  const put = (row: number, place: number, position: number) => {
    positives[row * form.places + place] = BigInt(position);
    filled[row * form.places + place] = 1;
  };
  if (known.kind === 'labels') {
    const lists = groupLists(known.labels);
    for (let row = 0; row < size; row++) {
      let place = 0;
      for (const other of lists.get(known.labels[from + row]) as number[]) {
        if (other !== from + row) put(row, place++, other);
      }
    }
    const labels = BigInt64Array.from(known.labels, BigInt);
    return {
      ...common,
      labels: { shape: [all], data: labels },
      'anchor-labels': { shape: [size], data: labels.subarray(from, to) },
    };
  }
  if (known.kind === 'lists') {
    const same = new Uint8Array(size * all);
    const different = new Uint8Array(size * all);
    for (let row = 0; row < size; row++) {
      const [start, end] = [known.same.offsets[from + row], known.same.offsets[from + row + 1]];
      for (let k = start; k < end; k++) {
        put(row, k - start, known.same.positions[k]);
        same[row * all + known.same.positions[k]] = 1;
      }
      if (known.different === 'others') {
        for (let j = 0; j < all; j++) {
          different[row * all + j] = Number(known.items[j] !== known.items[from + row] && same[row * all + j] === 0);
        }
      } else {
        const { offsets, positions } = known.different;
        for (let k = offsets[from + row]; k < offsets[from + row + 1]; k++) different[row * all + positions[k]] = 1;
      }
    }
    const mask = (data: Uint8Array): Value => ({ shape: [size, all], data, type: 'bool' });
    return {
      ...{ ...common, 'same-pairs': mask(same), 'different-pairs': mask(different) },
      ...(form.assigned && { assigned: { shape, data: assignedPlaces(known, form, from, to) } }),
    };
  }
  const negatives = new BigInt64Array(size * form.places);
  const weights = new Float32Array(size * form.places);
  const used = new Int32Array(size);
  known.anchor.forEach((anchor, i) => {
    const row = anchor - from;
    if (row < 0 || row >= size) return;
    const place = used[row]++;
    put(row, place, known.closer[i]);
    negatives[row * form.places + place] = BigInt(known.farther[i]);
    weights[row * form.places + place] = known.weight?.[i] ?? 1;
  });
  return {
    ...common,
    negatives: { shape, data: negatives },
    ...(form.weighted && { weights: { shape, data: weights } }),
  };
}

/**
 * Where the assigned negatives stand, at the places of their positives. Of copies of an item it is the first, as with what miners choose.
 */
function assignedPlaces(known: Known, { places }: KnownForm, from: number, to: number): BigInt64Array {
  const found = new BigInt64Array((to - from) * places).fill(-1n);
  if (known.kind !== 'lists' || known.assigned === undefined) return found;
  const { same, items, assigned } = known;
  const first = new Map<number, number>();
  items.forEach((item, position) => {
    if (!first.has(item)) first.set(item, position);
  });
  assigned.anchor.forEach((anchor, i) => {
    if (anchor < from || anchor >= to) return;
    const [start, end] = [same.offsets[anchor], same.offsets[anchor + 1]];
    const place = same.positions.subarray(start, end).indexOf(assigned.positive[i]);
    const negative = first.get(items[assigned.negative[i]]);
    if (place >= 0 && negative !== undefined) found[(anchor - from) * places + place] = BigInt(negative);
  });
  return found;
}

/** What is known of lists. */
function listFeeds({ room, filled, grades, preferred, weights }: Ranked, size: number): Record<string, Value> {
  const shape = [size / room, room];
  const above = new Float32Array(grades === undefined ? size * room : 0);
  preferred?.winner.forEach((winner, i) => {
    above[winner * room + (preferred.loser[i] % room)] += preferred.weight?.[i] ?? 1;
  });
  return {
    'list-filled': { shape, data: filled, type: 'bool' },
    ...(grades
      ? { 'list-grades': { shape, data: grades } }
      : { 'list-above': { shape: [...shape, room], data: above } }),
    ...(weights && { 'list-weights': { shape, data: weights } }),
  };
}

/** The vectors of all positions, and of the anchors `from` to `to - 1`. */
const besideFeeds = ({ beside = {} }: Known, from: number, to: number): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(beside).flatMap(([name, { rows, columns, data }]) => [
      [`beside:${name}`, { shape: [rows, columns], data }],
      [`beside-anchors:${name}`, { shape: [to - from, columns], data: data.subarray(from * columns, to * columns) }],
    ]),
  );
