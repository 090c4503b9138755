import { KindredError } from '../core/error.ts';

/**
 * The size of one axis: a whole number, or the name of one that is only known when the graph runs (`'batch'`), or a product
 * of these as `productOf` writes it (`'4*batch'`: four heads for each item). Inputs carry plain names.
 */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** `[batch, 28, 28]`, as errors print it. */
export const show = (shape: Shape): string => `[${shape.join(', ')}]`;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** What a size is the product of: `'4*batch'` is 4 times `['batch']`. */
export function factorsOf(size: Dimension): { readonly count: number; readonly symbols: readonly string[] } {
  if (typeof size === 'number') return { count: size, symbols: [] };
  const parts = size.split('*');
  return /^\d+$/.test(parts[0]) ? { count: Number(parts[0]), symbols: parts.slice(1) } : { count: 1, symbols: parts };
}

/** The product of sizes as one size, the same for the same factors in any order. */
export function productOf(sizes: Shape): Dimension {
  const factors = sizes.map(factorsOf);
  const count = factors.reduce((product, factor) => product * factor.count, 1);
  const symbols = factors.flatMap((factor) => factor.symbols).sort();
  if (symbols.length === 0 || count === 0) return count;
  return (count === 1 ? symbols : [count, ...symbols]).join('*');
}

/** How many values a shape of whole numbers has; an error when an axis is a symbol. */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((product, size) => {
    if (typeof size === 'string') {
      throw new KindredError({
        rule: 'This needs a shape of whole numbers',
        received: show(shape),
        next: `Give "${size}" a size when the graph is built`,
      });
    }
    return product * size;
  }, 1);
}

/** Axis counted from the front; negative ones count from the back. An error names the op when it is out of range. */
export function axisOf(op: string, shape: Shape, axis: number): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= shape.length) {
    throw new KindredError({
      rule: `${op} takes an axis of its input`,
      received: `axis ${axis} of ${show(shape)}`,
      next: `Use ${-shape.length} to ${shape.length - 1}`,
    });
  }
  return positive;
}

/**
 * The common shape of two under NumPy's rule: aligned at the last axis, equal sizes or 1. A symbol only meets itself
 * or 1, because its size is not known yet.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new KindredError({
      rule: `${op} needs shapes that broadcast (equal sizes or 1, aligned at the last axis)`,
      received: `${show(a)} and ${show(b)}`,
      next: `Reshape one of them so that ${left} and ${right} on axis ${i - rank} agree`,
    });
  });
}
