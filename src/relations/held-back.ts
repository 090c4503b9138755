import { createHash } from 'node:crypto';
import { z } from 'zod';

const share = z.number().min(0).max(0.9);

/** Shares of the people of a log that training does not see. */
export const heldBack = z.strictObject({
  validation: share.default(0.15).describe('share of people for choosing'),
  test: share.default(0.15).describe('share of people for reporting'),
});

export type HeldBack = z.output<typeof heldBack>;

const hexadecimal = (share: number): string =>
  Math.min(2 ** 32 - 1, Math.round(share * 2 ** 32))
    .toString(16)
    .padStart(8, '0');

/** The least hash of those that are trained on. */
export const trainedFrom = ({ validation, test }: HeldBack): string => hexadecimal(validation + test);

/**
 * The part of a person, by the first eight hexadecimal digits of the MD5 hash of the id: the same person is in the same part of every
 * log, whatever the seed, and SQL tells the same (`substr(md5(id), 1, 8)`).
 */
export function partOfPerson(id: string, shares: HeldBack): 'train' | 'validation' | 'test' {
  const hash = createHash('md5').update(id).digest('hex').slice(0, 8);
  if (hash < hexadecimal(shares.test)) return 'test';
  return hash < trainedFrom(shares) ? 'validation' : 'train';
}
