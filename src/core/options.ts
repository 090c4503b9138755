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
  const issue = tellingIssue(result.error.issues);
  const at = [path, ...issue.path].join('.');
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path, given);
    const [key] = issue.keys;
    const meant = nearest(key, allowed);
    throw new KindredError({
      rule: `${at} does not have the key "${key}"`,
      received: `it may hold ${allowed.join(', ') || 'nothing'}`,
      next: meant === undefined ? 'Remove it' : `Did you mean "${meant}"`,
      exitCode: 2,
    });
  }
  const found = valueAt(given, issue.path);
  const allowed = wordsOf(issue);
  const meant = typeof found === 'string' ? nearest(found, allowed) : undefined;
  const rule =
    allowed.length > 0
      ? `expected one of ${allowed.map((word) => JSON.stringify(word)).join('|')}`
      : issue.message.replace(/^Invalid [a-z]+: /, '');
  throw new KindredError({
    rule: `${at} does not fit`,
    received: `found ${shown(found)}; ${rule}`,
    next: meant === undefined ? 'Correct it' : `Did you mean "${meant}"`,
    exitCode: 2,
  });
}

type Issue = z.core.$ZodIssue;

/**
 * The issue that says most: a key that does not exist before one that is missing, which it may be a misspelling of; of a
 * union, that of the alternative which was come closest to.
 */
function tellingIssue(issues: readonly Issue[]): Issue {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inside = issue.errors.filter((alternative) => alternative.length > 0).map(tellingIssue);
  const deepest = inside.reduce((a: Issue, b) => (b.path.length > (a === issue ? 0 : a.path.length) ? b : a), issue);
  return deepest === issue ? issue : { ...deepest, path: [...issue.path, ...deepest.path] };
}

/** The words that would have been allowed, where only some are. */
function wordsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options as unknown[]).map(String) : [];
}

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], given);

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

/** The keys that the schema allows at a path, for messages; of alternatives told apart by a word, those of the given one. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[], given: unknown): string[] {
  type Json = { properties?: Record<string, Json>; items?: Json; anyOf?: Json[]; oneOf?: Json[]; const?: unknown };
  let levels = [z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Json];
  const opened = (each: Json, at: readonly PropertyKey[]): Json[] => {
    const value = valueAt(given, at) as Record<string, unknown> | undefined;
    const fits = ({ properties = {} }: Json) =>
      Object.entries(properties).every(([key, { const: word }]) => word === undefined || word === value?.[key]);
    const alternatives = [...(each.anyOf ?? []), ...(each.oneOf ?? [])].filter(fits);
    return [each, ...alternatives.flatMap((alternative) => opened(alternative, at))];
  };
  for (const [i, key] of path.entries()) {
    levels = levels
      .flatMap((each) => opened(each, path.slice(0, i)))
      .flatMap((each) => {
        const below = typeof key === 'number' ? each.items : each.properties?.[String(key)];
        return below === undefined ? [] : [below];
      });
  }
  return [
    ...new Set(levels.flatMap((each) => opened(each, path)).flatMap((each) => Object.keys(each.properties ?? {}))),
  ];
}
