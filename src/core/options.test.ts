import { expect, test } from 'vitest';
import { z } from 'zod';
import { KindredError } from './error.ts';
import { parseOptions } from './options.ts';

const schema = z.strictObject({
  margin: z.number().positive().default(0.2),
  distance: z.enum(['cosine', 'squared-euclidean']).default('cosine'),
  hidden: z.array(z.int().positive()).default([512]),
  name: z.string().optional(),
  schedule: z.strictObject({ warmup: z.int(), until: z.number() }).optional(),
});

const messageOf = (given: unknown): string => {
  try {
    parseOptions('recipe.yaml: loss', schema, given);
  } catch (error) {
    expect(error).toBeInstanceOf(KindredError);
    expect((error as KindredError).exitCode).toBe(2);
    return (error as KindredError).message;
  }
  return expect.fail('these options are refused');
};

test('defaults are filled in, and what is given stays', () => {
  expect(parseOptions('loss', schema, {})).toEqual({ margin: 0.2, distance: 'cosine', hidden: [512] });
  expect(parseOptions('loss', schema, { margin: 1, name: 'a' })).toMatchObject({ margin: 1, name: 'a' });
});

test('a key that does not exist: the nearest one is named', () => {
  expect(messageOf({ margn: 1 })).toBe(
    'recipe.yaml: loss does not have the key "margn": it may hold margin, distance, hidden, name, schedule. Did you mean "margin"?',
  );
  expect(messageOf({ colour: 1 })).toMatch(/"colour": it may hold .*\. Remove it\.$/);
});

test('a key that does not exist further down: the keys of that place are named', () => {
  expect(messageOf({ schedule: { warmup: 1, until: 1, warmups: 2 } })).toBe(
    'recipe.yaml: loss.schedule does not have the key "warmups": it may hold warmup, until. Did you mean "warmup"?',
  );
});

test('a value that does not fit: its path, what was found, and what is allowed', () => {
  expect(messageOf({ margin: -1 })).toBe(
    'recipe.yaml: loss.margin does not fit: found -1; Too small: expected number to be >0. Correct it.',
  );
  expect(messageOf({ hidden: [64, 'many'] })).toMatch(/loss\.hidden\.1 does not fit: found "many"; expected number/);
  expect(messageOf({ schedule: { warmup: 1 } })).toMatch(
    /loss\.schedule\.until does not fit: found nothing; expected number/,
  );
});

test('a choice that does not exist: the nearest one is named', () => {
  expect(messageOf({ distance: 'cosin' })).toMatch(
    /found "cosin"; .*"cosine"\|"squared-euclidean". Did you mean "cosine"\?$/,
  );
});

test('what is found is shown whatever it is', () => {
  expect(messageOf({ margin: Number.NaN })).toContain('found NaN');
  expect(messageOf({ margin: Number.POSITIVE_INFINITY })).toContain('found Infinity');
  expect(messageOf({ margin: 3n })).toContain('found 3n');
  expect(messageOf({ margin: () => 1 })).toContain('found a function');
  expect(messageOf({ margin: null })).toContain('found null');
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  expect(messageOf({ margin: endless })).toContain('found <ref *1> { self: [Circular *1] }');
  expect(messageOf('margin')).toContain('recipe.yaml: loss does not fit: found "margin"; expected object');
});

test('what is long is cut', () => {
  expect(messageOf({ margin: 'x'.repeat(10_000) }).length).toBeLessThan(300);
  expect(messageOf({ margin: Array(10_000).fill(1) }).length).toBeLessThan(300);
});

const kinds = z.strictObject({
  rate: z.union([z.number().positive(), z.strictObject({ name: z.literal('cosine'), peak: z.number() })]).default(1),
  view: z
    .discriminatedUnion('name', [
      z.strictObject({ name: z.literal('shift'), pixels: z.int() }),
      z.strictObject({ name: z.literal('flip'), probability: z.number() }),
    ])
    .optional(),
});

test.each([
  [
    { view: { name: 'flop' } },
    'r.view.name does not fit: found "flop"; expected one of "shift"|"flip". Did you mean "flip"?',
  ],
  [{ view: { name: 3 } }, 'r.view.name does not fit: found 3; expected one of "shift"|"flip". Correct it.'],
  [
    { view: { name: 'shift', pixel: 1 } },
    'r.view does not have the key "pixel": it may hold name, pixels. Did you mean "pixels"?',
  ],
  [
    { view: { name: 'flip', pixels: 1 } },
    'r.view does not have the key "pixels": it may hold name, probability. Remove it.',
  ],
  [
    { rate: { name: 'cosin', peak: 1 } },
    'r.rate.name does not fit: found "cosin"; expected one of "cosine". Did you mean "cosine"?',
  ],
  [
    { rate: { name: 'cosine', peak: 'a' } },
    'r.rate.peak does not fit: found "a"; expected number, received string. Correct it.',
  ],
  [{ rate: -1 }, 'r.rate does not fit: found -1; Too small: expected number to be >0. Correct it.'],
])('of alternatives, the one that was meant is spoken of: %j', (given, message) =>
  expect(() => parseOptions('r', kinds, given)).toThrow(message),
);
