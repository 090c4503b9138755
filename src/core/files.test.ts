import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KindredError } from './error.ts';
import { replaceFile, writeAtomically } from './files.ts';

const broken = vi.hoisted(() => ({ write: false }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return {
    ...real,
    writeFileSync: ((...given: Parameters<typeof real.writeFileSync>) => {
      if (!broken.write) return real.writeFileSync(...given);
      real.writeFileSync(given[0], 'half');
      throw noSpace();
    }) as typeof real.writeFileSync,
  };
});

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
}

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'kindred-files-'));
});
afterEach(() => {
  broken.write = false;
  fs.rmSync(folder, { recursive: true, force: true });
});

const file = () => join(folder, 'a.json');
const read = () => fs.readFileSync(file(), 'utf8');

test('writes text and bytes, replaces what was there, leaves nothing else behind', () => {
  writeAtomically(file(), 'one');
  expect(read()).toBe('one');
  writeAtomically(file(), Uint8Array.of(116, 119, 111));
  expect(read()).toBe('two');
  expect(fs.readdirSync(folder)).toEqual(['a.json']);
});

test('a full disk keeps the old file and removes the temporary one', () => {
  writeAtomically(file(), 'old');
  broken.write = true;
  expect(() => writeAtomically(file(), 'new')).toThrow(
    /a\.json could not be written: no space is left on the disk; .*unchanged\. Free some space/,
  );
  expect(read()).toBe('old');
  expect(fs.readdirSync(folder)).toEqual(['a.json']);
});

test('a writer that fails keeps the old file, and its own error is passed on', async () => {
  writeAtomically(file(), 'old');
  const bug = new TypeError('a bug of the caller');
  const failing = replaceFile(file(), (temporary) => {
    fs.appendFileSync(temporary, 'half');
    throw bug;
  });
  await expect(failing).rejects.toBe(bug);
  await expect(replaceFile(file(), () => Promise.reject(noSpace()))).rejects.toThrow(KindredError);
  expect(read()).toBe('old');
  expect(fs.readdirSync(folder)).toEqual(['a.json']);
});

test('a writer gets a path in the same folder with the same extension', async () => {
  let given = '';
  await replaceFile(file(), async (temporary) => {
    given = temporary;
    await fs.promises.writeFile(temporary, 'by a library');
  });
  expect(given.startsWith(folder) && given.endsWith('.json')).toBe(true);
  expect(read()).toBe('by a library');
  expect(fs.readdirSync(folder)).toEqual(['a.json']);
});

test('a link stays a link, and permissions stay', () => {
  writeAtomically(file(), 'old');
  fs.chmodSync(file(), 0o600);
  const link = join(folder, 'link');
  fs.symlinkSync('a.json', link);
  writeAtomically(link, 'new');
  expect(fs.readlinkSync(link)).toBe('a.json');
  expect(read()).toBe('new');
  expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
});

test('places that cannot be written are named with the next action', () => {
  expect(() => writeAtomically(join(folder, 'no', 'a.json'), '')).toThrow(/there is no folder .*no; .*Create it/);
  expect(() => writeAtomically(folder, '')).toThrow(/it is a folder; .*Name a file inside it/);
  expect(() => writeAtomically('/dev/null', '')).toThrow(/not a plain file/);
  writeAtomically(file(), '');
  expect(() => writeAtomically(join(file(), 'b.json'), '')).toThrow(/a\.json is not a folder/);
});

/** Runs `body` on a file system of its own; says why not where that takes rights that we lack. */
function onDisk(options: string, body: (disk: string) => Promise<void> | void) {
  return async (context: { skip: (note: string) => void }) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return context.skip('mounting a small file system needs root');
    }
    try {
      fs.writeFileSync(join(folder, 'a.json'), 'old');
      execFileSync('mount', ['-o', `remount,${options}`, folder], { stdio: 'ignore' });
      await body(folder);
    } finally {
      execFileSync('umount', [folder]);
    }
  };
}

test(
  'a disk that is really full',
  onDisk('size=256k', async (disk) => {
    const path = join(disk, 'a.json');
    expect(() => writeAtomically(path, new Uint8Array(1 << 20))).toThrow(/no space is left/);
    // The way a native library fails: it fills the disk and throws an error that says nothing.
    const native = replaceFile(path, (temporary) => {
      try {
        fs.writeFileSync(temporary, new Uint8Array(1 << 20));
      } catch {
        throw new TypeError('Failed to serialize into stream');
      }
    });
    await expect(native).rejects.toThrow(/no space is left/);
    expect(fs.readdirSync(disk)).toEqual(['a.json']);
    expect(fs.readFileSync(path, 'utf8')).toBe('old');
  }),
);

test(
  'a read-only disk',
  onDisk('ro', (disk) => {
    expect(() => writeAtomically(join(disk, 'a.json'), 'new')).toThrow(/the disk is read-only/);
    expect(fs.readFileSync(join(disk, 'a.json'), 'utf8')).toBe('old');
  }),
);
