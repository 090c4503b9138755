import { readFile, stat } from 'node:fs/promises';
import type { Groups } from '../relations/groups.ts';
import type { Items } from '../relations/items.ts';
import { type BadRow, type BadRowOptions, BadRows } from './bad-rows.ts';
import { inParallel, type Skipped } from './decode.ts';
import { labelsOf, mediaFiles, mediaRefusal, whyNot } from './media-files.ts';
import { filesNamed, refusal } from './table-files.ts';
import { decoded, LONG_LINE, LONGEST_LINE, textOf } from './table-row.ts';
import { readLines, textOfFile } from './text-lines.ts';

const items = (ids: string[], texts: string[]): Items => ({
  count: ids.length,
  ids,
  modalities: { text: { kind: 'text', texts } },
});

/**
 * Reads texts with one document a line, from one file, several, or globs. One modality, `text`; ids are line numbers from 1,
 * after the file's path and a colon where there are several files.
 *
 * Spaces around a line are left out, empty lines are passed over. Text is UTF-8, gzip is unzipped, and files are streamed. Bad
 * lines, listed with their number: those that are not UTF-8, and those of more than 16 MiB.
 *
 * Throws a `KindredError` for a file that is missing, empty, binary, UTF-16 or cut short, for more than `limit` bad lines, and
 * where no line is left.
 */
export async function readTextLines(
  paths: string | readonly string[],
  options: BadRowOptions = {},
): Promise<{ items: Items; skipped: BadRow[] }> {
  const files = filesNamed(paths);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const bad = new BadRows(options);
  const ids: string[] = [];
  const texts: string[] = [];
  let before = 0;
  for (const file of files) {
    const refuse = (line: number, column: string | undefined, reason: string) =>
      bad.add(file.path, line, column, reason);
    await readLines(
      file,
      {
        row(row) {
          const text = textOf(row, 0);
          if (text === undefined) return refuse(row.line, undefined, 'wrong encoding: not UTF-8');
          // Other white space than spaces, which are gone, belongs to the text: tabs may part its columns.
          if (text.trim() === '') return;
          ids.push(files.length === 1 ? String(row.line) : `${file.path}:${row.line}`);
          texts.push(text);
        },
        bad: refuse,
      },
      (bytes) => options.progress?.(before + bytes, total),
    );
    before += file.size;
  }
  if (texts.length === 0 && bad.skipped[0]?.reason === LONG_LINE) {
    throw refusal(`${files[0].path} has ${LONG_LINE}, and no other`, 'Read it as one running text, with per: words');
  }
  if (texts.length === 0) throw bad.nothing(files[0].path);
  return { items: items(ids, texts), skipped: bad.skipped };
}

/**
 * Reads one running text as pieces of `words` words (by default 1,000; the last has fewer), for windows of words. Ids are
 * positions, from `'0'`. Any white space parts words; lines mean nothing, so that a corpus of a single line is read as well.
 *
 * Text, streaming, bad lines and errors as {@link readTextLines}; of an enormous line only the piece that is not UTF-8 is left
 * out, about 1 MiB. A word of more than 16 MiB is an error.
 */
export async function readRunningText(
  path: string,
  { words: size = 1000, ...options }: BadRowOptions & { readonly words?: number } = {},
): Promise<{ items: Items; skipped: BadRow[] }> {
  const [file] = filesNamed([path]);
  const bad = new BadRows(options);
  const texts: string[] = [];
  const words: string[] = [];
  let line = 1;
  const take = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; line++) {
      const newline = bytes.indexOf(0x0a, at);
      const end = newline < 0 ? bytes.length : newline;
      const text = decoded(bytes, at, end);
      if (text === undefined) bad.add(path, line, undefined, 'wrong encoding: not UTF-8');
      for (const word of text?.split(/\s+/) ?? []) {
        if (word === '') continue;
        words.push(word);
        if (words.length === size) texts.push(words.splice(0).join(' '));
      }
      if (newline < 0) return;
      at = newline + 1;
    }
  };
  let rest = Buffer.alloc(0);
  for await (const piece of textOfFile(file, (bytes) => options.progress?.(bytes, file.size))) {
    const bytes = Buffer.concat([rest, piece]);
    let cut = bytes.length;
    while (cut > 0 && bytes[cut - 1] > 0x20) cut--;
    take(bytes.subarray(0, cut));
    rest = bytes.subarray(cut);
    if (rest.length > LONGEST_LINE) {
      throw refusal(`${path}, line ${line} has a word longer than 16 MiB`, 'Give a text with spaces between its words');
    }
  }
  take(rest);
  if (words.length > 0) texts.push(words.join(' '));
  if (texts.length === 0) throw bad.nothing(path);
  return {
    items: items(
      Array.from(texts, (_, i) => String(i)),
      texts,
    ),
    skipped: bad.skipped,
  };
}

export interface TextFolderOptions {
  /** A file that cannot be read is an error, not merely left out and listed. Default false. */
  readonly strict?: boolean;
  /** Called after each file. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Reads files with one document each: a folder of `.txt` with one subfolder per class, a flat folder, or a list of files. One
 * modality, `text`. Order, ids, classes, and files beside class folders: `mediaFiles`.
 *
 * Left out with the reason: files that are empty, of more than 16 MiB, binary, or not UTF-8, with the first line that is not.
 * Throws a `KindredError` where no file can be read, and, with `strict`, when anything would be left out.
 */
export async function readTextFiles(
  from: string | readonly string[],
  { strict = false, progress }: TextFolderOptions = {},
): Promise<{ items: Items; groups: Groups | undefined; skipped: Skipped[] }> {
  const { files, classes, skipped: loose } = mediaFiles(from, { name: 'texts', extensions: ['.txt'] });
  const read: (string | { reason: string })[] = new Array(files.length);
  let done = 0;
  await inParallel(files.length, async (i) => {
    read[i] = await readText(files[i].path);
    progress?.(++done, files.length);
  });
  const skipped = [...loose];
  const kept: number[] = [];
  const texts: string[] = [];
  for (const [i, text] of read.entries()) {
    if (typeof text === 'string') {
      kept.push(i);
      texts.push(text);
    } else skipped.push({ path: files[i].path, reason: text.reason });
  }
  if (kept.length === 0 || (strict && skipped.length > 0)) {
    throw mediaRefusal('texts', skipped, files.length + loose.length);
  }
  return {
    items: items(
      kept.map((i) => files[i].id),
      texts,
    ),
    groups: classes ? labelsOf(kept.map((i) => files[i].group as string)) : undefined,
    skipped,
  };
}

async function readText(path: string): Promise<string | { reason: string }> {
  try {
    const file = await stat(path);
    // A pipe would be waited for for ever.
    if (!file.isFile()) return { reason: 'is not a file' };
    if (file.size > LONGEST_LINE) return { reason: 'has more than 16 MiB' };
    const bytes = await readFile(path);
    if (bytes.includes(0)) return { reason: 'has zero bytes: it is binary or UTF-16' };
    const text = decoded(bytes, 0, bytes.length)
      ?.replace(/^\ufeff/, '')
      .trim();
    if (text === '') return { reason: 'has no text' };
    return text ?? { reason: `is not UTF-8 in line ${firstBadLine(bytes)}` };
  } catch (error) {
    return { reason: whyNot(error) };
  }
}

function firstBadLine(bytes: Buffer): number {
  for (let line = 1, at = 0; ; line++) {
    const newline = bytes.indexOf(0x0a, at);
    if (newline < 0 || decoded(bytes, at, newline) === undefined) return line;
    at = newline + 1;
  }
}
