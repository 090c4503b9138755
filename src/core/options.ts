import { inspect } from 'node:util';
import { z } from 'zod';
import { KindredError } from './error.ts';
import { nearest } from './nearest.ts';

/**
 * Options checked by their schema, defaults filled in. An error names the path, what was found, what is allowed, and the
 * nearest spelling of a key that does not exist.
 *
 * @param path where these options stand, for the message: `recipe.yaml: objective.loss`
 */
export function parseOptions<Schema extends z.ZodType>(path: string, schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = [path, ...issue.path].join('.');
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path);
    const [key] = issue.keys;
    const meant = nearest(key, allowed);
    throw new KindredError({
      rule: `${at} does not have the key "${key}"`,
      received: `it may hold ${allowed.join(', ') || 'nothing'}`,
      next: meant === undefined ? 'Remove it' : `Did you mean "${meant}"`,
      exitCode: 2,
    });
  }
  const meant =
    issue.code === 'invalid_value' && typeof issue.input === 'string'
      ? nearest(issue.input, issue.values.map(String))
      : undefined;
  throw new KindredError({
    rule: `${at} does not fit`,
    received: `found ${shown(issue.input)}; ${issue.message.replace(/^Invalid [a-z]+: /, '')}`,
    next: meant === undefined ? 'Correct it' : `Did you mean "${meant}"`,
    exitCode: 2,
  });
}

/** A value in a message: on one line, and not the whole of a long one. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 10 });
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** The keys that the schema allows at a path, for messages. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  type Json = { properties?: Record<string, Json>; items?: Json; anyOf?: Json[]; oneOf?: Json[] };
  let levels = [z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Json];
  const opened = (each: Json): Json[] => [each, ...(each.anyOf ?? []), ...(each.oneOf ?? [])];
  for (const key of path) {
    levels = levels.flatMap(opened).flatMap((each) => {
      const below = typeof key === 'number' ? each.items : each.properties?.[String(key)];
      return below === undefined ? [] : [below];
    });
  }
  return [...new Set(levels.flatMap(opened).flatMap((each) => Object.keys(each.properties ?? {})))];
}
