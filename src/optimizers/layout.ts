import { must } from '../core/error.ts';

/** One named parameter: `length` consecutive values, from `start` on, of the flat parameters and gradients. */
export interface ParameterSlice {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  readonly shape: readonly number[];
  /** What kind of parameter it is, for rules that leave some out: `'bias'`, `'norm'`. */
  readonly tags?: readonly string[];
}

/** How the parameters of a model lie in one flat array of `size` values. */
export interface ParameterLayout {
  readonly size: number;
  readonly slices: readonly ParameterSlice[];
}

/** The layout in which `parameters` lie one after the other. A shape of `[]` is one number. */
export function layoutOf(
  parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly tags?: readonly string[];
  }[],
): ParameterLayout {
  let size = 0;
  const slices = parameters.map(({ name, shape, tags = [] }) => {
    const slice = { name, start: size, length: product(shape), shape, tags };
    size += slice.length;
    return slice;
  });
  const layout = { size, slices };
  checkLayout(layout);
  return layout;
}

/**
 * Throws unless the slices have different names, lengths that fit their shapes, and places inside the array that do not
 * overlap. Values between slices are allowed: padding, whose gradients are always 0.
 */
export function checkLayout({ size, slices }: ParameterLayout): void {
  const names = new Set<string>();
  let end = 0;
  let before = 'the start';
  for (const { name, start, length, shape } of [...slices].sort((a, b) => a.start - b.start)) {
    must(!names.has(name), () => ({
      rule: 'Parameters have different names',
      received: `'${name}' twice`,
      next: 'Rename one of them',
    }));
    names.add(name);
    must(length === product(shape), () => ({
      rule: 'A parameter has as many values as its shape says',
      received: `${length} values for '${name}' of shape [${shape.join(', ')}]`,
      next: 'Make the length the product of the shape',
    }));
    must(start >= end && start + length <= size, () => ({
      rule: 'Parameters lie inside the flat array and do not overlap',
      received: `'${name}' at ${start} to ${start + length}, after ${before} which ends at ${end}, in ${size} values`,
      next: 'Correct its start',
    }));
    end = start + length;
    before = `'${name}'`;
  }
}

/** True where a slice has one of `tags`. */
export function hasTag(slice: ParameterSlice, tags: readonly string[]): boolean {
  return slice.tags?.some((tag) => tags.includes(tag)) ?? false;
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
