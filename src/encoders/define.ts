import type { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import type { Node } from '../graph/node.ts';
import type { Encoder, Scope } from './encoder.ts';

/** An encoder as recipes and code name it: called with options, it gives the encoder; `options` is their schema. */
export interface EncoderDefinition<Schema extends z.ZodType> {
  (options?: z.input<Schema>): Encoder;
  readonly definition: 'encoder';
  readonly options: Schema;
}

/**
 * Defines an encoder in one file: its name (that of the file), its options, and its graph. One that has to read something
 * before it knows its graph gives `open` instead, which makes the encoder of the options.
 */
export function defineEncoder<Schema extends z.ZodType>(
  parts: { readonly name: string; readonly options: Schema } & (
    | { apply(scope: Scope, x: Node, options: z.output<Schema>): Node }
    | { open(options: z.output<Schema>): Omit<Encoder, 'name'> }
  ),
): EncoderDefinition<Schema> {
  const make = (given: unknown = {}): Encoder => {
    const options = parseOptions(parts.name, parts.options, given);
    if ('open' in parts) return { ...parts.open(options), name: parts.name };
    return { name: parts.name, apply: (scope, x) => parts.apply(scope, x, options) };
  };
  return Object.assign(make, { definition: 'encoder' as const, options: parts.options });
}
