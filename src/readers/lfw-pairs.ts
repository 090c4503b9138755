import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { KindredError } from '../core/error.ts';
import { pictureExtensions } from './picture-files.ts';

/** The pairs of a file, as positions among `pictures`. */
export interface LfwPairs {
  /** Below the folder, each once. */
  readonly pictures: readonly string[];
  /** The person of each picture. */
  readonly person: readonly string[];
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly same: Uint8Array;
  /** Positions of the pairs of each fold. */
  readonly folds: readonly Int32Array[];
}

/**
 * Pairs in the format of Labeled Faces in the Wild: a first line `folds n` (or `n`, of one fold), and for each fold `n` lines `name i j` of
 * pairs that are the same and `n` lines `name i other j` of different ones. Picture `i` of a name is `folder/name/name_000i` with the ending
 * of any picture.
 *
 * @throws KindredError for a file that is not so, with the line, and for pictures that are not there, with the first ones
 */
export function readLfwPairs(path: string, folder: string): LfwPairs {
  const wrong = (
    received: string,
    next = 'Give pairs as those of Labeled Faces in the Wild: "10 300", then "name 1 4" and "name 1 other 2"',
  ) =>
    new KindredError({
      rule: 'A file of pairs says how many, then pairs of each fold, the same first',
      received,
      next,
    });
  if (!existsSync(path)) throw wrong(`there is no ${path}`, 'Name a file of pairs');
  if (!existsSync(folder))
    throw wrong(`there is no folder ${folder}`, 'Name the folder with a folder of pictures for each name');
  const lines = readFileSync(path, 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((text, i) => ({ words: text.trim().split(text.includes('\t') ? /\t/ : /\s+/), at: i + 1, text }))
    .filter(({ text }) => text.trim() !== '');
  const head = lines[0]?.words.map(Number) ?? [];
  if (head.length < 1 || head.length > 2 || !head.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw wrong(`${path} begins with "${lines[0]?.text ?? ''}"`);
  }
  const [count, size] = head.length === 2 ? head : [1, head[0]];
  if (lines.length - 1 !== count * size * 2) {
    throw wrong(`${path} has ${lines.length - 1} pairs; its first line speaks of ${count} x 2 x ${size}`);
  }
  const places = new Map<string, number>();
  const [pictures, person, missing]: [string[], string[], string[]] = [[], [], []];
  const listed = new Map<string, ReadonlySet<string>>();
  const filesOf = (name: string) => {
    const known = listed.get(name);
    if (known !== undefined) return known;
    const found = new Set(existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : []);
    listed.set(name, found);
    return found;
  };
  const placeOf = (name: string, number: string): number => {
    const stem = `${name}_${number.padStart(4, '0')}`;
    const key = `${name}/${stem}`;
    const place = places.get(key);
    if (place !== undefined) return place;
    const isIt = (file: string) => pictureExtensions.some((end) => end === extname(file).toLowerCase());
    const file = [...filesOf(name)].find(
      (each) => each.slice(0, each.length - extname(each).length) === stem && isIt(each),
    );
    if (file === undefined) missing.push(key);
    places.set(key, pictures.length);
    person.push(name);
    return pictures.push(`${name}/${file ?? ''}`) - 1;
  };
  const pairs = lines.slice(1).map(({ words, at, text }, i) => {
    const same = i % (2 * size) < size;
    const numbers = same ? words.slice(1) : [words[1], words[3]];
    const names = same ? [words[0], words[0]] : [words[0], words[2]];
    const fits = words.length === (same ? 3 : 4) && numbers.every((n) => /^\d+$/.test(n)) && names.every(isName);
    if (!fits)
      throw wrong(
        `line ${at} of ${path}, where a pair that is ${same ? 'the same' : 'different'} stands: "${text.slice(0, 80)}"`,
      );
    if (!same && names[0] === names[1]) throw wrong(`line ${at} of ${path}: ${names[0]} differs from itself`);
    return { a: placeOf(names[0], numbers[0]), b: placeOf(names[1], numbers[1]), same };
  });
  if (missing.length > 0) {
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    throw new KindredError({
      rule: 'Every picture of a file of pairs lies in the folder, as NAME/NAME_0001.jpg',
      received: `${folder} has no ${missing.slice(0, 3).join(', ')}${more}`,
      next: 'Name the folder that holds a folder of each name',
    });
  }
  return {
    pictures,
    person,
    a: Int32Array.from(pairs, ({ a }) => a),
    b: Int32Array.from(pairs, ({ b }) => b),
    same: Uint8Array.from(pairs, ({ same }) => Number(same)),
    folds: Array.from({ length: count }, (_, f) => Int32Array.from({ length: 2 * size }, (_, i) => f * 2 * size + i)),
  };
}

/** A folder beside the others, and none above them. */
const isName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\\]/.test(name);
