import { z } from 'zod';
import { KindredError } from './error.ts';

/** Options checked by their schema, defaults filled in; an error names the first path, what was found, what is allowed. */
export function parseOptions<Schema extends z.ZodType>(of: string, schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new KindredError({
    rule: `The options of ${of} do not fit`,
    received: `${[of, ...issue.path].join('.')}: ${issue.message}`,
    next: `Allowed are ${Object.keys((z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as { properties?: object }).properties ?? {}).join(', ')}`,
    exitCode: 2,
  });
}
