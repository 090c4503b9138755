import type { Random } from '../core/random.ts';

/**
 * A share of labelled items, with the same share of each class: `round(share n)` of the n of a class, and one at least. The smaller of two
 * shares, drawn by the same random numbers, is part of the larger.
 *
 * @returns rows, rising
 */
export function labelShare(labels: Int32Array, share: number, random: Random): Int32Array {
  const rows = new Map<number, number[]>();
  for (const [row, label] of labels.entries()) {
    const own = rows.get(label);
    if (own === undefined) rows.set(label, [row]);
    else own.push(row);
  }
  const taken = [...rows].flatMap(([label, own]) =>
    random
      .split(label)
      .shuffle(own)
      .slice(0, Math.max(1, Math.round(share * own.length))),
  );
  return Int32Array.from(taken).sort();
}
