import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test('plain paths stay as they are', () => {
  for (const path of ['runs/demo', 'my_photos-2.yaml', '/a/b@c:d', '../x']) expect(shellWord(path)).toBe(path);
});

test.skipIf(process.platform === 'win32')('a shell takes it for one word', () => {
  const words = ["it's été", 'a b', '$HOME', '`x`', 'a\\b', '写真', "''", '*', '~', '-o', 'a;b', 'a\nb', ''];
  const command = `for w in ${words.map(shellWord).join(' ')}; do printf '%s\\0' "$w"; done`;
  const read = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\0');
  expect(read.slice(0, -1)).toEqual(words.map((word) => (word === '-o' ? './-o' : word)));
});
